"""The life of a lead up to its acceptance: waves, offers, and the partner who answers first."""

from datetime import timedelta

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import reroute_lead
from leads.explanations import explain_exclusions
from leads.feedback import return_lead
from leads.models import EventType, Lead, LeadOffer, Wave
from leads.routing import OfferClosed, OfferTaken
from tests.acting import (
    HOUR,
    MINUTE,
    accept,
    again,
    asked,
    decline,
    facts_of,
    ids,
    member,
    messages,
    run_out,
)
from tests.factories import NOON, ContactFactory, Network, count_rows
from tests.messaging import spread

Status = LeadOffer.Status


def test_offers_a_lead_to_partners_nearby_only(network: Network) -> None:
    near = network.partner(postal_code="80331")
    network.partner(postal_code="20095")

    lead = network.lead()

    assert lead.status == Lead.Status.OFFERED
    assert asked(network, lead) == [near.id]


def test_asks_as_many_partners_as_the_wave_says(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(4)

    lead = network.lead()

    assert len(asked(network, lead)) == 2


def test_gives_all_offers_of_a_wave_one_deadline(network: Network) -> None:
    network.policy({"partners": 3, "response_window": 900})
    network.partners(3)

    lead = network.lead()

    assert lead.respond_by == NOON + timedelta(minutes=15)
    assert {offer.respond_by for offer in network.offers(lead)} == {lead.respond_by}
    assert {offer.offered_at for offer in network.offers(lead)} == {NOON}


def test_asks_the_next_partners_when_a_wave_runs_out(network: Network) -> None:
    network.policy({"partners": 1, "radius_km": 10}, {"partners": 2})
    first = network.partner()
    others = [network.partner(postal_code="85221"), network.partner(postal_code="85221")]
    lead = network.lead()

    run_out(lead)

    assert asked(network, lead, wave=1) == [first.id]
    assert set(asked(network, lead, wave=2)) == ids(*others)


def test_skips_a_wave_without_an_eligible_partner_at_once(network: Network) -> None:
    network.policy({"radius_km": 1}, {"radius_km": 5}, {"partners": 2, "radius_km": 30})
    dachau = network.partner(postal_code="85221")

    lead = network.lead()

    assert (lead.wave, lead.step) == (1, 2)
    assert asked(network, lead) == [dachau.id]
    assert lead.respond_by == NOON + HOUR


def test_repeats_the_last_wave_while_eligible_partners_remain(network: Network) -> None:
    network.policy({"partners": 1}, {"partners": 2, "response_window": 60})
    partners = network.partners(5)
    lead = network.lead()

    for _ in range(2):
        run_out(network.again(lead))

    lead = network.again(lead)
    assert (lead.wave, lead.step) == (3, 2)
    assert [len(asked(network, lead, wave=number)) for number in (1, 2, 3)] == [1, 2, 2]
    assert {offer.partner_id for offer in network.offers(lead)} == ids(*partners)


def test_never_asks_a_partner_twice_that_let_it_run_out(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    lead = network.lead()

    run_out(lead)
    run_out(network.again(lead))

    assert network.again(lead).status == Lead.Status.OPEN
    assert len({offer.partner_id for offer in network.offers(lead)}) == 2


def test_gives_the_lead_to_the_first_that_accepts(network: Network) -> None:
    network.policy({"partners": 3})
    network.partners(3)
    lead = network.lead()
    offer = network.offers(lead)[1]

    assignment = accept(offer)

    lead = network.again(lead)
    assert (lead.status, lead.partner_id) == (Lead.Status.ACCEPTED, offer.partner_id)
    assert (lead.respond_by, lead.due_at) == (None, None)
    assert assignment.accepted_at == NOON + MINUTE
    assert assignment.offered_at == NOON
    assert assignment.offer_id == offer.id


def test_withdraws_every_other_offer_at_once(network: Network) -> None:
    network.policy({"partners": 3})
    network.partners(3)
    lead = network.lead()

    accept(network.offers(lead)[0])

    assert [offer.status for offer in network.offers(lead)] == [
        Status.ACCEPTED,
        Status.WITHDRAWN,
        Status.WITHDRAWN,
    ]
    withdrawn = [e for e in network.events(lead) if e.type == EventType.OFFER_WITHDRAWN]
    assert [event.data["because"] for event in withdrawn] == ["taken", "taken"]
    assert {message.subject_id for message in messages(network, "offer_taken")} == {
        offer.id for offer in network.offers(lead)[1:]
    }


def test_refuses_the_second_as_taken(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    first, second = network.offers(network.lead())
    accept(first)

    with pytest.raises(OfferTaken):
        accept(second)


def test_refuses_to_decline_what_another_has_taken_as_taken(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    first, second = network.offers(network.lead())
    accept(first)

    with pytest.raises(OfferTaken):
        decline(second)


def test_answers_the_winners_repeat_with_the_same_assignment(network: Network) -> None:
    network.partner()
    lead = network.lead()
    offer = network.offers(lead)[0]
    first = accept(offer)
    facts = facts_of(network, lead)

    repeat = accept(offer, at=NOON + 3 * HOUR)

    assert repeat == first
    assert repeat.accepted_at == first.accepted_at
    assert facts_of(network, lead) == facts


def test_gives_the_best_match_a_head_start(network: Network) -> None:
    network.policy({"partners": 3, "head_start": 300})
    network.partners(3)

    best, *others = network.offers(network.lead())

    assert best.available_from == NOON
    assert [offer.available_from for offer in others] == [NOON + 5 * MINUTE] * 2
    assert {offer.offered_at for offer in (best, *others)} == {NOON}


def test_holds_a_message_back_with_the_head_start_of_others(network: Network) -> None:
    network.policy({"partners": 2, "head_start": 300})
    network.partners(2)

    best, other = network.offers(network.lead())

    due = {message.subject_id: message.due_at for message in messages(network, "offer_new")}
    assert due == {best.id: NOON, other.id: NOON + 5 * MINUTE}


def test_tells_nobody_of_an_end_whose_offer_was_not_shown_yet(network: Network) -> None:
    network.policy({"partners": 2, "head_start": 300})
    network.partners(2)
    best, _ = network.offers(network.lead())

    accept(best, at=NOON + MINUTE)

    assert messages(network, "offer_taken") == []


def test_counts_the_acceptance_from_when_the_offer_could_be_seen(network: Network) -> None:
    network.policy({"partners": 2, "head_start": 300})
    network.partners(2)
    _, other = network.offers(network.lead())

    assignment = accept(other, at=NOON + 6 * MINUTE)

    assert assignment.offered_at == NOON + 5 * MINUTE


def test_opens_the_next_wave_when_the_last_of_a_wave_declines(network: Network) -> None:
    network.policy({"partners": 2}, {"partners": 1})
    network.partners(3)
    lead = network.lead()
    first, second = network.offers(lead)

    decline(first, at=NOON + MINUTE)
    unchanged = network.again(lead)
    decline(second, at=NOON + 2 * MINUTE)

    lead = network.again(lead)
    assert unchanged.wave == 1
    assert lead.wave == 2
    assert lead.respond_by == NOON + 2 * MINUTE + HOUR


def test_keeps_why_a_partner_declined_and_its_note_out_of_the_log(network: Network) -> None:
    network.partner()
    lead = network.lead()

    offer = decline(network.offers(lead)[0], reason="NO_CAPACITY")

    declined = next(e for e in network.events(lead) if e.type == EventType.OFFER_DECLINED)
    assert again(offer).decline_reason == "NO_CAPACITY"
    assert declined.data == {"offer": str(offer.id), "wave": 1, "reason": "NO_CAPACITY"}


def test_takes_the_same_refusal_twice_as_one(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    lead = network.lead()
    offer = network.offers(lead)[0]
    decline(offer)
    facts = facts_of(network, lead)

    decline(offer, at=NOON + 2 * MINUTE)

    assert facts_of(network, lead) == facts


@pytest.mark.parametrize("status", [Status.DECLINED, Status.WITHDRAWN, Status.RETURNED])
def test_refuses_to_accept_an_offer_that_is_closed(network: Network, status: str) -> None:
    network.partners(2)
    lead = network.lead()
    offer = network.offers(lead)[0]
    close_offer(network, lead, offer, status)

    with pytest.raises(OfferClosed):
        accept(offer)


def close_offer(network: Network, lead: Lead, offer: LeadOffer, status: str) -> None:
    """Bring an offer of an open wave into a state in which it cannot be accepted."""
    if status == Status.DECLINED:
        decline(offer)
    elif status == Status.WITHDRAWN:
        reroute_lead(lead=lead, by=network.by, at=NOON)
    else:
        return_lead(assignment=accept(offer), reason="OTHER", by=network.by, at=NOON + HOUR)


def test_puts_a_lead_that_finds_nobody_on_the_pick_list(network: Network) -> None:
    network.partner(postal_code="20095")

    lead = network.lead()

    assert lead.status == Lead.Status.OPEN
    assert facts_of(network, lead) == [
        EventType.LEAD_RECEIVED,
        EventType.LEAD_UNPLACED,
        EventType.LEAD_ESCALATED,
    ]


def test_alarms_every_dispatcher_when_nobody_is_left(network: Network) -> None:
    dispatcher = member(network, "dora@acme.example", "DISPATCHER")
    member(network, "anna@acme.example", "ANALYST")

    lead = network.lead()

    alarms = spread(network, "lead_escalated")
    alarm = next(e for e in network.events(lead) if e.type == EventType.LEAD_ESCALATED)
    assert {message.subject_id for message in alarms} == {lead.id}
    assert {message.event_id for message in alarms} == {alarm.id}
    assert len(alarms) == 2
    assert f"user:{dispatcher.user_id}" in {message.recipient for message in alarms}


def test_stores_the_alarm_with_the_lead_or_not_at_all(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("leads.notifications.tell_dispatchers", fail)

    with pytest.raises(ConnectionError):
        network.lead()

    assert count_rows(Lead) == 0


def test_keeps_a_decision_also_of_a_wave_that_asked_nobody(network: Network) -> None:
    far = network.partner(postal_code="20095")

    lead = network.lead()

    with tenant_context(network.manufacturer.id):
        wave = Wave.objects.get(lead=lead)
    assert (wave.number, wave.respond_by) == (1, None)
    assert [exclusion["partner"] for exclusion in explain_exclusions(wave)] == [str(far.id)]
    assert wave.excluded_counts == {"outside_area": 1}


def test_keeps_the_policy_version_that_a_wave_began_with(network: Network) -> None:
    network.policy({"partners": 1}, {"partners": 1, "response_window": 60})
    network.partners(4)
    lead = network.lead()
    network.policy({"partners": 3, "response_window": 9_000})

    run_out(lead)

    lead = network.again(lead)
    assert len(asked(network, lead)) == 1
    assert lead.respond_by == NOON + HOUR + MINUTE


def test_notes_who_acted(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()

    accept(network.offers(lead)[0])

    actors = {event.type: event.actor for event in network.events(lead)}
    assert actors[EventType.LEAD_RECEIVED] == "system:test"
    assert actors[EventType.OFFER_ACCEPTED] == f"key:{partner.id}"


def test_keeps_what_names_the_customer_out_of_the_log_and_the_outbox(network: Network) -> None:
    network.partner()
    canary = "Zanderbach"

    lead = network.lead(
        contact=ContactFactory(last_name=canary, email=f"{canary}@example.com"), wish=canary
    )
    decline(network.offers(lead)[0])

    kept = repr([event.data for event in network.events(lead)])
    kept += repr([message.__dict__ for message in messages(network)])
    assert canary.lower() not in kept.lower()
