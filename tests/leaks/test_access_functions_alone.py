"""Access functions alone: nothing leaks where row level security is off."""

from collections.abc import Callable

from leadhub.core.tenancy.context import tenant_context
from tests.contracts.catalogue import tenants_seen
from tests.leaks.actors import Rivals
from tests.leaks.attack import attack
from tests.leaks.layers import without_row_security
from tests.leaks.telling import line_of, told_at

WITHOUT_ROW_SECURITY: dict[str, str] = {}


def test_tells_nothing_where_row_security_is_off(
    rivals: Rivals, report: Callable[[str], None]
) -> None:
    with without_row_security():
        with tenant_context(rivals.networks[0].tenant):
            assert len(tenants_seen("leads_lead")) == len(rivals.networks)
        findings = attack(rivals, at_most=1, is_compared=False)

    report(line_of("access functions alone", findings))
    assert told_at(findings).keys() == WITHOUT_ROW_SECURITY.keys()
