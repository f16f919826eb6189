"""Opening hours in the reader's language: a week in few lines, and how it stands right now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from babel.dates import get_day_names
from django.utils.translation import gettext, pgettext

from leadhub.core.templatetags.shown import day as day_in_words, locale_of_reader
from leadhub.core.working_time import MINUTES_A_DAY, Span, clocks_of, parse_spans

TO = "\N{EN DASH}"
ONE_DAY = timedelta(days=1)
# So many days ahead a weekday says which day is meant.
A_WEEK = 7


class Days(NamedTuple):
    """Days of a week, one after the other, with the same hours.

    :ivar days: such as Mon to Fri; ``spans`` are its hours, or that it is closed.
    """

    days: str
    spans: Sequence[str]

    @property
    def hours(self) -> str:
        """All spans in one line."""
        return ", ".join(self.spans)


def week_in_words(stated: Sequence[str]) -> list[Days]:
    """Write the hours of a week, days that are alike in one line.

    :param stated: one text a day, Monday first, as ``parse_spans`` takes it.
    """
    names = get_day_names("abbreviated", "stand-alone", locale_of_reader())
    alike = [list(group) for _, group in groupby(range(len(stated)), key=lambda n: stated[n])]
    return [
        Days(
            names[group[0]] if len(group) == 1 else f"{names[group[0]]}{TO}{names[group[-1]]}",
            spans_in_words(parse_spans(stated[group[0]])),
        )
        for group in alike
    ]


def spans_in_words(spans: Sequence[Span]) -> list[str]:
    """Write the hours of a day."""
    if not spans:
        return [pgettext("a day of the week", "closed")]
    if spans == (Span(0, MINUTES_A_DAY),):
        return [gettext("around the clock")]
    return [TO.join(clocks_of(span)) for span in spans]


def opening_in_words(*, is_open: bool, until: datetime | None, at: datetime) -> str:
    """Say whether a business is open and when that changes.

    :param until: in the zone in which its hours are; ``None`` if it does not change for long.
    """
    if until is None:
        return gettext("Open around the clock") if is_open else gettext("Closed")
    today = at.astimezone(until.tzinfo).date()
    # What closes at midnight closes today, at the end of it.
    closes_at_midnight = (
        is_open and until.date() == today + ONE_DAY and (until.hour, until.minute) == (0, 0)
    )
    clock = "24:00" if closes_at_midnight else f"{until:%H:%M}"
    if until.date() == today or closes_at_midnight:
        words = gettext("Open until %(time)s") if is_open else gettext("Closed, opens at %(time)s")
        return words % {"time": clock}
    day = _day_in_words(until, ahead=(until.date() - today).days)
    words = (
        gettext("Open until %(day)s %(time)s")
        if is_open
        else gettext("Closed, opens %(day)s %(time)s")
    )
    return words % {"day": day, "time": clock}


def _day_in_words(instant: datetime, *, ahead: int) -> str:
    if ahead >= A_WEEK:
        return day_in_words(instant.date())
    return str(get_day_names("wide", "format", locale_of_reader())[instant.weekday()])
