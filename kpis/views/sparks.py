"""The course of a figure as a line the size of a word, in numbers that a template writes down."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from kpis.views.trends import Trend, Week

WIDE, TALL = 120, 32
# The highest and the lowest point stay clear of the edge.
ROOM = 3
FEW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A line in a box of ``WIDE`` by ``TALL``.

    :ivar path: stretches of weeks with data, the gaps left open.
    :ivar end: the last point, as a line without length that round ends make a dot.
    :ivar target: how high it lies; ``None`` without one.
    :ivar words: the same for those who do not see it.
    """

    path: str
    end: str
    target: str | None
    words: str

    @property
    def box(self) -> str:
        """The box as SVG writes it."""
        return f"0 0 {WIDE} {TALL}"


def spark_of(trend: Trend) -> Spark | None:
    """Draw the weeks of a trend; ``None`` if fewer than two have data."""
    weeks = trend.weeks
    told = [(number, week) for number, week in enumerate(weeks) if week.value is not None]
    if len(told) < FEW:
        return None
    top = max([week.value or 0.0 for _, week in told] + [trend.target or 0.0]) or 1.0
    points = {number: _point(number, week, len(weeks), top) for number, week in told}
    target = None if trend.target is None else f"{_height(trend.target, top):.1f}"
    last = told[-1][0]
    return Spark(
        path=_path(points, len(weeks)),
        end=f"M{points[last]}h0",
        target=target,
        words=_words(trend, [week for _, week in told]),
    )


def _path(points: dict[int, str], count: int) -> str:
    steps = []
    for number in range(count):
        if number not in points:
            continue
        is_first = number - 1 not in points
        steps.append(f"{'M' if is_first else 'L'}{points[number]}")
        if is_first and number + 1 not in points:
            steps.append("h0")
    return "".join(steps)


def _point(number: int, week: Week, count: int, top: float) -> str:
    x = ROOM + (WIDE - 2 * ROOM) * number / max(count - 1, 1)
    return f"{x:.1f} {_height(week.value or 0.0, top):.1f}"


def _height(value: float, top: float) -> float:
    return TALL - ROOM - (TALL - 2 * ROOM) * value / top


def _words(trend: Trend, told: Sequence[Week]) -> str:
    words = gettext("%(figure)s by week: lowest %(low)s, highest %(high)s, last %(last)s.")
    low, high = (pick(told, key=lambda week: week.value or 0.0) for pick in (min, max))
    return words % {
        "figure": trend.label,
        "low": low.shown,
        "high": high.shown,
        "last": told[-1].shown,
    }
