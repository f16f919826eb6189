"""What a definition of a figure is made of: units, moments, sets of picks, dimensions.

Nothing here computes. ``kpis.pick_figures`` and ``kpis.network_figures`` declare the figures.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar


class Unit(StrEnum):
    """What a figure is measured in."""

    SECONDS = "seconds"
    RATIO = "ratio"
    MONEY = "money"
    COUNT = "count"


class BetterIs(StrEnum):
    """In which direction a figure improves."""

    LOWER = "lower"
    HIGHER = "higher"


class Moment(StrEnum):
    """The instants of a pick between which time is measured."""

    OFFERED_AT = "offered_at"
    ACCEPTED_AT = "accepted_at"
    CONTACTED_AT = "contacted_at"
    CLOSED_AT = "closed_at"


class Tally(StrEnum):
    """The sets that ratios count: of picks, and of what was done about them.

    :cvar CLOSED: won or lost by their last closing; a return is no closing.
    :cvar CONVERTIBLE: all but returns that the manufacturer confirmed as the lead's fault.
    :cvar MATURED: those of them that are older than nine of ten of the manufacturer's closed picks
        took to be closed.
    """

    PICKS = "picks"
    WITH_FEEDBACK = "with_feedback"
    CLOSED = "closed"
    CLOSED_WITH_FEEDBACK = "closed_with_feedback"
    WON = "won"
    CONVERTIBLE = "convertible"
    MATURED = "matured"
    MATURED_WON = "matured_won"
    RETURNED = "returned"
    ATTEMPTS = "attempts"
    APPOINTMENTS = "appointments"
    QUOTES = "quotes"


class OfferTally(StrEnum):
    """The sets of offers that ratios count.

    :cvar SETTLED: answered, or run out; offers that another partner was faster with, that were
        withdrawn or still stand say nothing.
    """

    SETTLED = "settled"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class LeadTally(StrEnum):
    """The sets of leads that ratios count.

    :cvar ROUTED: offered, put on the pick list or assigned; neither held nor rejected.
    :cvar ESCALATED: needed a second wave or more, up to the first acceptance.
    :cvar UNPLACED: found nobody in the waves.
    :cvar UNSERVED: routed, and nobody could be asked.
    :cvar BACKLOG: not ended yet.
    """

    RECEIVED = "received"
    ROUTED = "routed"
    PLACED = "placed"
    ESCALATED = "escalated"
    UNPLACED = "unplaced"
    UNSERVED = "unserved"
    BACKLOG = "backlog"
    WON = "won"


class PartnerTally(StrEnum):
    """The sets of partners that ratios count."""

    ACTIVE = "active"
    SERVED = "served"


class Dimension(StrEnum):
    """What figures can be grouped by.

    :cvar USER: who works the lead.
    :cvar POSTAL_AREA: country and the first two characters of the postal code: ``DE-80``.
    :cvar CERTIFICATION: the highest level that the partner holds today.
    """

    PARTNER = "partner"
    USER = "user"
    PRODUCT_LINE = "product_line"
    REGION = "region"
    POSTAL_AREA = "postal_area"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    TEMPERATURE = "temperature"
    CERTIFICATION = "certification"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


PERIODS = (Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.QUARTER)
MOST_DIMENSIONS = 2
# With fewer a figure is told with its interval, and ranked nowhere (K9).
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the languages of the product."""

    en: str
    de: str

    def in_language(self, language: str) -> str:
        """Say it in a language of the product; what is no German is English."""
        return self.de if language.startswith("de") else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What all figures declare.

    :ivar code: its name in the API.
    :ivar formula: how it is computed, in words.
    :ivar aggregates: the numbers that an answer gives, in order; ``beside`` those that stand in a
        place of their own, so that the form of the first never changes.
    """

    code: str
    label: Text
    formula: Text
    better_is: BetterIs

    unit: ClassVar[Unit] = Unit.RATIO
    aggregates: tuple[str, ...] = ("numerator", "denominator", "value", "target")
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationFigure(Figure):
    """A time between two moments of a pick, in whole seconds, rounded down per pick."""

    starts_at: Moment
    ends_at: Moment
    default_target: timedelta | None

    unit: ClassVar[Unit] = Unit.SECONDS
    aggregates: tuple[str, ...] = (
        "count",
        "mean",
        "median",
        "p90",
        "within_target",
        "target",
        "open_count",
    )
    beside: tuple[str, ...] = ("censored_median", "is_few")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioFigure(Figure):
    """Picks, offers or leads of one kind among those of another."""

    numerator: Tally | OfferTally | LeadTally | PartnerTally
    denominator: Tally | OfferTally | LeadTally | PartnerTally
    beside: tuple[str, ...] = ("interval", "is_few")
    default_target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFigure(Figure):
    """How many there are, or how often something was done; and how often for each pick or lead."""

    tally: Tally | LeadTally

    unit: ClassVar[Unit] = Unit.COUNT
    aggregates: tuple[str, ...] = ("count", "per_pick")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDurationFigure(Figure):
    """A time between two moments of a lead, in whole seconds, rounded down per lead."""

    unit: ClassVar[Unit] = Unit.SECONDS
    aggregates: tuple[str, ...] = ("count", "mean", "median", "p90", "open_count")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadNumberFigure(Figure):
    """A number that each lead has."""

    unit: ClassVar[Unit] = Unit.COUNT
    aggregates: tuple[str, ...] = ("count", "mean", "median", "p90", "open_count")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFigure(Figure):
    """The values of won picks in the manufacturer's currency: their sum, or their mean."""

    is_mean: bool

    unit: ClassVar[Unit] = Unit.MONEY
    aggregates: tuple[str, ...] = ("count", "value", "currency", "not_counted")


@dataclass(frozen=True, slots=True)
class Step:
    """A step on the way of a lead, and what counts as having reached it."""

    code: str
    label: Text
    meaning: Text
