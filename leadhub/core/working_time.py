"""Working time: hours per weekday in a time zone, less the holidays of a region. Pure.

For deadlines that run in working time and for figures counted in it alike. All spans are taken from
the zone's wall clock to instants, so that a night in which the clocks change counts as long as it
lasted. A wall-clock time that occurs twice in such a night is its first occurrence; one that is
skipped lies as much later as the clocks were put forward.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

DAYS_A_WEEK = 7
MINUTES_A_DAY = 24 * 60
LAST_MINUTE = 59
ONE_DAY = timedelta(days=1)
# Less than this, and an ordinary deadline would lie years away.
LEAST_A_WEEK = 5 * 60
# Whoever is closed, or open, for longer than this is said to be so without an end.
DAYS_LOOKED_AHEAD = 35

# Hours with minutes or without, with a dash of any length or a word between.
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:[-\u2012-\u2015]|\bto\b|\bbis\b)\s*{_CLOCK}")
# What may be wrong with hours.
MALFORMED, OVER_MIDNIGHT = "malformed", "over_midnight"
OVERLAPPING, TOO_FEW = "overlapping", "too_few"


class Span(NamedTuple):
    """Work from one minute of a day to another, in minutes after midnight; 1,440 is its end."""

    start: int
    end: int


Hours = tuple[tuple[Span, ...], ...]
OFFICE_HOURS: Hours = (*[(Span(8 * 60, 17 * 60),)] * 5, (), ())


class HoursRefused(ValueError):
    """Hours that make no sense.

    :ivar code: ``malformed``, ``over_midnight``, ``overlapping`` or ``too_few``.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Turn(NamedTuple):
    """Whether somebody works at an instant, and until when it stays like that.

    :ivar until: ``None`` if it does not change within 35 days.
    """

    is_working: bool
    until: datetime | None


class NoWorkingTime(ValueError):
    """A calendar in which nobody ever works has no deadline."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When somebody works.

    :ivar time_zone: IANA name.
    :ivar hours: Monday first; each day's spans in order.
    :ivar holiday_region: ``DE-BY``, or ``DE`` for what is a holiday everywhere in a country; empty
        for no holidays.
    """

    time_zone: str
    hours: Hours = OFFICE_HOURS
    holiday_region: str = ""

    def spans_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Walk through the spans of work on a day and all days after it, in UTC."""
        if not any(self.hours):
            raise NoWorkingTime
        while True:
            yield from _spans_on(self, day)
            day += ONE_DAY

    def local_date(self, instant: datetime) -> date:
        """Tell on which day an instant lies."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()


def add_working_seconds(start: datetime, seconds: float, calendar: WorkCalendar) -> datetime:
    """Tell when so much working time has gone by; without any, it is the start itself.

    What ends with a working day ends there, not the next morning.

    :raises NoWorkingTime: if nobody ever works.
    """
    left = timedelta(seconds=seconds)
    if left <= timedelta(0):
        return start
    for begin, end in calendar.spans_from(calendar.local_date(start)):
        worked = end - max(begin, start)
        if worked >= left:
            return max(begin, start) + left
        left -= max(worked, timedelta(0))
    raise NoWorkingTime


def working_seconds_between(start: datetime, end: datetime, calendar: WorkCalendar) -> int:
    """Count the working time from one instant to another, in whole seconds; 0 if none lies between.

    :raises NoWorkingTime: if nobody ever works.
    """
    total = timedelta(0)
    for begin, stop in calendar.spans_from(calendar.local_date(start)):
        if begin >= end:
            break
        total += max(min(stop, end) - max(begin, start), timedelta(0))
    return total // timedelta(seconds=1)


def turn_at(instant: datetime, calendar: WorkCalendar) -> Turn:
    """Tell whether somebody works at an instant; spans that touch at midnight are one."""
    today = calendar.local_date(instant)
    days = (today + ahead * ONE_DAY for ahead in range(DAYS_LOOKED_AHEAD))
    ahead = (
        (begin, end)
        for day in days
        for begin, end in _spans_on(calendar, day)
        if end > max(begin, instant)
    )
    begin, until = next(ahead, (None, instant))
    if begin is None or begin > instant:
        return Turn(is_working=False, until=begin)
    for following, end in ahead:
        if following > until:
            return Turn(is_working=True, until=until)
        until = end
    return Turn(is_working=True, until=None)


@lru_cache(maxsize=20_000)
def _spans_on(calendar: WorkCalendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    hours = calendar.hours[day.weekday()]
    if not hours or is_holiday(day, calendar.holiday_region):
        return ()
    zone = ZoneInfo(calendar.time_zone)
    return tuple((_at(day, span.start, zone), _at(day, span.end, zone)) for span in hours)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute == MINUTES_A_DAY:
        day, minute = day + ONE_DAY, 0
    wall = time(minute // 60, minute % 60)
    return datetime.combine(day, wall, zone).astimezone(UTC)


def is_holiday(day: date, region: str) -> bool:
    """Tell whether a day is a public holiday of a region; of none, no day is."""
    return bool(region) and day in _holidays_of(region, day.year)


@lru_cache(maxsize=500)
def _holidays_of(region: str, year: int) -> frozenset[date]:
    country, _, part = region.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


def parse_spans(text: str) -> tuple[Span, ...]:
    """Read one day's hours as people write them: ``8-12, 13:00-17:30``; empty is a day off.

    :raises HoursRefused: if they are malformed, run over midnight, or overlap.
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    spans = sorted(_parse_span(part) for part in parts)
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            raise HoursRefused(OVERLAPPING)
    return tuple(spans)


def _parse_span(text: str) -> Span:
    read = _SPAN.fullmatch(text)
    if read is None:
        raise HoursRefused(MALFORMED)
    start, end = _minute(read[1], read[2]), _minute(read[3], read[4])
    if end <= start:
        raise HoursRefused(OVER_MIDNIGHT)
    return Span(start, end)


def _minute(hour: str, minute: str | None) -> int:
    found = int(hour) * 60 + int(minute or 0)
    if found > MINUTES_A_DAY or int(minute or 0) > LAST_MINUTE:
        raise HoursRefused(MALFORMED)
    return found


def write_spans(spans: Sequence[Span]) -> str:
    """Write one day's hours as ``parse_spans`` reads them."""
    return ", ".join("-".join(clocks_of(span)) for span in spans)


def clocks_of(span: Span) -> tuple[str, str]:
    """Write the beginning and the end of a span: ``08:00`` and ``24:00``."""
    return _clock(span.start), _clock(span.end)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def hours_from(days: Sequence[str], *, least: int = LEAST_A_WEEK) -> Hours:
    """Read a week's hours, Monday first, each day as ``parse_spans`` takes it.

    :param least: minutes a week.
    :raises HoursRefused: as ``parse_spans``, and ``too_few`` if it is less than the least a week.
    """
    hours = tuple(parse_spans(day) for day in days)
    if sum(span.end - span.start for spans in hours for span in spans) < least:
        raise HoursRefused(TOO_FEW)
    return hours


def written(hours: Hours) -> list[str]:
    """Write a week's hours as they are stored, one text a day."""
    return [write_spans(spans) for spans in hours]


def office_hours() -> list[str]:
    """Write the hours that every manufacturer begins with: Monday to Friday, eight to five."""
    return written(OFFICE_HOURS)


@lru_cache(maxsize=1_000)
def calendar_of(
    time_zone: str, days: tuple[str, ...], holiday_region: str, *, least: int = LEAST_A_WEEK
) -> WorkCalendar:
    """Make a calendar of hours as they are stored, one text a day."""
    return WorkCalendar(time_zone, hours_from(days, least=least), holiday_region)
