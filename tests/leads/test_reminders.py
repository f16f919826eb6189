"""Reminders: when somebody wants to look at a lead again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.erasure import erase_lead
from leads.feedback import AssignmentEnded, LeadErased, give_feedback
from leads.handing_over import hand_over
from leads.messages import deliver_due
from leads.models import Assignment, Reminder
from leads.models.work import ReminderEnd
from leads.reminders import AHEAD_AT_MOST, end_reminder, set_reminder, suggested_times
from partners.memberships import actor_of
from partners.models import Membership, Partner
from tests.acting import DAY, HOUR, MINUTE, accepted_lead, again, facts_of, member, messages
from tests.factories import NOON, Network

TOMORROW = NOON + 20 * HOUR


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner that holds leads."""
    return network.partner()


@pytest.fixture
def rep(network: Network, partner: Partner) -> Membership:
    """Somebody who works for the partner."""
    return member(network, "rep@partner.example", "PARTNER_REP", partner)


@pytest.fixture
def by(rep: Membership) -> Actor:
    """The same, as the domain knows them."""
    return actor_of(rep)


@pytest.fixture
def held(network: Network, partner: Partner) -> Assignment:
    """A lead in the partner's hands."""
    return accepted_lead(network)


def remind(held: Assignment, by: Actor, **changed: Any) -> Reminder:
    """Set a reminder for tomorrow."""
    asked = {"due_at": TOMORROW, "text": "the quote", "at": NOON + HOUR, **changed}
    return set_reminder(assignment=held, by=by, **asked)


def sent(at: datetime, kind: str) -> list[str]:
    """The subjects of the mails of a kind that have left by an instant."""
    mail.outbox.clear()
    with clock.set_to(at):
        while deliver_due():
            pass
    subjects = [str(message.subject) for message in mail.outbox]
    return [subject for subject in subjects if subject.startswith(kind)]


def test_tells_whoever_asked_when_it_is_due_and_not_before(
    network: Network, held: Assignment, by: Actor, partner: Partner
) -> None:
    other = member(network, "other@partner.example", "PARTNER_REP", partner)

    remind(held, by)

    (notice,) = messages(network, "reminder")
    assert (notice.due_at, notice.recipient) == (TOMORROW, f"colleague:{by.user_id}")
    assert sent(TOMORROW - MINUTE, "Erinnerung") == []
    assert len(sent(TOMORROW, "Erinnerung")) == 1
    assert mail.outbox[-1].to == ["rep@partner.example"] != [other.user.email]
    assert sent(TOMORROW + DAY, "Erinnerung") == []


def test_names_no_customer_and_no_purpose_in_the_message(
    network: Network, held: Assignment, by: Actor
) -> None:
    remind(held, by, text="Erika wants blue")
    sent(TOMORROW, "Erinnerung")

    said = "".join(str(message.message()) for message in mail.outbox)
    assert "Erinnerung" in said
    assert "Erika" not in said
    assert "Erika" not in str([event.data for event in network.events(held.lead)])


@pytest.mark.parametrize("end", ["DONE", "CANCELLED", "closed", "erased"])
def test_keeps_quiet_once_it_is_over(
    network: Network, held: Assignment, by: Actor, end: str
) -> None:
    reminder = remind(held, by)

    if end == "closed":
        answer: dict[str, Any] = {"status": "LOST", "reason": "PRICE"}
        give_feedback(assignment=held, by=by, at=NOON + 2 * HOUR, **answer)
    elif end == "erased":
        erase_lead(lead=held.lead, by=network.by, at=NOON + 2 * HOUR)
    else:
        as_ = ReminderEnd(end)
        at = NOON + 2 * HOUR
        assert end_reminder(assignment=held, reminder_id=reminder.id, as_=as_, by=by, at=at)

    assert sent(TOMORROW, "Erinnerung") == []
    facts = facts_of(network, held.lead)
    told = {"DONE": "reminder.done", "CANCELLED": "reminder.cancelled"}
    assert end not in told or facts[-1] == told[end]


def test_moves_to_another_time(network: Network, held: Assignment, by: Actor) -> None:
    first = remind(held, by)

    second = remind(held, by, due_at=TOMORROW + DAY)

    assert (again(first).ended_as, again(second).ended_at) == ("MOVED", None)
    assert sent(TOMORROW, "Erinnerung") == []
    assert len(sent(TOMORROW + DAY, "Erinnerung")) == 1


def test_takes_the_same_tap_twice_as_one(network: Network, held: Assignment, by: Actor) -> None:
    first, second = remind(held, by), remind(held, by, at=NOON + HOUR + MINUTE)

    assert first.id == second.id
    assert facts_of(network, held.lead).count("reminder.set") == 1


def test_does_not_end_a_reminder_that_nobody_saw(held: Assignment, by: Actor) -> None:
    old = remind(held, by)
    new = remind(held, by, due_at=TOMORROW + DAY)

    done = end_reminder(
        assignment=held, reminder_id=old.id, as_=ReminderEnd.DONE, by=by, at=NOON + 2 * HOUR
    )

    assert not done
    assert again(new).ended_at is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"due_at": NOON + HOUR}, "in_the_past"),
        ({"due_at": NOON + HOUR + AHEAD_AT_MOST + MINUTE}, "too_far_ahead"),
        ({"text": "x" * 201}, "too_long"),
    ],
)
def test_refuses_what_cannot_be_meant(
    network: Network, held: Assignment, by: Actor, changed: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        remind(held, by, **changed)

    assert refused.value.code == code
    assert messages(network, "reminder") == []


def test_reminds_of_no_lead_that_has_ended_or_was_erased(
    network: Network, held: Assignment, by: Actor
) -> None:
    erased = accepted_lead(network)
    erase_lead(lead=erased.lead, by=network.by, at=NOON + MINUTE)
    give_feedback(assignment=held, status="LOST", reason="PRICE", by=by, at=NOON + 2 * MINUTE)

    with pytest.raises(AssignmentEnded):
        remind(held, by)
    with pytest.raises(LeadErased):
        remind(erased, by)


def test_is_forgotten_with_the_customer(network: Network, held: Assignment, by: Actor) -> None:
    reminder = remind(held, by)

    erase_lead(lead=held.lead, by=network.by, at=NOON + 2 * HOUR)

    reminder = again(reminder)
    assert (reminder.text, reminder.ended_as) == ("", "CANCELLED")


def test_goes_along_when_the_lead_is_handed_over(
    network: Network, held: Assignment, by: Actor, partner: Partner
) -> None:
    colleague = member(network, "colleague@partner.example", "PARTNER_REP", partner)
    remind(held, by)

    hand_over(assignment=held, user_id=colleague.user_id, by=by, at=NOON + 2 * HOUR)

    sent(NOON + 2 * HOUR, "")
    sent(TOMORROW, "Erinnerung")
    assert [message.to for message in mail.outbox] == [["colleague@partner.example"]]


def test_lets_nobody_have_two_at_a_time(held: Assignment, by: Actor) -> None:
    reminder = remind(held, by)

    with (
        tenant_context(held.manufacturer_id),
        pytest.raises(DatabaseError, match="one_open_reminder_per_assignment"),
        transaction.atomic(),
    ):
        Reminder.objects.create(
            id=UUID(int=1),
            manufacturer_id=held.manufacturer_id,
            assignment_id=reminder.assignment_id,
            due_at=TOMORROW,
            set_at=NOON,
        )


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # On a Wednesday.
        ("2026-03-04 10:37:12", ("03-04 12:30", "03-05 08:00", "03-09 08:00")),
        # On a Sunday tomorrow is Monday already.
        ("2026-03-08 10:00:00", ("03-08 12:00", "03-09 08:00", "03-16 08:00")),
        # The night in which the clocks go forward: two hours are two hours.
        ("2026-03-29 00:30:00", ("03-29 03:30", "03-30 08:00", "04-06 08:00")),
        ("2026-03-28 23:50:00", ("03-29 01:45", "03-29 08:00", "03-30 08:00")),
    ],
)
def test_suggests_times_of_the_place(now: str, expected: tuple[str, ...]) -> None:
    local = datetime.fromisoformat(now).replace(tzinfo=BERLIN)

    times = suggested_times(local)

    assert tuple(f"{one.due_at:%m-%d %H:%M}" for one in times) == expected
    assert all(one.due_at.astimezone(UTC) > local + timedelta(minutes=60) for one in times)
