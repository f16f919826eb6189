"""Picks as figures count them: what the log says, whoever appends to it, and nothing else."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from leadhub.core.tenancy.context import partner_context, system_context, tenant_context
from leads.dispatch import assign_lead, judge_return, reroute_lead
from leads.erasure import erase_lead
from leads.feedback import close_lead, give_feedback, record_contact, reopen_lead, return_lead
from leads.models import Assignment, Lead, Pick
from leads.picks import Difference, compare_picks, rebuild_picks
from tests.acting import HOUR, MINUTE, accept, accepted_lead, holder_of
from tests.factories import NOON, Network

ACCEPTED = NOON + MINUTE
LATER = NOON + HOUR


def pick_of(held: Assignment) -> Pick:
    with tenant_context(held.manufacturer_id):
        return Pick.objects.get(assignment=held)


def differences(network: Network) -> list[Difference]:
    return list(compare_picks(network.manufacturer.id, on_progress=lambda _: None))


def change_picks(network: Network, **fields: Any) -> None:
    """Plant a difference, as somebody could who may write the table."""
    with tenant_context(network.manufacturer.id):
        Pick.objects.update(**fields)


@pytest.fixture
def held(network: Network) -> Assignment:
    """A lead that a partner accepted a minute after noon, and another one that sells the same."""
    network.partners(2)
    return accepted_lead(network)


def report(held: Assignment, status: str, *, at: datetime = LATER, **answers: Any) -> None:
    give_feedback(assignment=held, status=status, by=holder_of(held), at=at, **answers)


def test_an_acceptance_is_a_pick_at_once(held: Assignment) -> None:
    pick = pick_of(held)

    assert (pick.offered_at, pick.accepted_at) == (NOON, ACCEPTED)
    assert (pick.acceptance_time, pick.contact_time, pick.processing_time) == (60, None, None)
    assert (pick.lead_id, pick.partner_id) == (held.lead_id, held.partner_id)
    assert (pick.ending, pick.has_feedback, pick.attempts) == (None, False, 0)


def test_a_contact_counts_from_when_it_happened(held: Assignment) -> None:
    for is_reached, at in ((False, 5), (True, 10)):
        record_contact(
            assignment=held,
            is_reached=is_reached,
            contacted_at=NOON + at * MINUTE,
            by=holder_of(held),
            at=LATER,
        )

    assert (pick_of(held).contact_time, pick_of(held).attempts) == (540, 2)


def test_a_win_that_is_reopened_and_lost_is_lost(network: Network, held: Assignment) -> None:
    report(held, "APPOINTMENT")
    report(held, "QUOTE_SENT")
    report(held, "WON", value=Decimal("4800.00"))
    won = pick_of(held)
    reopen_lead(lead=held.lead, by=network.by, at=LATER + HOUR)
    reopened = pick_of(held)
    close_lead(lead=held.lead, outcome="LOST", reason="PRICE", by=network.by, at=LATER + 2 * HOUR)
    lost = pick_of(held)

    assert (won.ending, won.value, won.currency) == ("WON", Decimal("4800.00"), "EUR")
    assert (won.closed_at, won.processing_time) == (LATER, 3_540)
    assert (reopened.ending, reopened.value, reopened.closed_at) == (None, None, None)
    assert (lost.ending, lost.value, lost.processing_time) == ("LOST", None, 3_540 + 7_200)
    assert (lost.appointments, lost.quotes, lost.has_feedback) == (1, 1, True)


def test_a_return_ends_a_pick_and_its_verdict_may_change(
    network: Network, held: Assignment
) -> None:
    return_lead(assignment=held, reason="WRONG_DATA", by=holder_of(held), at=LATER)
    seen = [pick_of(held)]
    for is_at_fault in (True, False):
        judge_return(lead=held.lead, is_lead_at_fault=is_at_fault, by=network.by, at=LATER)
        seen.append(pick_of(held))

    assert [(pick.ending, pick.has_feedback) for pick in seen] == [("RETURNED", True)] * 3
    assert [pick.is_lead_at_fault for pick in seen] == [False, True, False]


def test_a_lead_taken_back_is_no_feedback(network: Network, held: Assignment) -> None:
    reroute_lead(lead=held.lead, by=network.by, at=LATER)

    assert (pick_of(held).ending, pick_of(held).has_feedback) == ("TAKEN_BACK", False)


def test_a_direct_assignment_has_no_offer(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()

    held = assign_lead(lead=lead, partner=partner, by=network.by, at=LATER)

    assert (pick_of(held).offered_at, pick_of(held).acceptance_time) == (None, None)


def test_test_leads_are_no_picks(network: Network) -> None:
    network.partner()
    held = accepted_lead(network, is_test=True)
    report(held, "REACHED")

    with tenant_context(network.manufacturer.id):
        assert not Pick.objects.exists()
    assert differences(network) == []


def test_an_erased_lead_stays_a_pick_and_is_described_as_what_is_left(
    network: Network, held: Assignment
) -> None:
    with tenant_context(network.manufacturer.id):
        Lead.objects.filter(id=held.lead_id).update(postal_code="00000")
    before = pick_of(held).postal_code
    erase_lead(lead=held.lead, by=network.by, at=LATER)

    assert (before, pick_of(held).postal_code) == ("00000", "")
    assert differences(network) == []


def test_a_partner_sees_its_own_picks_only(network: Network, held: Assignment) -> None:
    other = network.partner()
    with partner_context([held.partner_id]):
        own = list(Pick.objects.values_list("assignment_id", flat=True))
    with partner_context([other.id]):
        others = list(Pick.objects.all())

    assert (own, others) == ([held.id], [])


def test_comparing_finds_nothing_after_the_lives_of_two_picks_of_a_lead(
    network: Network, held: Assignment
) -> None:
    report(held, "REACHED")
    return_lead(assignment=held, reason="WRONG_DATA", by=holder_of(held), at=LATER)
    judge_return(lead=held.lead, is_lead_at_fault=True, by=network.by, at=LATER)
    after = accept(network.offers(held.lead)[-1], at=LATER + MINUTE)
    report(after, "WON", value=Decimal("4800.00"), at=LATER + HOUR)

    assert [pick_of(one).ending for one in (held, after)] == ["RETURNED", "WON"]
    assert differences(network) == []


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ({"has_feedback": True}, "has_feedback is True, by the log False"),
        ({"value": Decimal("1.00"), "ending": "WON"}, "ending is WON, by the log None"),
        ({"offered_at": None}, "offered_at is None, by the log "),
        ({"source": "fair"}, "source is fair, by the log "),
        ({"quotes": 7}, "quotes is 7, by the log 0"),
    ],
)
def test_comparing_names_a_planted_difference(
    network: Network, held: Assignment, planted: dict[str, Any], told: str
) -> None:
    change_picks(network, **planted)

    (found,) = differences(network)

    assert found.assignment_id == held.id
    assert told in str(found)


def test_comparing_names_a_missing_pick(network: Network, held: Assignment) -> None:
    with tenant_context(network.manufacturer.id):
        Pick.objects.all().delete()

    (found,) = differences(network)

    assert str(found) == f"pick {held.id} is missing"


def test_comparing_names_a_pick_that_the_log_does_not_know(
    network: Network, held: Assignment
) -> None:
    with tenant_context(network.manufacturer.id), connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET is_test = true")

    (found,) = differences(network)

    assert str(found) == f"pick {held.id} is not in the log"


def test_rebuilding_makes_everything_as_the_log_says(network: Network, held: Assignment) -> None:
    report(held, "WON", value=Decimal("4800.00"))
    before = pick_of(held)
    change_picks(network, ending="LOST", value=None, quotes=3)
    wrong = rebuild_picks(network.manufacturer.id, on_progress=lambda _: None)
    with tenant_context(network.manufacturer.id):
        Pick.objects.all().delete()
    missing = rebuild_picks(network.manufacturer.id, on_progress=lambda _: None)
    again = rebuild_picks(network.manufacturer.id, on_progress=lambda _: None)

    assert (wrong, missing, again) == (1, 1, 0)
    with system_context("test"):
        rebuilt = Pick.objects.get()
    names = [field.attname for field in Pick._meta.concrete_fields]
    assert [getattr(rebuilt, n) for n in names] == [getattr(before, n) for n in names]
