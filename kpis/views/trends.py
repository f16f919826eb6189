"""A figure week by week: a chart, and the same numbers as rows of a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_interval, format_skeleton
from django.utils.translation import gettext

from kpis.definitions import Dimension
from kpis.values import Row
from kpis.views.stats import label_of, length
from leadhub.core.templatetags.shown import DAY, HOUR, MINUTE, locale_of_reader, share

WEEK = timedelta(days=7)
LAST = timedelta(days=6)  # from Monday to Sunday
# A chart speaks in the largest unit of which there are so many at its highest point.
ENOUGH = 3
# So many weeks are shown, even if nothing happened in the first of them.
FEW_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Week:
    """A calendar week from Monday to Sunday.

    :ivar days: its days in words: ``16-22 Nov``.
    :ivar value: seconds or a share; ``None`` is no data.
    :ivar shown: the value in words.
    """

    monday: date
    days: str
    picks: int
    value: float | None
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A figure over the weeks of a period, one after the other, with data or without."""

    code: str
    weeks: list[Week]
    target: float | None

    @property
    def label(self) -> str:
        """Name the figure in the language of the reader."""
        return label_of(self.code)

    @property
    def has_data(self) -> bool:
        """Tell whether there is anything to draw."""
        return any(week.value is not None for week in self.weeks)


def trend_of(rows: Sequence[Row], *, code: str, starts: date, ends: date) -> Trend:
    """Set one figure on a calendar; of many weeks it begins with the first that had picks.

    :param rows: grouped by week; weeks without picks have none.
    :param ends: the first day after the period.
    """
    by_week = {row.group[Dimension.WEEK]: row for row in rows}
    weeks, target = [], None
    for monday in _mondays(starts, ends):
        row = by_week.get(f"{monday:%G-W%V}")
        days = str(format_interval(monday, monday + LAST, "MMMd", locale=locale_of_reader()))
        if row is None:
            weeks.append(Week(monday, days, 0, None, length(None)))
            continue
        value, target = _value_of(code, row)
        shown = length(value) if code in row.durations else share(value)
        weeks.append(Week(monday, days, row.picks, value, shown))
    while len(weeks) > FEW_WEEKS and not weeks[0].picks:
        del weeks[0]
    return Trend(code=code, weeks=weeks, target=target)


def chart_of(trend: Trend) -> dict[str, Any]:
    """Turn a trend into what ``charts.js`` draws: leads as bars, the figure as a line over them."""
    unit, size, most = _unit_of(trend)
    locale = locale_of_reader()
    series = [
        {
            "name": gettext("Leads accepted (right scale)"),
            "kind": "bar",
            "values": [week.picks for week in trend.weeks],
            "tone": "primary",
            "isRight": True,
        },
        {
            "name": trend.label,
            "kind": "line",
            "values": [_scaled(week.value, size) for week in trend.weeks],
            "tone": "primary",
            "unit": unit,
            "most": most,
        },
    ]
    if trend.target is not None:
        series.append(
            {
                "name": gettext("Target"),
                "kind": "target",
                "values": [_scaled(trend.target, size)] * len(trend.weeks),
                "tone": "accent",
                "unit": unit,
            }
        )
    return {
        "labels": [str(format_skeleton("MMMd", w.monday, locale=locale)) for w in trend.weeks],
        "titles": [week.days for week in trend.weeks],
        "series": series,
    }


def _mondays(starts: date, ends: date) -> Iterator[date]:
    monday = starts - timedelta(days=starts.weekday())
    while monday < ends:
        yield monday
        monday += WEEK


def _value_of(code: str, row: Row) -> tuple[float | None, float | None]:
    if code in row.durations:
        return row.durations[code].median, row.durations[code].target
    return row.ratios[code].value, row.ratios[code].target


def _unit_of(trend: Trend) -> tuple[str, float, int | None]:
    """Choose a unit, what one of it is, and the end of the scale if it has one."""
    if not trend.code.endswith("_time"):
        return "%", 0.01, 100 if (trend.target or 0) > 0.5 else None  # noqa: PLR2004
    highest = max([week.value or 0 for week in trend.weeks] + [trend.target or 0])
    units = ((gettext("days"), DAY), ("h", HOUR))
    unit, size = next((unit for unit in units if highest >= ENOUGH * unit[1]), ("min", MINUTE))
    return unit, size, None


def _scaled(value: float | None, size: float) -> float | None:
    return None if value is None else round(value / size, 1)
