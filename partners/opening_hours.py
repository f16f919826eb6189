"""When a partner's business is open, as it states itself.

No deadline and no figure goes by it: those go by the manufacturer's working hours. It says when
somebody is there to be called, and when the partner's people are not to be rung.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn
from leadhub.core.working_time import Hours, WorkCalendar, calendar_of, turn_at, written
from partners.changes import fields_of, record_change
from partners.hours import checked_hours
from partners.models import Manufacturer, Partner

MOST_SPANS_A_DAY = 2
# Who is never open has nothing to state.
LEAST_A_WEEK = 1  # minute


class Opening(NamedTuple):
    """Whether a business is open at an instant.

    :ivar until: when it closes or opens next, in the manufacturer's zone; ``None`` if not within 35
        days.
    """

    is_open: bool
    until: datetime | None


@in_tenant_of("by")
def state_opening_hours(*, partner: Partner, days: Sequence[str] | None, by: Actor) -> Partner:
    """State when a partner's business is open; the same again changes nothing.

    :param days: one text a day, Monday first, as ``parse_spans`` takes it, with two spans at most;
        ``None`` takes back what was stated.
    :raises InvalidInput: naming ``days.0`` to ``days.6``, or ``days`` if it is never open.
    """
    stated = None if days is None else written(_checked(days))
    wait_for_turn("partner", by.manufacturer_id, partner.external_id)
    own = Partner.objects.filter(manufacturer=by.manufacturer_id)
    found = own.select_for_update(no_key=True).get(id=partner.id)
    before = fields_of(found, "opening_hours")
    found.opening_hours = stated
    found.save(update_fields=["opening_hours"])
    record_change(
        by=by,
        kind="partner",
        key=found.id,
        name=found.name,
        before=before,
        after=fields_of(found, "opening_hours"),
    )
    return found


def business_calendar(partner: Partner, manufacturer: Manufacturer) -> WorkCalendar | None:
    """Make the calendar of a partner's business, in its manufacturer's zone and with its holidays.

    :returns: ``None`` if the partner has not said when it is open.
    """
    if partner.opening_hours is None:
        return None
    return calendar_of(
        manufacturer.time_zone,
        tuple(partner.opening_hours),
        manufacturer.holiday_region,
        least=LEAST_A_WEEK,
    )


def opening_of(partner: Partner, manufacturer: Manufacturer, *, at: datetime) -> Opening | None:
    """Tell whether a partner's business is open; ``None`` if it has not said when."""
    calendar = business_calendar(partner, manufacturer)
    if calendar is None:
        return None
    is_open, until = turn_at(at, calendar)
    return Opening(is_open, until and until.astimezone(ZoneInfo(calendar.time_zone)))


def _checked(days: Sequence[str]) -> Hours:
    if not any(day.strip() for day in days):
        raise InvalidInput(
            field="days",
            message=gettext_noop("Give the hours of one day at least, or state none."),
            code="too_few",
        )
    hours = checked_hours(days, least=LEAST_A_WEEK)
    for number, spans in enumerate(hours):
        if len(spans) > MOST_SPANS_A_DAY:
            raise InvalidInput(
                field=f"days.{number}",
                message=gettext_noop("Give two spans a day at most."),
                code="too_many",
            )
    return hours
