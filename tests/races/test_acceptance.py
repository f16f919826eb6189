"""One lead, one winner: whoever else acts at the same moment."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connections

from leads import routing
from leads.dispatch import LeadNotOnOffer, assign_lead, withdraw_lead
from leads.models import Assignment, Lead, LeadOffer
from leads.routing import OfferClosed, OfferTaken, pick_lead
from tests.acting import HOUR, MINUTE, accept, facts_of
from tests.conftest import wipe
from tests.factories import NOON, Network
from tests.races.holding import Meeting, failures, hold_lock

Status = LeadOffer.Status
# What the database refuses even if nobody locks.
BACKSTOPS = (
    "one_accepted_offer_per_lead", "one_open_assignment_per_lead", "one_event_per_sequence",
)  # fmt: skip


@pytest.fixture
def world(committed: None) -> Network:
    """A committed network that asks two partners at a time."""
    network = Network("acme")
    network.policy({"partners": 2})
    return network


def open_assignments(network: Network, lead: Lead) -> list[Assignment]:
    return [a for a in network.assignments(lead) if a.outcome is None]


def statuses(network: Network, lead: Lead) -> list[str]:
    return sorted(offer.status for offer in network.offers(lead))


def read_without_lock(lead_id: Any) -> Lead:
    """What acceptance would be without the lock: read, then write."""
    return Lead.objects.get(id=lead_id)


def leave_others_alone(*_: Any, **__: Any) -> None:
    """Withdraw nothing: two that withdraw each other's offers would wait for each other."""


def test_gives_a_lead_to_one_of_two_that_accept_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partners(2)
    lead = world.lead()
    first, second = world.offers(lead)
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    results = meeting.race(lambda: accept(first), lambda: accept(second))

    assert failures(results) == [OfferTaken]
    assert meeting.met == 1
    assert len(world.assignments(lead)) == 1
    assert statuses(world, lead) == [Status.ACCEPTED, Status.WITHDRAWN]
    assert world.again(lead).partner_id == world.assignments(lead)[0].partner_id


def test_gives_a_lead_to_one_of_five_that_accept_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.policy({"partners": 5})
    world.partners(5)
    lead = world.lead()
    meeting = Meeting(5, in_order=False)
    hold_lock(monkeypatch, meeting)

    def act(offer: LeadOffer) -> Callable[[], Assignment]:
        return lambda: accept(offer)

    results = meeting.race(*[act(offer) for offer in world.offers(lead)])

    assert failures(results) == [OfferTaken] * 4
    assert len(world.assignments(lead)) == 1


def test_is_stopped_by_the_database_alone_without_the_lock(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the lock both read that the lead is free."""
    world.partners(2)
    lead = world.lead()
    first, second = world.offers(lead)
    meeting = Meeting(2)
    monkeypatch.setattr(routing, "lock_lead", meeting.hold(read_without_lock))

    results = meeting.race(lambda: accept(first), lambda: accept(second))

    assert meeting.met == 2
    assert len(failures(results)) == 1
    assert isinstance(next(r for r in results if isinstance(r, Exception)), DatabaseError)
    assert len(world.assignments(lead)) == 1


@pytest.fixture
def without_backstops(world: Network) -> Iterator[None]:
    """Take the unique constraints away that the database would refuse a second winner by."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid)"
            " FROM pg_constraint c WHERE c.conname = ANY (%s)",
            [list(BACKSTOPS)],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY (%s)"
            " AND indexname <> ALL (%s)",
            [list(BACKSTOPS), [name for name, *_ in constraints]],
        )
        indexes = cursor.fetchall()
        assert len(constraints) + len(indexes) == len(BACKSTOPS)
        for name, table, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        wipe()
        for name, table, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            cursor.execute(definition)


@pytest.mark.usefixtures("without_backstops")
def test_would_have_two_winners_without_lock_and_database(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race is real, for nothing else keeps the two apart."""
    world.partners(2)
    lead = world.lead()
    first, second = world.offers(lead)
    meeting = Meeting(2)
    monkeypatch.setattr(routing, "lock_lead", meeting.hold(read_without_lock))
    monkeypatch.setattr(routing, "withdraw_open_offers", leave_others_alone)

    results = meeting.race(lambda: accept(first), lambda: accept(second))

    assert failures(results) == []
    assert len(open_assignments(world, lead)) == 2


@pytest.mark.usefixtures("without_backstops")
def test_has_one_winner_by_the_lock_alone(world: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    world.partners(2)
    lead = world.lead()
    first, second = world.offers(lead)
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    results = meeting.race(lambda: accept(first), lambda: accept(second))

    assert failures(results) == [OfferTaken]
    assert len(open_assignments(world, lead)) == 1


def test_answers_two_taps_of_the_winner_at_once_with_one_assignment(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partner()
    lead = world.lead()
    offer = world.offers(lead)[0]
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    results = meeting.race(lambda: accept(offer), lambda: accept(offer))

    assert failures(results) == []
    assert results[0] == results[1]
    assert facts_of(world, lead).count("offer.accepted") == 1


@pytest.mark.parametrize("is_accepted_first", [True, False])
def test_is_accepted_or_withdrawn_but_never_both(
    world: Network, monkeypatch: pytest.MonkeyPatch, *, is_accepted_first: bool
) -> None:
    world.partners(2)
    lead = world.lead()
    offer = world.offers(lead)[0]
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)
    acts = [
        lambda: accept(offer),
        lambda: withdraw_lead(lead=lead, by=world.by, at=NOON + MINUTE),
    ]

    results = meeting.race(*(acts if is_accepted_first else reversed(acts)))

    assert failures(results) == [LeadNotOnOffer if is_accepted_first else OfferClosed]
    assert world.again(lead).status == ("ACCEPTED" if is_accepted_first else "WITHDRAWN")
    assert len(world.assignments(lead)) == is_accepted_first
    assert Status.OPEN not in statuses(world, lead)


@pytest.mark.parametrize("is_accepted_first", [True, False])
def test_is_accepted_or_assigned_but_never_both(
    world: Network, monkeypatch: pytest.MonkeyPatch, *, is_accepted_first: bool
) -> None:
    world.partners(2)
    chosen = world.partner(postal_code="20095")
    lead = world.lead()
    offer = world.offers(lead)[0]
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)
    acts: list[Callable[[], object]] = [
        lambda: accept(offer),
        lambda: assign_lead(lead=lead, partner=chosen, by=world.by, at=NOON + MINUTE),
    ]

    results = meeting.race(*(acts if is_accepted_first else reversed(acts)))

    assert failures(results) == [LeadNotOnOffer if is_accepted_first else OfferTaken]
    assert [a.partner_id for a in world.assignments(lead)] == [
        offer.partner_id if is_accepted_first else chosen.id
    ]
    assert Status.OPEN not in statuses(world, lead)


def test_gives_a_lead_on_the_pick_list_to_one_of_two(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = world.lead()
    first, second = (world.actor_for(partner) for partner in world.partners(2))
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    results = meeting.race(
        lambda: pick_lead(lead=lead, by=first, at=NOON + HOUR),
        lambda: pick_lead(lead=lead, by=second, at=NOON + HOUR),
    )

    assert failures(results) == [OfferTaken]
    assert [a.partner_id for a in world.assignments(lead)] == [first.partner_id]
