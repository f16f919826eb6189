"""What a partner expects of a lead in its hands: how likely, when, and for how much.

The chance is one of a few classes (``ClosingChance``); how many percent a class stands for is the
manufacturer's to say, so the log and the rows hold the class, and figures look the percentage up.
"""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import in_tenant_of
from leads.events import LeadLog
from leads.feedback import lock_in_hands
from leads.models import Assignment, EventType

STAGE_FIELDS = ("closing_chance", "expected_month", "expected_value")
# Whoever plans further ahead than this does not know.
MONTHS_AHEAD = 24


@in_tenant_of("assignment")
def set_stage(
    *,
    assignment: Assignment,
    chance: str,
    month: date | None,
    value: Decimal | None,
    by: Actor,
    at: datetime,
) -> Assignment:
    """Keep what the partner expects; the same once more changes nothing.

    :param chance: a class of ``ClosingChance``.
    :param month: any day of the month in which the lead is expected to close; ``None`` is not
        known.
    :param value: what the customer is expected to buy for, in the lead's currency.
    :raises AssignmentEnded: if the lead is closed or was returned.
    :raises InvalidInput: if the month has passed or lies too far ahead, or the value is negative.
    """
    first = month.replace(day=1) if month else None
    _check(first, value, at.date())
    lead, assignment = lock_in_hands(assignment)
    stage = (chance, first, value)
    if tuple(getattr(assignment, name) for name in STAGE_FIELDS) == stage:
        return assignment
    assignment.closing_chance, assignment.expected_month, assignment.expected_value = stage
    assignment.save(update_fields=STAGE_FIELDS)
    expected = {"month": f"{first:%Y-%m}"} if first else {}
    figures = {} if value is None else {"value": f"{value:.2f}", "currency": lead.currency}
    log = LeadLog(lead, by=by)
    log.add_of(assignment, EventType.STAGE_SET, at=at, chance=chance, **expected, **figures)
    log.close()
    return assignment


def months_from(day: date, count: int = MONTHS_AHEAD) -> list[date]:
    """List the first days of months, beginning with the one of a day."""
    start = day.year * 12 + day.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, start + count)]


def _check(month: date | None, value: Decimal | None, today: date) -> None:
    # Somewhere on Earth it may still be yesterday's month.
    if month is not None and not _previous(today) <= month <= months_from(today)[-1]:
        raise InvalidInput(
            field="expected_month",
            message=gettext_noop("Choose a month from this one on, at most two years ahead."),
            code="out_of_range",
        )
    if value is not None and value < 0:
        raise InvalidInput(
            field="expected_value",
            message=gettext_noop("Give an amount that is not negative."),
            code="out_of_range",
        )


def _previous(today: date) -> date:
    return date.fromordinal(today.toordinal() - 1).replace(day=1)
