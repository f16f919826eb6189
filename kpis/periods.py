"""Periods of figures: from a moment up to another, and those that they are compared with."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from leadhub.core.errors import InvalidInput

YEARS = range(1970, 3000)
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """From ``starts`` up to, not including, ``ends``.

    A date is its first moment in the manufacturer's time zone; an instant has a zone.
    """

    starts: date | datetime
    ends: date | datetime


class Compare(StrEnum):
    """With which other period figures are compared."""

    PREVIOUS = "previous"
    YEAR = "year"


def instants_of(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Tell when a period begins and ends, in UTC.

    :raises InvalidInput: if it is empty or far outside the calendar; the field is named as in the
        API.
    """
    starts_at = _instant(period.starts, zone, field="from")
    ends_at = _instant(period.ends, zone, field="to")
    if ends_at <= starts_at:
        message = "Has to be later than `from`."
        raise InvalidInput(field="to", message=message)
    return starts_at, ends_at


def compared_with(period: Period, compare: Compare, zone: ZoneInfo) -> Period:
    """Find the period that lies as far back as is asked.

    Whole months are compared with as many months before; everything else with as many days, or as
    much time, as it is long. A year before is the same dates of that year.

    :param zone: in which instants are dates.
    :raises InvalidInput: if that lies before the calendar.
    """
    starts, ends = period.starts, period.ends
    if compare == Compare.YEAR:
        return Period(_a_year_before(starts, zone), _a_year_before(ends, zone))
    if isinstance(starts, datetime) or isinstance(ends, datetime):
        starts_at, ends_at = instants_of(period, zone)
        return Period(starts_at - (ends_at - starts_at), starts_at)
    if starts.day == ends.day == 1:
        months = (ends.year - starts.year) * MONTHS + ends.month - starts.month
        return Period(_months_before(starts, months), starts)
    return Period(starts - (ends - starts), starts)


def _instant(moment: date | datetime, zone: ZoneInfo, *, field: str) -> datetime:
    if moment.year not in YEARS:
        message = f"Has to lie between the years {YEARS.start} and {YEARS.stop - 1}."
        raise InvalidInput(field=field, message=message)
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, time.min, tzinfo=zone).astimezone(UTC)


def _a_year_before(moment: date | datetime, zone: ZoneInfo) -> date | datetime:
    """Go to the same day a year before; from 29 February to the 28th."""
    if isinstance(moment, datetime):
        local = moment.astimezone(zone)
        day = _a_year_before(local.date(), zone)
        return datetime.combine(day, local.timetz())
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:
        return moment.replace(year=moment.year - 1, day=28)


def _months_before(first: date, months: int) -> date:
    year, month = divmod(first.year * MONTHS + first.month - 1 - months, MONTHS)
    return date(max(year, 1), month + 1, 1)
