"""Hours of a week as somebody states them: checked day by day, and what is wrong with them."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_noop

from leadhub.core.errors import InvalidInput
from leadhub.core.working_time import (
    DAYS_A_WEEK,
    LEAST_A_WEEK,
    MALFORMED,
    OVER_MIDNIGHT,
    OVERLAPPING,
    TOO_FEW,
    Hours,
    HoursRefused,
    hours_from,
    parse_spans,
)

# What is wrong with hours, in words.
WRONG_HOURS: Mapping[str, str] = {
    MALFORMED: gettext_noop("Give hours such as 08:00-17:00, or 08:00-12:00, 13:00-17:00."),
    OVER_MIDNIGHT: gettext_noop(
        "Hours end later than they begin and do not run over midnight: give 22:00-24:00 here "
        "and 00:00-06:00 on the next day."
    ),
    OVERLAPPING: gettext_noop("These hours overlap; give each hour once."),
    TOO_FEW: gettext_noop("Give five hours a week at least; deadlines would be far away."),
}


def checked_hours(days: Sequence[str], *, least: int = LEAST_A_WEEK) -> Hours:
    """Read a week's hours, one text a day, Monday first, as ``parse_spans`` takes it.

    :param least: minutes a week.
    :raises InvalidInput: naming ``days.0`` to ``days.6``, or ``days``.
    """
    if len(days) != DAYS_A_WEEK:
        raise wrong_hours(MALFORMED)
    for number, day in enumerate(days):
        try:
            parse_spans(day)
        except HoursRefused as refused:
            raise wrong_hours(refused.code, day=number) from None
    try:
        return hours_from(days, least=least)
    except HoursRefused as refused:
        raise wrong_hours(refused.code) from None


def wrong_hours(code: str, *, day: int | None = None) -> InvalidInput:
    """Say what is wrong with hours, of one day or of all."""
    field = "days" if day is None else f"days.{day}"
    return InvalidInput(field=field, message=WRONG_HOURS[code], code=code)
