"""How busy partners are, and how they answer."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kpis.selectors import Work, leads_in_hands_of, work_of
from leadhub.core.tenancy.context import tenant_context
from leads.feedback import give_feedback, return_lead
from partners.models import Partner
from tests.acting import HOUR, MINUTE, accept, accepted_lead, decline, holder_of, run_out
from tests.factories import NOON, Network


def work(network: Network, *partners: Partner, since: datetime = NOON) -> dict[UUID, Work]:
    with tenant_context(network.manufacturer.id):
        return work_of(partners, since=since)


def test_a_partner_that_was_never_asked_has_no_work(network: Network) -> None:
    partner = network.partner()

    assert work(network, partner) == {partner.id: Work()}


def test_offers_accepted_declined_and_run_out_were_its_to_answer(network: Network) -> None:
    network.policy({"partners": 1})
    partner = network.partner()
    accepted_lead(network)
    decline(network.offers(network.lead())[0])
    run_out(network.lead())
    network.lead()

    found = work(network, partner)[partner.id]

    assert (found.accepted, found.answered) == (1, 3)
    assert found.last_offered_at == NOON


def test_an_offer_lost_to_another_partner_says_nothing(network: Network) -> None:
    network.policy({"partners": 2})
    winner, loser = network.partner(), network.partner()
    offers = {offer.partner_id: offer for offer in network.offers(network.lead())}
    accept(offers[winner.id])

    found = work(network, winner, loser)

    assert (found[winner.id].accepted, found[winner.id].answered) == (1, 1)
    assert (found[loser.id].accepted, found[loser.id].answered) == (0, 0)


def test_an_offer_given_back_later_was_accepted(network: Network) -> None:
    partner = network.partner()
    given_back = accepted_lead(network)
    return_lead(
        assignment=given_back, reason="WRONG_DATA", by=holder_of(given_back), at=NOON + HOUR
    )

    found = work(network, partner)[partner.id]

    assert (found.accepted, found.answered, found.open_leads) == (1, 1, 0)


def test_offers_before_the_period_and_of_tests_are_not_counted(network: Network) -> None:
    partner = network.partner()
    accepted_lead(network)
    accepted_lead(network, at=NOON + HOUR, is_test=True)

    found = work(network, partner, since=NOON + MINUTE)[partner.id]

    assert (found.accepted, found.answered) == (0, 0)


def test_leads_in_hands_are_those_neither_closed_nor_given_back(network: Network) -> None:
    partner = network.partner()
    won, open_ = accepted_lead(network), accepted_lead(network)
    give_feedback(
        assignment=won, status="WON", value=Decimal(1_000), by=holder_of(won), at=NOON + HOUR
    )

    with tenant_context(network.manufacturer.id):
        leads = [lead.id for lead in leads_in_hands_of(network.by, partner.id)]

    assert leads == [open_.lead_id]
    assert work(network, partner)[partner.id].open_leads == 1
