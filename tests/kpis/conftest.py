"""A tenant to have figures of."""

import pytest

from tests.kpis.worlds import Tenant, make_tenant


@pytest.fixture
def acme(db: None) -> Tenant:
    """A manufacturer in Berlin's time zone with partners A, B, C and three product lines."""
    return make_tenant("acme")


@pytest.fixture
def stranger(db: None) -> Tenant:
    """Another manufacturer with partners and product lines of the same names."""
    return make_tenant("stranger")
