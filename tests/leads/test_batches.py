"""A batch of leads moved on at once: the same decisions as one lead after the other."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads import escalation
from leads.escalation import BATCH_TIME, PUT_OFF, SHARE, sweep
from leads.locks import Claimed, claim_overdue_leads, read_claimed_leads
from leads.models import Assignment, Lead, LeadEvent, LeadOffer, PartnerStanding, Wave
from leads.routing import end_waves
from tests.acting import HOUR, MINUTE, accept
from tests.factories import NOON, Network

AFTER = NOON + HOUR
TOWNS = ("80331", "85221", "86150")


@pytest.fixture
def patient(network: Network) -> Network:
    """A network that asks one partner an hour, and has three."""
    network.policy({"partners": 1})
    network.partners(3)
    return network


def everything() -> dict[str, list[Any]]:
    """What a sweep writes, without the ids that are new each time."""
    models: dict[Any, Sequence[str]] = {
        Lead: ("id", "status", "wave", "step", "respond_by", "due_at", "partner_id"),
        LeadOffer: ("lead_id", "wave", "rank", "partner_id", "status", "available_from"),
        LeadEvent: ("lead_id", "sequence", "type", "partner_id", "at", "actor"),
        Wave: ("lead_id", "number", "matches", "excluded", "excluded_counts", "is_cut"),
        PartnerStanding: ("partner_id", "open_assignments", "last_offered_at"),
        Assignment: ("id", "outcome", "contact_due_at", "contact_step", "feedback_told_at"),
        Delivery: ("kind", "recipient", "due_at", "channel"),
    }
    with system_context("test"):
        return {
            model.__name__: sorted(map(str, model.objects.values_list(*columns)))
            for model, columns in models.items()
        }


def fill(network: Network, chance: Random) -> None:
    """Let leads be on offer and in hands, of partners near and far of which some have caps."""
    waves: list[dict[str, Any]] = [{"partners": chance.randint(1, 3)}, {"partners": 2}]
    waves[0] |= {"head_start": chance.choice([0, 600])}
    waves[1] |= {"radius_km": chance.choice([None, 40])}
    network.policy(
        *waves, take_back=True, strategy=chance.choice(["BALANCED", "ROUND_ROBIN", "NEAREST"])
    )
    for _ in range(7):
        network.partner(
            postal_code=chance.choice(TOWNS),
            radius_km=chance.choice([30.0, 70.0]),
            cap_per_day=chance.choice([None, None, 3, 5]),
            cap_open=chance.choice([None, None, 2]),
        )
    for _ in range(9):
        lead = network.lead(
            postal_code=chance.choice(TOWNS), at=NOON - chance.randint(0, 30) * MINUTE
        )
        offers = network.offers(lead)
        if offers and chance.random() < 0.4:
            accept(offers[0], at=NOON + MINUTE)


@pytest.mark.parametrize("seed", range(5))
def test_decides_as_if_each_were_written_before_the_next(
    network: Network, other_network: Network, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - the same each time
    fill(network, chance)
    fill(other_network, chance)

    moved = 0
    for hours in (1, 2, 3, 4):
        at = NOON + hours * HOUR + MINUTE
        before = everything()
        with transaction.atomic(), monkeypatch.context() as patch:
            patch.setattr(escalation, "AT_ONCE", 1)
            one_by_one = sweep(at=at), everything()
            transaction.set_rollback(True)
        assert everything() == before
        together = sweep(at=at), everything()

        assert together == one_by_one
        moved += together[0]
    assert moved > 20


def test_asks_no_partner_beyond_its_cap_within_a_batch(network: Network) -> None:
    network.policy({"partners": 1})
    first = network.partner()
    for _ in range(4):
        network.lead()
    capped = network.partner(cap_per_day=2)

    moved = sweep(at=AFTER)

    assert moved == 4
    assert offers_to(capped.id) == 2
    assert offers_to(first.id) == 4


def test_lets_those_rest_who_were_asked_earlier_in_the_batch(network: Network) -> None:
    network.policy({"partners": 1}, strategy="ROUND_ROBIN")
    network.partner()
    for _ in range(6):
        network.lead()
    rested = network.partners(3)

    sweep(at=AFTER)

    assert [offers_to(partner.id) for partner in rested] == [2, 2, 2]


def offers_to(partner_id: UUID) -> int:
    with system_context("test"):
        return LeadOffer.objects.filter(partner_id=partner_id).count()


def test_moves_on_all_others_of_a_batch_in_which_one_is_broken(
    patient: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    leads = [patient.lead(at=NOON - number * MINUTE) for number in range(5)]
    broken = leads[2]

    def fail_after_writing(*, leads: Sequence[Lead], **rest: Any) -> int:
        done = end_waves(leads=leads, **rest)
        if any(lead.id == broken.id for lead in leads):
            raise LookupError
        return done

    monkeypatch.setattr(escalation, "end_waves", fail_after_writing)

    moved = [sweep(at=AFTER), sweep(at=AFTER)]

    assert moved == [4, 0]
    assert [patient.again(lead).wave for lead in leads] == [2, 2, 1, 2, 2]
    assert patient.again(broken).due_at == AFTER + PUT_OFF
    assert caplog.text.count(str(broken.id)) == 1


def test_a_tenant_with_very_many_does_not_keep_the_others_waiting(
    patient: Network, other_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "AT_ONCE", 2)
    monkeypatch.setattr(escalation, "SHARE", 2)
    many = [patient.lead(at=NOON - HOUR) for _ in range(5)]
    other_network.partner()
    young = other_network.lead()

    moved = sweep(at=AFTER, limit=3)
    after_share = other_network.again(young).status
    rest = sweep(at=AFTER)

    assert (moved, rest) == (3, 3)
    assert after_share == "OPEN"
    assert {patient.again(lead).wave for lead in many} == {2}
    assert SHARE > 2


def test_begins_to_look_where_it_stopped(patient: Network) -> None:
    leads = [patient.lead(at=NOON - number * MINUTE) for number in range(3)]
    old, middle, young = reversed(leads)

    with system_context("test"):
        first = claim_overdue_leads(at=AFTER, limit=1)
        rest = claim_overdue_leads(at=AFTER, limit=9, after=first[0].place)

    assert [lead.place.id for lead in first] == [old.id]
    assert [lead.place.id for lead in rest] == [middle.id, young.id]


def test_reads_what_it_claimed_whole_and_the_longest_overdue_first(patient: Network) -> None:
    leads = [patient.lead(at=NOON - number * MINUTE) for number in range(3)]

    with system_context("test"):
        claimed = claim_overdue_leads(at=AFTER, limit=9)
        read = read_claimed_leads([lead.id for lead in leads])

    assert [((lead.due_at, lead.id), lead.manufacturer_id) for lead in read] == claimed
    assert [lead.id for lead in read] == [lead.id for lead in reversed(leads)]
    assert all(lead.get_deferred_fields() == set() for lead in read)


def test_looks_once_more_from_the_beginning_before_it_stops(
    patient: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody else held when the sweep came by, and let go, is not left for later."""
    late, early = patient.lead(), patient.lead(at=NOON - MINUTE)
    held = [early.id]

    def claim(**asked: Any) -> list[Claimed]:
        found = [lead for lead in claim_overdue_leads(**asked) if lead.place.id not in held]
        held.clear()
        return found

    monkeypatch.setattr(escalation, "claim_overdue_leads", claim)

    moved = sweep(at=AFTER)

    assert moved == 2
    assert [patient.again(lead).wave for lead in (late, early)] == [2, 2]


@pytest.mark.parametrize(
    ("size", "times_too_long", "following"),
    [(50, 0.04, 50), (50, 2, 25), (50, 400, 1), (10, 0.04, 20), (1, 1.2, 1), (1, 0.4, 2)],
)
def test_makes_batches_smaller_where_they_take_too_long(
    size: int, times_too_long: float, following: int
) -> None:
    assert escalation._next_size(size, times_too_long * BATCH_TIME) == following


def test_nothing_is_early_in_a_batch(patient: Network) -> None:
    due, not_yet = patient.lead(), patient.lead(at=NOON + timedelta(microseconds=1))

    moved = end_waves_of(due, not_yet)

    assert moved == 1
    assert [patient.again(lead).wave for lead in (due, not_yet)] == [2, 1]


def end_waves_of(*leads: Lead) -> int:
    with system_context("test"):
        locked = list(Lead.objects.select_for_update().filter(id__in=[lead.id for lead in leads]))
        return end_waves(leads=locked, at=AFTER)
