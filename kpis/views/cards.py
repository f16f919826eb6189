"""The five figures as cards: each beside the days before and the year before, with its course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext

from kpis.definitions import FEWEST
from kpis.periods import Compare, Period, compared_with
from kpis.selectors import Figures, figures_visible_to
from kpis.values import Row
from kpis.views.asked import Asked
from kpis.views.sparks import Spark, spark_of
from kpis.views.stats import Stat, count_of, direction_of, stats_of, value_of
from kpis.views.trends import Trend, trend_of
from leadhub.core.actors import Actor
from leadhub.core.templatetags.shown import day

A_DAY = timedelta(days=1)
# Of young leads only the quick ones have ended: these two figures look faster and lower than they
# will be, as long as more than this share is open.
OF_ENDED = ("processing_time", "conversion_rate")
FEW_OPEN = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A figure as it was in another period.

    :ivar days: of that period, in words.
    :ivar direction: ``better``, ``worse``, ``same``; ``early`` while so many leads are open that
        it would be unfair to compare; or empty where that cannot be said.
    """

    label: str
    days: str
    value: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure, beside what it was, and its course."""

    stat: Stat
    befores: list[Before]
    spark: Spark | None


def cards_of(figures: Figures, asked: Asked, *, actor: Actor, at: datetime) -> list[Card]:
    """Put the five figures beside what they were.

    :param figures: of the period asked for, by weeks.
    """
    earlier = [
        (label, *_figures_before(compare, asked, actor=actor, at=at))
        for compare, label in (
            (Compare.PREVIOUS, gettext("Before")),
            (Compare.YEAR, gettext("Year before")),
        )
    ]
    stats = {label: stats_of(row) for label, _, row in earlier}
    cards = []
    for number, stat in enumerate(stats_of(figures.total)):
        befores = [
            Before(
                label=label,
                days=_days(period),
                value=stats[label][number].value,
                direction=_direction(stat.code, figures.total, row),
            )
            for label, period, row in earlier
        ]
        spark = spark_of(_trend(stat.code, figures.rows, asked.period))
        cards.append(Card(stat=stat, befores=befores, spark=spark))
    return cards


def _figures_before(
    compare: Compare, asked: Asked, *, actor: Actor, at: datetime
) -> tuple[Period, Row]:
    zone = ZoneInfo(timezone.get_current_timezone_name())
    period = compared_with(asked.period, compare, zone)
    return period, figures_visible_to(actor, period=period, filters=asked.filters, at=at).total


def _direction(code: str, now: Row, before: Row) -> str:
    if value_of(now, code) is None or value_of(before, code) is None:
        return ""
    if code in OF_ENDED and _open_share(now) > max(_open_share(before), FEW_OPEN):
        return "early"
    if min(count_of(now, code), count_of(before, code)) < FEWEST:
        return ""
    return direction_of(code, value_of(now, code), value_of(before, code))


def _open_share(row: Row) -> float:
    return row.durations["processing_time"].open_count / max(row.picks, 1)


def _trend(code: str, rows: Sequence[Row], period: Period) -> Trend:
    return trend_of(rows, code=code, starts=period.starts, ends=period.ends)


def _days(period: Period) -> str:
    return f"{day(period.starts)} \N{EN DASH} {day(period.ends - A_DAY)}"
