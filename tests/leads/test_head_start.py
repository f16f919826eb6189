"""A head start hides an offer by access functions too, whatever the database shows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.inbox import find_offer_to, glance_at_offer, glance_at_offers
from leads.models import LeadOffer
from leads.selectors import offers_visible_to
from partners.models import Partner
from tests.factories import NOON, Network

HEAD_START = timedelta(minutes=10)


@pytest.fixture
def behind(network: Network) -> LeadOffer:
    """An offer to the second best, behind a head start of the best."""
    network.policy({"partners": 2, "head_start": HEAD_START.seconds})
    network.partners(2)
    return network.offers(network.lead(at=NOON))[1]


def found_by(network: Network, offer: LeadOffer, at: Any) -> list[UUID]:
    """The offer as each way to read it finds it, in a context that shows every offer."""
    with tenant_context(network.manufacturer.id):
        partner = Partner.objects.get(id=offer.partner_id)
        actor, mine = network.actor_for(partner), [partner.id]
        found = find_offer_to(mine, offer.id, at=at)
        glance = glance_at_offer(mine, offer.id, at=at)
        return [
            *(one.id for one in offers_visible_to(actor, at=at)),
            *(one.offer_id for one in glance_at_offers(mine, at=at)),
            *([found.id] if found else []),
            *([glance.offer_id] if glance else []),
        ]


def test_is_found_by_nobody_before_the_head_start_is_over(
    network: Network, behind: LeadOffer
) -> None:
    assert found_by(network, behind, NOON + HEAD_START - timedelta(seconds=1)) == []


def test_is_found_as_soon_as_the_head_start_is_over(network: Network, behind: LeadOffer) -> None:
    assert found_by(network, behind, NOON + HEAD_START) == [behind.id] * 4
