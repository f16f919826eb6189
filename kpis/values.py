"""What is asked of figures, and what they are: plain values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from kpis.definitions import FEWEST, Dimension
from kpis.intervals import wilson_interval
from leadhub.core.working_time import WorkCalendar

# By code of the figure; a missing or empty target is none.
Targets = dict[str, timedelta | float | None]
# Dimension -> name of the group; empty for the total.
Group = dict[Dimension, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Which picks: those accepted in ``[starts_at, ends_at)``; ``None`` filters nothing.

    :ivar time_zone: the IANA zone in which days, weeks, months and quarters begin.
    :ivar calendar: by which durations are counted; ``None`` is wall-clock time.
    :ivar product_line: a code; picks whose lead asks for this line, among others or alone.
    :ivar matures_after: how old a pick has to be to count as mature; ``None`` makes none so.
    """

    manufacturer_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    partner_id: UUID | None = None
    user_id: UUID | None = None
    product_line: str | None = None
    region: str | None = None
    postal_area: str | None = None
    source: str | None = None
    campaign: str | None = None
    temperature: str | None = None
    certification: str | None = None
    calendar: WorkCalendar | None = None
    matures_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A time figure of a group; durations in whole seconds, means and percentiles rounded to them.

    :ivar count: picks that reached the end of the measured time.
    :ivar open_count: picks still in hand that have not.
    :ivar in_time: picks that ended within the target; ``None`` without a target.
    :ivar judged: picks that ended, and those that wait longer than the target already.
    :ivar censored_median: the time that half of all need, those still open included (Kaplan and
        Meier 1958); ``None`` if fewer than half have got there, or if it was not asked for.
    """

    count: int
    mean: int | None
    median: int | None
    p90: int | None
    open_count: int
    target: int | None
    in_time: int | None
    judged: int | None
    censored_median: int | None = None

    @property
    def within_target(self) -> float | None:
        """The share that ended in time, 0 to 1; ``None`` is no target or no data."""
        return self.in_time / self.judged if self.in_time is not None and self.judged else None

    @property
    def is_few(self) -> bool:
        """Whether it comes from so few picks that it is ranked nowhere."""
        return self.count < FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of a group, with what it was divided from."""

    numerator: int
    denominator: int
    target: float | None

    @property
    def value(self) -> float | None:
        """The ratio, 0 to 1; ``None`` is no data."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the ratio; ``None`` without data, or if it is no share."""
        if not 0 <= self.numerator <= self.denominator or not self.denominator:
            return None
        return wilson_interval(self.numerator, self.denominator)

    @property
    def is_few(self) -> bool:
        """Whether it comes from so few picks that it is ranked nowhere."""
        return self.denominator < FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money of a group.

    :ivar count: wins whose value is counted.
    :ivar not_counted: wins without a value or in another currency.
    """

    count: int
    value: Decimal | None
    currency: str
    not_counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """How often something was done about the picks of a group."""

    count: int
    picks: int

    @property
    def per_pick(self) -> float | None:
        """How often for each pick; ``None`` without any."""
        return self.count / self.picks if self.picks else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number that leads have: a time in whole seconds, or waves; ``None`` is no data."""

    count: int
    mean: float | None
    median: float | None
    p90: float | None
    open_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All figures of one group, by code."""

    group: Group
    picks: int
    durations: dict[str, Duration]
    ratios: dict[str, Ratio]
    amounts: dict[str, Amount]
    counts: dict[str, Tallied]
