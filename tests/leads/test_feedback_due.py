"""When a partner's next feedback is due, as the assignment keeps it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import reroute_lead
from leads.erasure import erase_lead
from leads.feedback import close_lead, give_feedback, reopen_lead, return_lead
from leads.models import Assignment
from tests.acting import DAY, HOUR, MINUTE, accepted_lead, again, holder_of
from tests.factories import NOON, Network

WEEK = timedelta(days=7)
ACCEPTED = NOON + MINUTE


@pytest.fixture
def held(network: Network) -> Assignment:
    """A lead accepted a minute after noon; feedback is due after one day, then every week."""
    network.partner()
    return accepted_lead(network)


def report(held: Assignment, status: str = "REACHED", *, at: datetime, **more: Any) -> None:
    give_feedback(assignment=held, status=status, by=holder_of(held), at=at, **more)


def test_is_first_due_as_long_after_acceptance_as_the_policy_says(held: Assignment) -> None:
    assert again(held).feedback_due_at == ACCEPTED + DAY


def test_follows_the_policy_the_lead_began_with(network: Network) -> None:
    network.policy({}, feedback_due=[7_200, 86_400], feedback_repeat=timedelta(days=3))
    network.partner()
    held = accepted_lead(network)

    due = [again(held).feedback_due_at]
    for hours in (2, 25, 30):
        report(held, at=ACCEPTED + hours * HOUR)
        due.append(again(held).feedback_due_at)

    assert due == [
        ACCEPTED + 2 * HOUR,
        ACCEPTED + DAY,
        ACCEPTED + 25 * HOUR + 3 * DAY,
        ACCEPTED + 30 * HOUR + 3 * DAY,
    ]


def test_moves_on_with_every_report(held: Assignment) -> None:
    report(held, at=NOON + HOUR)
    report(held, "QUOTE_SENT", at=NOON + 3 * DAY)

    assert again(held).feedback_due_at == NOON + 3 * DAY + WEEK


def test_is_due_no_more_once_the_lead_is_closed(network: Network, held: Assignment) -> None:
    close_lead(lead=held.lead, outcome="LOST", reason="PRICE", by=network.by, at=NOON + HOUR)

    assert again(held).feedback_due_at is None


def test_is_due_no_more_once_the_partner_closed_it(held: Assignment) -> None:
    report(held, "WON", value=Decimal(100), at=NOON + HOUR)

    assert again(held).feedback_due_at is None


def test_is_due_no_more_once_the_lead_was_returned(held: Assignment) -> None:
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=NOON + HOUR)

    assert again(held).feedback_due_at is None


def test_is_due_no_more_once_the_lead_was_taken_back(network: Network, held: Assignment) -> None:
    reroute_lead(lead=held.lead, by=network.by, at=NOON + HOUR)

    assert again(held).feedback_due_at is None


def test_is_due_no_more_once_nobody_is_left_to_report_of(
    network: Network, held: Assignment
) -> None:
    erase_lead(lead=held.lead, by=network.by, at=NOON + HOUR)
    report(held, at=NOON + DAY)

    assert again(held).feedback_due_at is None


def test_is_due_as_before_when_a_lead_is_reopened_in_time(
    network: Network, held: Assignment
) -> None:
    report(held, "LOST", reason="PRICE", at=NOON + HOUR)
    reopen_lead(lead=held.lead, by=network.by, at=NOON + DAY)

    assert again(held).feedback_due_at == NOON + HOUR + WEEK


def test_makes_nobody_late_by_reopening(network: Network, held: Assignment) -> None:
    close_lead(lead=held.lead, outcome="LOST", reason="PRICE", by=network.by, at=NOON + HOUR)
    reopen_lead(lead=held.lead, by=network.by, at=NOON + 30 * DAY)

    assert again(held).feedback_due_at == NOON + 30 * DAY + WEEK


def test_asks_nothing_of_imported_history(network: Network, held: Assignment) -> None:
    close_lead(lead=held.lead, outcome="LOST", reason="PRICE", by=network.by, at=NOON + HOUR)
    with tenant_context(network.manufacturer.id):
        type(held.lead).objects.filter(id=held.lead_id).update(is_imported=True)

    reopen_lead(lead=held.lead, by=network.by, at=NOON + DAY)

    assert again(held).feedback_due_at is None
