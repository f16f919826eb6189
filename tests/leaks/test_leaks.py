"""No byte crosses tenants or partners: everything tried on every address, by everybody.

Three networks compete, every free text holds a canary, and whatever an address, a query or a body
can name is named by people and programs to whom it is none of their business. A foreign thing is
to be answered like one that does not exist, to the byte.
"""

import pytest

from leadhub.core.tenancy.context import tenant_context
from tests.contracts.catalogue import tenants_seen
from tests.leaks.actors import Rivals, gather
from tests.leaks.addresses import addresses
from tests.leaks.attack import Findings, attack
from tests.leaks.layers import without_access_functions, without_row_security
from tests.reporting import report

# Addresses without a positive control here, each with where they have one.
CONTROLLED_ELSEWHERE = {
    "partner-person-remove": "a last manager stays; the tests of people remove others",
    "person-invitation": "asks for a secret from a mail; the tests of people have one",
    "partner-pick-list-pick": "whoever picks is led on, whether the lead was there or not; what "
    "became of it, the pages' own tests look at",
}
# What one layer alone lets through, each with its reason: address -> why.
MATCHING_DECIDES = "which partner may pick an open lead, matching decides and no policy can"
WITHOUT_ACCESS_FUNCTIONS = {
    "api-lead": MATCHING_DECIDES,
    "api-pick-list": MATCHING_DECIDES,
    "partner-pick-list": MATCHING_DECIDES,
}
WITHOUT_ROW_SECURITY: dict[str, str] = {}


@pytest.fixture
def rivals(db: None) -> Rivals:
    """Three networks and everybody who asks."""
    return gather()


def tell(configuration: str, findings: Findings) -> None:
    """Have the number of cases printed when the tests are over."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(findings.cases.items()))
    report(
        f"leaks, {configuration}: {findings.cases.total():,} cases ({kinds}), "
        f"{len(findings.told)} leaking"
    )


def told_at(findings: Findings) -> dict[str, set[str]]:
    """Address -> who was told there what is not theirs, how, and how many words of it."""
    found: dict[str, set[str]] = {}
    for (asker, method, address), secrets in findings.told.items():
        found.setdefault(address, set()).add(f"{method} by {asker}: {len(secrets)}")
    return found


def test_tells_nobody_what_is_not_theirs(rivals: Rivals) -> None:
    findings = attack(rivals, at_most=2)

    tell("all layers", findings)
    assert told_at(findings) == {}
    assert findings.different == set()
    assert findings.broken == set()
    # What nobody may see would be told to nobody by a server that answers nothing.
    missing = {address.name for address in addresses()} - findings.in_control
    # Which colleague is tried first, and so may be removed, the keys of rows decide.
    assert missing - CONTROLLED_ELSEWHERE.keys() == set()


def test_tells_nothing_where_access_functions_forget_to_narrow(rivals: Rivals) -> None:
    with without_access_functions() as replaced:
        assert replaced >= {"leads_visible_to", "offers_visible_to", "partners_visible_to"}
        findings = attack(rivals, at_most=1)

    tell("row level security alone", findings)
    assert told_at(findings).keys() == WITHOUT_ACCESS_FUNCTIONS.keys(), findings.told


def test_tells_nothing_where_row_security_is_off(rivals: Rivals) -> None:
    with without_row_security():
        with tenant_context(rivals.networks[0].tenant):
            assert len(tenants_seen("leads_lead")) == len(rivals.networks)
        findings = attack(rivals, at_most=1)

    tell("access functions alone", findings)
    assert told_at(findings).keys() == WITHOUT_ROW_SECURITY.keys()


def test_every_free_text_holds_a_canary(rivals: Rivals) -> None:
    assert len(rivals.sown) > 30, rivals.sown
