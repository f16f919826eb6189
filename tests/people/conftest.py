"""People of one network: two of the manufacturer's, and one of a partner."""

import pytest

from leadhub.core.tenancy.context import system_context
from partners.models import Membership, User
from tests.acting import member
from tests.factories import Network

PASSWORD = "x"  # noqa: S105 - of people who do not exist
STAFF, REP = "dana@acme.example", "rep@partner.example"


@pytest.fixture
def dispatcher(network: Network) -> Membership:
    """Somebody of the manufacturer's."""
    return member(network, STAFF, "DISPATCHER")


@pytest.fixture
def rep(network: Network) -> Membership:
    """Somebody of a partner's."""
    return member(network, REP, "PARTNER_REP", network.partner())


def user_of(membership: Membership) -> User:
    """The person of a membership, as they are now."""
    with system_context("test"):
        return User.objects.get(id=membership.user_id)
