"""Deadlines and answers at the same moment: a wave ends once, and the next one opens once."""

from collections.abc import Callable

import pytest

from leads import escalation
from leads.escalation import sweep
from leads.models import Lead, LeadOffer
from leads.routing import end_wave
from tests.acting import HOUR, MINUTE, accept, decline, facts_of
from tests.factories import NOON, Network
from tests.races.holding import Meeting, failures, hold_at, hold_lock

Status = LeadOffer.Status


@pytest.fixture
def world(committed: None) -> Network:
    """A committed network that asks two partners at a time, without end."""
    network = Network("acme")
    network.policy({"partners": 2})
    return network


def hold_claim(patch: pytest.MonkeyPatch, meeting: Meeting) -> None:
    """Hold a sweep right after it has claimed a lead, and an acceptance after it has locked it."""
    hold_at(patch, meeting, "leads.escalation.claim_overdue_leads")
    hold_lock(patch, meeting)


@pytest.mark.parametrize("late_answers", [True, False])
def test_answers_an_acceptance_that_comes_while_the_wave_is_being_ended(
    world: Network, monkeypatch: pytest.MonkeyPatch, *, late_answers: bool
) -> None:
    world.policy({"partners": 2}, late_answers=late_answers)
    world.partners(4)
    lead = world.lead()
    offer = world.offers(lead)[0]
    meeting = Meeting(2)
    hold_claim(monkeypatch, meeting)

    results = meeting.race(
        lambda: sweep(at=NOON + HOUR), lambda: accept(offer, at=NOON + HOUR - MINUTE)
    )

    facts = facts_of(world, lead)
    assert failures(results) == []
    assert facts.count("lead.wave_opened") == 2
    assert facts.count("offer.expired") == 2
    assert not any(o.status == Status.OPEN for o in world.offers(lead))
    assert len(world.assignments(lead)) == 1


def test_passes_over_a_lead_that_is_being_accepted(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partners(4)
    lead = world.lead()
    offer = world.offers(lead)[0]
    meeting = Meeting(2)
    hold_claim(monkeypatch, meeting)

    results = meeting.race(lambda: accept(offer, at=NOON + HOUR), lambda: sweep(at=NOON + HOUR))

    assert failures(results) == []
    assert results[1] == 0
    assert facts_of(world, lead).count("lead.wave_opened") == 1
    assert world.again(lead).status == Lead.Status.ACCEPTED


def test_ends_each_wave_once_with_several_sweeps_at_work(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partners(4)
    leads = [world.lead() for _ in range(6)]
    meeting = Meeting(3, in_order=False)
    hold_claim(monkeypatch, meeting)

    def act() -> int:
        return sweep(at=NOON + HOUR)

    results = meeting.race(act, act, act)

    assert failures(results) == []
    assert sum(results) == len(leads)
    assert meeting.met == 3
    assert [world.again(lead).wave for lead in leads] == [2] * len(leads)
    assert [facts_of(world, lead).count("offer.expired") for lead in leads] == [2] * len(leads)


def test_batches_at_once_ask_nobody_beyond_its_cap(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a batch has decided and not written yet, another one has to wait for."""
    monkeypatch.setattr(escalation, "AT_ONCE", 3)
    world.policy({"partners": 1})
    world.partner()
    leads = [world.lead() for _ in range(6)]
    capped = world.partner(cap_per_day=4)
    meeting = Meeting(2, in_order=False)
    hold_claim(monkeypatch, meeting)

    def act() -> int:
        return sweep(at=NOON + HOUR)

    results = meeting.race(act, act)

    asked = [offer.partner_id for lead in leads for offer in world.offers(lead)]
    assert failures(results) == []
    assert (sum(results), meeting.met) == (6, 2)
    assert asked.count(capped.id) == 4


def test_ends_a_wave_once_if_two_want_to(world: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    world.partners(4)
    lead = world.lead()
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    def act() -> bool:
        return end_wave(lead=lead, at=NOON + HOUR)

    assert meeting.race(act, act) == [True, False]
    assert world.again(lead).wave == 2


def test_opens_one_next_wave_when_the_last_two_decline_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partners(4)
    lead = world.lead()
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    def act(offer: LeadOffer) -> Callable[[], LeadOffer]:
        return lambda: decline(offer)

    results = meeting.race(*[act(offer) for offer in world.offers(lead)])

    assert failures(results) == []
    assert world.again(lead).wave == 2
    assert facts_of(world, lead).count("lead.wave_opened") == 2
    assert [offer.status for offer in world.offers(lead) if offer.wave == 2] == [Status.OPEN] * 2


@pytest.mark.parametrize("is_accepted_first", [True, False])
def test_opens_no_wave_when_one_declines_and_the_other_accepts(
    world: Network, monkeypatch: pytest.MonkeyPatch, *, is_accepted_first: bool
) -> None:
    world.partners(4)
    lead = world.lead()
    first, second = world.offers(lead)
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)
    acts: list[Callable[[], object]] = [lambda: accept(first), lambda: decline(second)]

    results = meeting.race(*(acts if is_accepted_first else reversed(acts)))

    assert len(failures(results)) == is_accepted_first
    assert world.again(lead).status == Lead.Status.ACCEPTED
    assert world.again(lead).wave == 1
