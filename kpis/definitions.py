"""Every figure as a declared definition: what it is called, how it is counted, what is good.

Nothing here computes. ``kpis.calculations`` turns the definitions into SQL, the catalogue and the
documents print them.
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
    """The sets of picks that ratios count.

    :cvar CLOSED: won or lost by their last closing; a return is no closing.
    :cvar CONVERTIBLE: all but returns that the manufacturer confirmed as the lead's fault.
    """

    PICKS = "picks"
    WITH_FEEDBACK = "with_feedback"
    CLOSED = "closed"
    CLOSED_WITH_FEEDBACK = "closed_with_feedback"
    WON = "won"
    CONVERTIBLE = "convertible"


class Dimension(StrEnum):
    """What figures can be grouped by."""

    PARTNER = "partner"
    PRODUCT_LINE = "product_line"
    SOURCE = "source"
    REGION = "region"
    TEMPERATURE = "temperature"
    WEEK = "week"
    MONTH = "month"


MOST_DIMENSIONS = 2


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
    :ivar aggregates: the numbers that an answer gives, in order.
    """

    code: str
    label: Text
    formula: Text
    better_is: BetterIs

    unit: ClassVar[Unit] = Unit.RATIO
    aggregates: tuple[str, ...] = ("numerator", "denominator", "value", "target")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioFigure(Figure):
    """Picks of one kind among picks of another."""

    numerator: Tally
    denominator: Tally
    default_target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFigure(Figure):
    """The values of won picks in the manufacturer's currency: their sum, or their mean."""

    is_mean: bool

    unit: ClassVar[Unit] = Unit.MONEY
    aggregates: tuple[str, ...] = ("count", "value", "currency", "not_counted")


DURATIONS = (
    DurationFigure(
        code="acceptance_time",
        label=Text(en="Time to acceptance", de="Zeit bis zur Annahme"),
        formula=Text(
            en="From the moment the accepted offer was available to the partner until the partner "
            "accepted it. Direct assignments and picks from the pick list have no offer and do "
            "not count.",
            de="Vom Zeitpunkt, ab dem das angenommene Angebot dem Partner vorlag, bis zur Annahme. "
            "Direkte Zuweisungen und Übernahmen aus den offenen Leads haben kein Angebot und "
            "zählen nicht.",
        ),
        better_is=BetterIs.LOWER,
        starts_at=Moment.OFFERED_AT,
        ends_at=Moment.ACCEPTED_AT,
        default_target=timedelta(hours=1),
    ),
    DurationFigure(
        code="contact_time",
        label=Text(en="Time to first contact", de="Zeit bis zum Erstkontakt"),
        formula=Text(
            en="From acceptance to the first contact with the customer. Picks in hand without "
            "contact are open; picks that ended without contact are neither counted nor open.",
            de="Von der Annahme bis zum ersten Kontakt mit dem Kunden. Laufende Leads ohne Kontakt "
            "sind offen; ohne Kontakt beendete zählen nicht und sind nicht offen.",
        ),
        better_is=BetterIs.LOWER,
        starts_at=Moment.ACCEPTED_AT,
        ends_at=Moment.CONTACTED_AT,
        default_target=timedelta(hours=1),
    ),
    DurationFigure(
        code="processing_time",
        label=Text(en="Processing time", de="Bearbeitungszeit"),
        formula=Text(
            en="From acceptance to the last closing, won or lost. Picks in hand are open; returned "
            "ones are neither counted nor open.",
            de="Von der Annahme bis zum letzten Abschluss, gewonnen oder verloren. Laufende Leads "
            "sind offen; zurückgegebene zählen nicht und sind nicht offen.",
        ),
        better_is=BetterIs.LOWER,
        starts_at=Moment.ACCEPTED_AT,
        ends_at=Moment.CLOSED_AT,
        default_target=None,
    ),
)

RATIOS = (
    RatioFigure(
        code="feedback_rate",
        label=Text(en="Feedback rate", de="Rückmeldequote"),
        formula=Text(
            en="Picks with at least one feedback, divided by all picks. A return is feedback.",
            de="Leads mit mindestens einer Rückmeldung, geteilt durch alle übernommenen Leads. "
            "Eine Rückgabe ist eine Rückmeldung.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.WITH_FEEDBACK,
        denominator=Tally.PICKS,
        default_target=0.75,
    ),
    RatioFigure(
        code="feedback_rate_completed",
        label=Text(en="Feedback rate of closed leads", de="Rückmeldequote abgeschlossener Leads"),
        formula=Text(
            en="Closed picks with at least one feedback, divided by closed picks (won or lost).",
            de="Abgeschlossene Leads mit mindestens einer Rückmeldung, geteilt durch die "
            "abgeschlossenen (gewonnen oder verloren).",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.CLOSED_WITH_FEEDBACK,
        denominator=Tally.CLOSED,
    ),
    RatioFigure(
        code="conversion_rate",
        label=Text(en="Conversion rate", de="Abschlussquote"),
        formula=Text(
            en="Picks won, divided by all picks, those in hand included. Returns confirmed as the "
            "lead's fault leave the denominator.",
            de="Gewonnene Leads, geteilt durch alle übernommenen, laufende eingeschlossen. "
            "Rückgaben, die als Mangel des Leads bestätigt sind, zählen nicht im Nenner.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.WON,
        denominator=Tally.CONVERTIBLE,
    ),
    RatioFigure(
        code="win_rate",
        label=Text(en="Win rate", de="Gewinnquote"),
        formula=Text(
            en="Picks won, divided by closed picks (won or lost).",
            de="Gewonnene Leads, geteilt durch abgeschlossene (gewonnen oder verloren).",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.WON,
        denominator=Tally.CLOSED,
    ),
)

AMOUNTS = (
    MoneyFigure(
        code="revenue",
        label=Text(en="Revenue", de="Umsatz"),
        formula=Text(
            en="Sum of the values of picks won, in the manufacturer's currency. Wins without a "
            "value or in another currency are not counted, and their number is given.",
            de="Summe der Werte gewonnener Leads in der Währung des Herstellers. Gewonnene ohne "
            "Wert oder in anderer Währung zählen nicht; ihre Anzahl wird genannt.",
        ),
        better_is=BetterIs.HIGHER,
        is_mean=False,
    ),
    MoneyFigure(
        code="average_order_value",
        label=Text(en="Average order value", de="Durchschnittlicher Auftragswert"),
        formula=Text(
            en="Revenue, divided by the number of wins that it counts.",
            de="Umsatz, geteilt durch die Anzahl der darin gezählten Abschlüsse.",
        ),
        better_is=BetterIs.HIGHER,
        is_mean=True,
    ),
)

CATALOGUE: tuple[DurationFigure | RatioFigure | MoneyFigure, ...] = (
    *DURATIONS,
    *RATIOS,
    *AMOUNTS,
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step on the way of a lead, and what counts as having reached it."""

    code: str
    label: Text
    meaning: Text


# A lead that reached a later step counts for all before it.
FUNNEL = (
    Step(
        "received",
        Text(en="Received", de="Eingegangen"),
        Text(
            en="Leads received in the period, without tests.",
            de="Im Zeitraum eingegangene Leads, ohne Tests.",
        ),
    ),
    Step(
        "offered",
        Text(en="Offered", de="Angeboten"),
        Text(
            en="Offered to at least one partner.",
            de="Mindestens einem Partner angeboten.",
        ),
    ),
    Step(
        "accepted",
        Text(en="Accepted", de="Angenommen"),
        Text(
            en="Accepted by a partner, taken from the pick list or assigned directly.",
            de="Von einem Partner angenommen, aus den offenen Leads übernommen oder direkt "
            "zugewiesen.",
        ),
    ),
    Step(
        "contacted",
        Text(en="Contacted", de="Kontaktiert"),
        Text(
            en="The partner has reached the customer.",
            de="Der Partner hat den Kunden erreicht.",
        ),
    ),
    Step(
        "advanced",
        Text(en="Appointment or quote", de="Termin oder Angebot"),
        Text(
            en="The partner reports an appointment or a quote sent.",
            de="Der Partner meldet einen Termin oder ein verschicktes Angebot.",
        ),
    ),
    Step(
        "won",
        Text(en="Won", de="Gewonnen"),
        Text(
            en="Won by the last closing.",
            de="Nach dem letzten Abschluss gewonnen.",
        ),
    ),
)
