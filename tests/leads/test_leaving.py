"""What is with a partner that leaves goes on to others, lead by lead."""

from dataclasses import replace
from typing import Any

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.leaving import PartnerStillActive, Remainder, move_on, remainder_of
from leads.models import Lead
from leads.routing import accept_offer
from partners.models import Partner
from partners.network import save_partner
from tests.acting import HOUR, again, facts_of, messages
from tests.factories import NOON, Network, PartnerDetailsFactory
from tests.pages.desks import at_desk, read, text_of

pytestmark = pytest.mark.django_db

LATER = NOON + HOUR / 2


@pytest.fixture
def leaver(network: Network) -> Partner:
    """The only partner so far, with two open offers and three leads in hands."""
    details = PartnerDetailsFactory.build(external_id="P-leaver", name="Leaver")
    partner, _ = save_partner(details=details, by=network.by, at=NOON)
    leads = [network.lead() for _ in range(5)]
    for lead in leads[:3]:
        accept_offer(offer=network.offers(lead)[0], by=network.actor_for(partner), at=NOON)
    network.partner(name="Stayer")
    left = replace(details, status=Partner.Status.LEFT)
    partner, _ = save_partner(details=left, by=network.by, at=NOON)
    return partner


def left_with(network: Network, partner: Partner) -> Remainder:
    with tenant_context(network.manufacturer.id):
        return remainder_of(partner)


def test_everything_goes_on_to_others(network: Network, leaver: Partner) -> None:
    assert left_with(network, leaver) == Remainder(offers=2, in_hands=3)

    with tenant_context(network.manufacturer.id):
        left = move_on(partner=leaver, by=network.by, at=LATER)

    assert left == Remainder(0, 0)
    assert len(messages(network, "lead_taken_back")) == 3
    assert len(messages(network, "offer_withdrawn")) == 2


def test_each_lead_says_why_and_is_on_offer_to_somebody_else(
    network: Network, leaver: Partner
) -> None:
    with tenant_context(network.manufacturer.id):
        move_on(partner=leaver, by=network.by, at=LATER)

    for number, lead in enumerate(_leads(network)):
        facts = facts_of(network, lead)
        taken = "lead.taken_back" if "offer.accepted" in facts else "offer.withdrawn"
        event = next(e for e in network.events(lead) if e.type == taken)
        assert (event.data["because"], event.actor) == ("partner_left", network.by.label), number
        assert again(lead).status == "OFFERED"
        assert network.offers(lead)[-1].partner_id != leaver.id
    assert len(_leads(network)) == 5


def test_a_batch_leaves_the_rest_for_the_next_one(network: Network, leaver: Partner) -> None:
    with tenant_context(network.manufacturer.id):
        counts = [move_on(partner=leaver, by=network.by, at=LATER, limit=2) for _ in range(3)]

    assert [left.leads for left in counts] == [3, 1, 0]


def test_offers_to_others_stay_open(network: Network) -> None:
    first, second = network.partners(2)
    lead = network.lead()
    with tenant_context(network.manufacturer.id):
        Partner.objects.filter(id=first.id).update(status="PAUSED")
        first.refresh_from_db()

        move_on(partner=first, by=network.by, at=LATER)

    statuses = {offer.partner_id: offer.status for offer in network.offers(lead)}
    assert statuses == {first.id: "WITHDRAWN", second.id: "OPEN"}
    assert network.again(lead).wave == 1


def test_a_partner_that_is_active_keeps_its_leads(network: Network) -> None:
    partner = network.partner()
    network.lead()

    with tenant_context(network.manufacturer.id), pytest.raises(PartnerStillActive):
        move_on(partner=partner, by=network.by, at=LATER)

    assert left_with(network, partner).offers == 1


def test_the_page_shows_what_will_be_moved_and_moves_it(network: Network, leaver: Partner) -> None:
    client, address = at_desk(network, "DISPATCHER"), f"/leads/of-partner/{leaver.id}/move/"

    page = read(client, address)
    done = client.post(address, {"total": "5"}, follow=True)

    assert "Move 5 leads on" in page
    assert "Everything that was with this partner went on." in text_of(done)
    assert "Nothing is with this partner" in read(client, address)


def _leads(network: Network) -> list[Any]:
    with tenant_context(network.manufacturer.id):
        return list(Lead.objects.order_by("id"))
