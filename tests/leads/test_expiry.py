"""What happens when an offer's deadline passes, and to those who answer late."""

from datetime import timedelta

import pytest

from leads.models import EventType, Lead, LeadOffer
from leads.routing import OfferClosed, OfferTaken, end_wave
from tests.acting import HOUR, MINUTE, accept, again, decline, facts_of, run_out
from tests.factories import NOON, Network

Status = LeadOffer.Status


def test_leaves_a_wave_alone_until_its_deadline(network: Network) -> None:
    network.partner()
    lead = network.lead()

    has_ended = end_wave(lead=lead, at=NOON + HOUR - timedelta(microseconds=1))

    assert not has_ended
    assert network.offers(lead)[0].status == Status.OPEN


def test_lets_offers_run_out_at_the_deadline(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    lead = network.lead()

    run_out(lead, at=NOON + HOUR)

    assert [offer.status for offer in network.offers(lead)] == [Status.EXPIRED] * 2


def test_stamps_an_expiry_with_the_deadline_and_the_next_wave_with_now(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    lead = network.lead()

    run_out(lead, at=NOON + 5 * HOUR)

    at = {event.type: event.at for event in network.events(lead)}
    assert at[EventType.OFFER_EXPIRED] == NOON + HOUR
    assert at[EventType.WAVE_OPENED] == NOON + 5 * HOUR
    assert network.again(lead).respond_by == NOON + 6 * HOUR


def test_ends_a_wave_once_however_often_it_is_asked_to(network: Network) -> None:
    network.partners(2)
    lead = network.lead()
    run_out(lead)
    facts = facts_of(network, lead)

    has_ended = end_wave(lead=lead, at=NOON + HOUR)

    assert not has_ended
    assert facts_of(network, lead) == facts


def test_lets_those_run_out_only_who_have_not_answered(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    lead = network.lead()
    first, second = network.offers(lead)
    decline(first)

    run_out(lead)

    assert again(first).status == Status.DECLINED
    assert again(second).status == Status.EXPIRED
    assert facts_of(network, lead).count(EventType.OFFER_EXPIRED) == 1


def test_accepts_a_late_answer_as_long_as_nobody_has_the_lead(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    lead = network.lead()
    late = network.offers(lead)[0]
    run_out(lead)

    accept(late, at=NOON + 90 * MINUTE)

    assert network.again(lead).partner_id == late.partner_id
    assert [offer.status for offer in network.offers(lead)] == [Status.ACCEPTED, Status.WITHDRAWN]
    accepted = next(e for e in network.events(lead) if e.type == EventType.OFFER_ACCEPTED)
    assert accepted.data["is_late"] is True


def test_accepts_a_late_answer_from_the_pick_list(network: Network) -> None:
    network.partner()
    lead = network.lead()
    run_out(lead)
    assert network.again(lead).status == Lead.Status.OPEN

    accept(network.offers(lead)[0], at=NOON + 2 * HOUR)

    assert network.again(lead).status == Lead.Status.ACCEPTED


def test_accepts_an_answer_after_the_deadline_that_no_sweep_has_noticed(network: Network) -> None:
    network.partner()
    lead = network.lead()

    accept(network.offers(lead)[0], at=NOON + HOUR)

    accepted = next(e for e in network.events(lead) if e.type == EventType.OFFER_ACCEPTED)
    assert accepted.data["is_late"] is True
    assert network.again(lead).status == Lead.Status.ACCEPTED


@pytest.mark.parametrize("is_noticed", [True, False], ids=["swept", "not swept yet"])
def test_refuses_late_answers_if_the_policy_does(network: Network, *, is_noticed: bool) -> None:
    network.policy({"partners": 1}, late_answers=False)
    network.partner()
    lead = network.lead()
    offer = network.offers(lead)[0]
    if is_noticed:
        run_out(lead)

    with pytest.raises(OfferClosed):
        accept(offer, at=NOON + HOUR)


def test_accepts_until_the_last_moment_if_late_answers_are_refused(network: Network) -> None:
    network.policy({"partners": 1}, late_answers=False)
    network.partner()
    lead = network.lead()

    accept(network.offers(lead)[0], at=NOON + HOUR - timedelta(microseconds=1))

    assert network.again(lead).status == Lead.Status.ACCEPTED


def test_refuses_a_late_answer_when_another_has_the_lead(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    lead = network.lead()
    late = network.offers(lead)[0]
    run_out(lead)
    accept(network.offers(lead)[1], at=NOON + 61 * MINUTE)

    with pytest.raises(OfferTaken):
        accept(late, at=NOON + 62 * MINUTE)


def test_refuses_to_decline_what_has_run_out(network: Network) -> None:
    network.partner()
    lead = network.lead()
    run_out(lead)

    with pytest.raises(OfferClosed):
        decline(network.offers(lead)[0], at=NOON + 2 * HOUR)


def test_takes_a_refusal_between_the_deadline_and_its_notice(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    lead = network.lead()

    decline(network.offers(lead)[0], at=NOON + 61 * MINUTE)

    assert network.again(lead).wave == 2
