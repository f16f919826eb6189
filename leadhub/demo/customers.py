"""Customers and their enquiries: who they are, where they live, what they want, how warm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from leadhub.demo.chance import Dice
from leadhub.demo.names import (
    FIRST_NAMES,
    LAST_NAMES,
    STREETS,
    PhoneBook,
    in_ascii,
    spelled_for,
)
from leadhub.demo.network import Member, Network
from leadhub.demo.places import Atlas, Spot
from leadhub.demo.trades import CLOSINGS, SOURCES, WARMTH, Line
from leads.intake import Consent, Contact, NewLead

ANYWHERE = 0.05
MISTYPED_CODE = 0.008
SOURCE_PREFIXES = {
    "website": "WEB",
    "configurator": "KONF",
    "phone": "TEL",
    "fair": "MESSE",
    "partner-portal": "PP",
}
TEMPERATURES = ("HOT", "WARM", "COLD")
# A business, not a household, stands behind some enquiries.
BUSINESSES = (
    "Hausverwaltung {name}",
    "Gasthof {name}",
    "Architekturbüro {name}",
    "{name} Immobilien GmbH",
    "Praxis Dr. {name}",
    "Weingut {name}",
)


class Fate(Enum):
    """What is to become of a lead that the demo world needs just now; else chance decides."""

    CHANCE = auto()
    UNANSWERED = auto()
    JUST_ACCEPTED = auto()
    WAITS_FOR_CONTACT = auto()
    REFUSED_BY_ALL = auto()
    LEFT_HELD = auto()


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A lead that will come in.

    :ivar home: the partner next to whom the customer lives, if any.
    """

    number: int
    at: datetime
    new: NewLead
    fate: Fate
    home: Member | None


class Customers:
    """Makes enquiries, one after the other."""

    def __init__(self, network: Network, atlas: Atlas, throw: Dice) -> None:
        self._network = network
        self._atlas = atlas
        self._throw = throw
        self._phones = PhoneBook(throw)
        # Leads come from where partners are; the well-known ones sit in big cities.
        self._homes = [
            (member, 4.0 if member.is_well_known else throw.uniform(0.5, 1.5))
            for member in network.members
        ]

    def enquire(
        self, number: int, at: datetime, *, fate: Fate = Fate.CHANCE, home: Member | None = None
    ) -> Enquiry:
        """Make the enquiry with this number, which comes in at this instant."""
        throw, trade = self._throw, self._network.trade
        if home is None and not throw.happens(ANYWHERE):
            home = throw.one_of(self._homes)
        spot = throw.choice(home.reach) if home and home.reach else self._atlas.any_spot(throw)
        lines = self._lines(home)
        main = trade.line(lines[0])
        source = throw.one_of(SOURCES)
        temperature = throw.choices(TEMPERATURES, weights=WARMTH[source])[0]
        slots = self._slots()
        is_lost = fate is Fate.LEFT_HELD or (fate is Fate.CHANCE and throw.happens(MISTYPED_CODE))
        new = NewLead(
            external_id=f"{SOURCE_PREFIXES[source]}-{10_000 + number}",
            source=source,
            campaign=throw.choice(trade.campaigns) if throw.happens(0.45) else "",
            product_lines=lines,
            required_certification=self._required(main),
            country=spot.country,
            postal_code=_mistyped(spot) if is_lost else spot.postal_code,
            city=spot.city,
            contact=self._contact(spot, number, source),
            temperature=temperature,
            evidence=spelled_for(spot.country, throw.choice(trade.evidence[temperature])),
            wish=self._wish(main, spot, slots),
            wish_summary=spelled_for(spot.country, throw.choice(main.summaries).format(**slots)),
            expected_value=self._value([trade.line(code) for code in lines]),
            consent=self._consent(source, at),
        )
        return Enquiry(number, at, new, fate, home)

    def _lines(self, home: Member | None) -> list[str]:
        throw = self._throw
        sold = home.details.product_lines if home and throw.happens(0.93) else None
        shares = [
            (line.code, line.share)
            for line in self._network.trade.lines
            if sold is None or line.code in sold
        ]
        first = throw.one_of(shares)
        others = [(code, share) for code, share in shares if code != first]
        if others and throw.happens(0.09):
            return [first, throw.one_of(others)]
        return [first]

    def _required(self, main: Line) -> str:
        if main is not self._network.trade.lines[0] or not self._throw.happens(0.14):
            return ""
        low, middle, _ = (code for code, _, _ in self._network.trade.levels)
        return self._throw.choice((low, middle))

    def _contact(self, spot: Spot, number: int, source: str) -> Contact:
        throw = self._throw
        first, last = throw.choice(FIRST_NAMES), throw.choice(LAST_NAMES[spot.country])
        company = throw.choice(BUSINESSES).format(name=last) if throw.happens(0.08) else ""
        with_email, with_phone = throw.one_of(
            (((True, True), 0.68), ((True, False), 0.14), ((False, True), 0.18))
        )
        if source == "phone":
            with_phone = True
        email = f"{in_ascii(first)}.{in_ascii(last)}{number}@post.example"
        phone = self._phones.number(spot.country, spot.region)
        street = f"{throw.choice(STREETS)} {throw.randint(1, 96)}" if throw.happens(0.6) else ""
        return Contact(
            first_name=first,
            last_name=last,
            company=company,
            email=email if with_email else "",
            phone=phone if with_phone else "",
            street=spelled_for(spot.country, street),
            language="de",
        )

    def _wish(self, main: Line, spot: Spot, slots: dict[str, object]) -> str:
        closing = self._throw.choice(CLOSINGS)
        wish = f"{self._throw.choice(main.wishes).format(**slots)} {closing}".strip()
        return spelled_for(spot.country, wish)

    def _slots(self) -> dict[str, object]:
        throw = self._throw
        year = throw.randint(1958, 2009)
        return {
            "year": year,
            "age": throw.randint(16, 34),
            "area": throw.randrange(85, 260, 5),
            "power": throw.randint(6, 18),
            "persons": throw.randint(2, 6),
            "months": throw.randint(4, 14),
            "units": throw.randint(3, 12),
            "roof": throw.randint(8, 32),
            "count": throw.randint(5, 18),
            "few": throw.randint(2, 4),
            "width": f"{throw.randint(20, 50) / 10:.1f}".replace(".", ","),
        }

    def _value(self, lines: Sequence[Line]) -> Decimal | None:
        if not self._throw.happens(0.72):
            return None
        value = sum(self._throw.around(line.value, 0.3) for line in lines)
        return Decimal(max(1, round(value / 500)) * 500)

    def _consent(self, source: str, at: datetime) -> Consent | None:
        if source in ("website", "configurator"):
            given_at = at - timedelta(seconds=self._throw.randint(2, 90))
            return Consent(text_version="2.1", given_at=given_at, source="web form")
        if source == "fair":
            return Consent(text_version="2.1-fair", given_at=at, source="sheet at the stand")
        return None


def _mistyped(spot: Spot) -> str:
    """Write a postal code as nobody has it: one digit too many."""
    return f"{spot.postal_code}{spot.postal_code[-1]}"
