"""Reminders: when somebody wants to look at a lead again, and the message that says so.

The message is written together with the reminder and waits in the outbox until it is due, as the
announcement of an offer waits for a head start: there is no timer that could forget it. Whether it
is still wanted is asked when it leaves. A lead in hands has one reminder at the most; setting
another moves it.
"""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import in_tenant_of
from leads import notifications
from leads.events import LeadLog
from leads.feedback import LeadErased, lock_in_hands
from leads.models import Assignment, EventType, Lead, Reminder
from leads.models.work import ReminderEnd

# Nobody means to be reminded later than this.
AHEAD_AT_MOST = timedelta(days=366)
TEXT_AT_MOST = 200
ENDS = {
    ReminderEnd.DONE: EventType.REMINDER_DONE,
    ReminderEnd.CANCELLED: EventType.REMINDER_CANCELLED,
}


# When a day's work begins.
MORNING = time(8)
SOON = timedelta(hours=2)


class Suggestion(NamedTuple):
    """A time that is one tap away."""

    name: str
    due_at: datetime


def suggested_times(local: datetime) -> list[Suggestion]:
    """Suggest when to be reminded: in two hours, tomorrow morning, on Monday morning.

    Where tomorrow is Monday, the third is a week from then.

    :param local: now, in the zone of whoever asks.
    """
    tomorrow = local.date() + timedelta(days=1)
    until_monday = (7 - tomorrow.weekday()) % 7
    monday = tomorrow + timedelta(days=until_monday or 7)
    soon = (local.astimezone(UTC) + SOON).astimezone(local.tzinfo)
    soon = soon.replace(minute=soon.minute // 15 * 15, second=0, microsecond=0)
    mornings = [datetime.combine(day, MORNING, tzinfo=local.tzinfo) for day in (tomorrow, monday)]
    return [
        Suggestion("soon", soon),
        Suggestion("tomorrow", mornings[0]),
        Suggestion("monday", mornings[1]),
    ]


@in_tenant_of("assignment")
def set_reminder(
    *, assignment: Assignment, due_at: datetime, text: str = "", by: Actor, at: datetime
) -> Reminder:
    """Remind whoever asks of a lead in the partner's hands; an earlier reminder is moved.

    The same once more changes nothing.

    :param text: what for, in a few words.
    :raises AssignmentEnded: if the lead is closed or was returned.
    :raises InvalidInput: if the time has passed or lies too far ahead, or the text is too long.
    :raises LeadErased: if the customer's data was erased: there is nobody to call.
    """
    text = text.strip()
    _check(due_at, text, at)
    lead, assignment = lock_in_hands(assignment)
    if lead.erased_at is not None:
        raise LeadErased
    before = open_reminder_of(assignment)
    if before and (before.due_at, before.text, before.user_id) == (due_at, text, by.user_id):
        return before
    log = LeadLog(lead, by=by)
    if before:
        _end(before, ReminderEnd.MOVED, at=at)
    reminder = _set(lead, log, assignment, due_at=due_at, text=text, user_id=by.user_id, at=at)
    log.close()
    return reminder


@in_tenant_of("assignment")
def end_reminder(
    *, assignment: Assignment, reminder_id: UUID, as_: ReminderEnd, by: Actor, at: datetime
) -> bool:
    """Note that what a reminder was for is done, or that it is wanted no more.

    :param reminder_id: which one was seen; another one that was set since stays.
    :param as_: ``DONE`` or ``CANCELLED``.
    :returns: ``False`` if there was nothing to end.
    :raises AssignmentEnded: if the lead is closed or was returned.
    """
    lead, assignment = lock_in_hands(assignment)
    reminder = open_reminder_of(assignment)
    if reminder is None or reminder.id != reminder_id:
        return False
    _end(reminder, as_, at=at)
    log = LeadLog(lead, by=by)
    log.add_of(assignment, ENDS[as_], at=at, reminder=str(reminder.id))
    log.close()
    return True


def pass_reminder_on(
    lead: Lead, log: LeadLog, assignment: Assignment, *, user_id: UUID, at: datetime
) -> None:
    """Let the colleague who takes a lead over be reminded in place of whoever handed it over.

    One that has come due was told already; it stays, for it stands with the lead.
    """
    before = open_reminder_of(assignment)
    if before is None or before.due_at <= at:
        return
    _end(before, ReminderEnd.MOVED, at=at)
    _set(lead, log, assignment, due_at=before.due_at, text=before.text, user_id=user_id, at=at)


def open_reminder_of(assignment: Assignment) -> Reminder | None:
    """Find the reminder of a lead in hands that is neither done nor cancelled, if there is one."""
    return Reminder.objects.filter(assignment=assignment, ended_at__isnull=True).first()


def _check(due_at: datetime, text: str, at: datetime) -> None:
    if due_at <= at:
        raise InvalidInput(
            field="due_at",
            message=gettext_noop("Choose a time that lies ahead."),
            code="in_the_past",
        )
    if due_at > at + AHEAD_AT_MOST:
        raise InvalidInput(
            field="due_at",
            message=gettext_noop("Choose a time within the next year."),
            code="too_far_ahead",
        )
    if len(text) > TEXT_AT_MOST:
        raise InvalidInput(
            field="text",
            message=gettext_noop("Say in at most %(most)s characters what for."),
            code="too_long",
            params={"most": TEXT_AT_MOST},
        )


def _end(reminder: Reminder, as_: ReminderEnd, *, at: datetime) -> None:
    reminder.ended_at, reminder.ended_as = at, as_
    reminder.save(update_fields=["ended_at", "ended_as"])


def _set(
    lead: Lead,
    log: LeadLog,
    assignment: Assignment,
    *,
    due_at: datetime,
    text: str,
    user_id: UUID | None,
    at: datetime,
) -> Reminder:
    reminder = Reminder.objects.create(
        id=new_id(),
        manufacturer_id=lead.manufacturer_id,
        assignment=assignment,
        user_id=user_id,
        due_at=due_at,
        text=text,
        set_at=at,
    )
    whom = {} if user_id is None else {"user": str(user_id)}
    event = log.add_of(
        assignment,
        EventType.REMINDER_SET,
        at=at,
        reminder=str(reminder.id),
        due_at=due_at.isoformat(),
        **whom,
    )
    notifications.tell_of_reminder(log=log, event=event, assignment=assignment, reminder=reminder)
    return reminder
