"""Row level security alone: nothing leaks where access functions forget to narrow."""

from collections.abc import Callable

from tests.leaks.actors import Rivals
from tests.leaks.attack import attack
from tests.leaks.layers import without_access_functions
from tests.leaks.telling import line_of, told_at

# What one layer alone lets through, each with its reason: address -> why.
MATCHING_DECIDES = "which partner may pick an open lead, matching decides and no policy can"
WITHOUT_ACCESS_FUNCTIONS = {
    "api-lead": MATCHING_DECIDES,
    "api-pick-list": MATCHING_DECIDES,
    "partner-pick-list": MATCHING_DECIDES,
}


def test_tells_nothing_where_access_functions_forget_to_narrow(
    rivals: Rivals, report: Callable[[str], None]
) -> None:
    with without_access_functions() as replaced:
        assert replaced >= {"leads_visible_to", "offers_visible_to", "partners_visible_to"}
        findings = attack(rivals, at_most=1, is_compared=False)

    report(line_of("row level security alone", findings))
    assert told_at(findings).keys() == WITHOUT_ACCESS_FUNCTIONS.keys(), findings.told
