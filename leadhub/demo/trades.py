"""What a trade is made of: product lines with customers' wishes, levels, policies, companies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A product line and what customers want of it.

    :ivar share: of all leads.
    :ivar carried: share of the partners that sell it.
    :ivar value: what a customer typically spends, in EUR.
    :ivar wishes: the customer's own words, with the slots of ``Details``.
    :ivar summaries: what a partner reads before it has the lead, with the same slots.
    """

    code: str
    name: str
    share: float
    carried: float
    value: int
    wishes: Sequence[str]
    summaries: Sequence[str]


@dataclass(frozen=True, slots=True)
class Trade:
    """An invented manufacturer and its trade.

    :ivar lines: the first one is the main line, which every partner sells.
    :ivar levels: code, name and rank, the lowest first.
    :ivar companies: country -> patterns of company names, with ``{name}`` and ``{city}``.
    :ivar special: the line that has a policy of its own, and that policy's waves.
    :ivar staff: the manufacturer's people, an administrator, a dispatcher and an analyst.
    """

    slug: str
    name: str
    lines: Sequence[Line]
    levels: Sequence[tuple[str, str, int]]
    companies: Mapping[str, Sequence[str]]
    waves: Sequence[dict[str, Any]]
    special: tuple[str, Sequence[dict[str, Any]]]
    campaigns: Sequence[str]
    evidence: Mapping[str, Sequence[str]]
    staff: Sequence[tuple[str, str]]

    def line(self, code: str) -> Line:
        """Find a line by its code."""
        return next(line for line in self.lines if line.code == code)


# How a customer may end a message.
CLOSINGS = (
    "Am besten bin ich nachmittags zu erreichen.",
    "Bitte rufen Sie erst nach 17 Uhr an.",
    "Ein Termin am Samstag wäre ideal.",
    "Wir freuen uns auf ein Angebot.",
    "Bitte vorher kurz per E-Mail melden.",
    "Parkplatz ist vor dem Haus vorhanden.",
    "Es eilt nicht, aber eine grobe Kostenschätzung würde uns helfen.",
    "Wir vergleichen gerade mehrere Anbieter.",
    "Vielen Dank für eine kurze Rückmeldung.",
    "Wann könnten Sie sich das vor Ort ansehen?",
    "",
    "",
    "",
)
NOTES = {
    "REACHED": (
        "Gespräch geführt, Kunde überlegt noch.",
        "Kurz telefoniert, Unterlagen geschickt.",
        "Kunde freundlich, Bedarf bestätigt.",
    ),
    "NOT_REACHABLE": (
        "Dreimal angerufen, Mailbox besprochen.",
        "Niemand erreicht, E-Mail geschickt.",
    ),
    "APPOINTMENT": (
        "Vor-Ort-Termin nächste Woche vereinbart.",
        "Aufmaß am Donnerstag.",
        "Termin in unserer Ausstellung.",
    ),
    "QUOTE_SENT": (
        "Angebot verschickt, Rückmeldung in zwei Wochen.",
        "Zwei Varianten angeboten.",
        "Angebot persönlich besprochen.",
    ),
    "WON": ("Auftrag erteilt.", "Auftrag unterschrieben, Montage in sechs Wochen."),
    "LOST": ("Hat sich anders entschieden.", "Vorhaben verschoben.", "War ihm zu teuer."),
}
SOURCES = (
    ("website", 0.40),
    ("configurator", 0.22),
    ("phone", 0.16),
    ("fair", 0.12),
    ("partner-portal", 0.10),
)
# How warm leads of a source are: hot, warm, cold.
WARMTH = {
    "website": (0.25, 0.55, 0.20),
    "configurator": (0.45, 0.45, 0.10),
    "phone": (0.50, 0.45, 0.05),
    "fair": (0.12, 0.48, 0.40),
    "partner-portal": (0.30, 0.60, 0.10),
}
