"""A network of partners, leads over sixty days, and how partners behave: all from one seed.

Places are drawn from sixty towns by their size and scattered around them, so that there are
crowded and empty regions. How a partner behaves depends on what it would in truth: how good it is,
how far away the customer lives, how much it has to do, and what time it is.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, exp, log, radians

from leadhub.core.geo import distance_km

DAY, HOUR = 86_400.0, 3_600.0
DAYS = 60
LINES = ("heat-pumps", "boilers", "solar", "storage", "ventilation")
COUNTRIES = ("DE", "AT", "CH")
# South, north, west and east of what the three countries cover, roughly.
REGION = {
    "DE": (47.4, 54.6, 6.2, 14.8),
    "AT": (46.6, 48.8, 9.8, 16.9),
    "CH": (46.0, 47.7, 6.2, 9.6),
}
SHARE = {"DE": 0.8, "AT": 0.1, "CH": 0.1}
RADII_KM = (25.0, 40.0, 50.0, 60.0, 80.0, 120.0)
SHARE_ANYWHERE, SHARE_CARRYING = 0.25, 0.5
RANKS = (None, None, None, 1, 2, 3)
# A partner is at work from eight to six, and answers before and after only now and then.
# Of a draw whose logarithm is taken.
LEAST = 1e-9
OPENS, CLOSES, AWAKE_OTHERWISE = 8, 18, 0.08


@dataclass
class Partner:
    """A partner, what it is like, and what it has to do.

    :ivar quality: in [0, 1]: how ready it is to answer, and how fast.
    :ivar busy_until: when each of its open leads is done.
    :ivar offers: how often it was asked; ``eligible`` for how many leads it could have been.
    """

    number: int
    country: str
    latitude: float
    longitude: float
    radius_km: float
    lines: frozenset[str]
    rank: int | None
    weight: int
    cap_open: int | None
    quality: float
    busy_until: list[float] = field(default_factory=list)
    last_offered_at: float | None = None
    offers: int = 0
    eligible: int = 0

    def open_leads(self, at: float) -> int:
        """Count the leads in its hands."""
        self.busy_until = [until for until in self.busy_until if until > at]
        return len(self.busy_until)


@dataclass(frozen=True)
class Lead:
    """An enquiry: where, when, what for, and the rank that it asks for."""

    number: int
    at: float
    country: str
    latitude: float
    longitude: float
    line: str
    rank: int | None


@dataclass(frozen=True)
class Answer:
    """What a partner does with an offer: accepts so long after it, or declines, or neither.

    :ivar contact_seconds: how long after the acceptance it reaches the customer.
    """

    accepts: bool
    seconds: float | None
    contact_seconds: float


@dataclass(frozen=True)
class World:
    """A network and its leads in the order in which they come."""

    seed: int
    partners: Sequence[Partner]
    leads: Sequence[Lead]


def make_world(*, seed: int, partners: int, leads: int) -> World:
    """Draw a network and its leads."""
    chance = random.Random(seed)
    towns = [_town(chance) for _ in range(60)]
    sizes = [1 / (rank + 3) for rank in range(len(towns))]
    return World(
        seed,
        [_partner(number, chance, towns, sizes) for number in range(partners)],
        sorted(
            (_lead(number, chance, towns, sizes) for number in range(leads)),
            key=lambda lead: lead.at,
        ),
    )


def fresh(world: World) -> World:
    """Make the same network once more, with nothing done yet."""
    return make_world(seed=world.seed, partners=len(world.partners), leads=len(world.leads))


def answer_of(world: World, lead: Lead, partner: Partner, *, at: float, km: float) -> Answer:
    """Tell what a partner does with a lead: the same draws for whoever asks it at that time.

    It declines what it does not sell or is not certified for, and is the less ready the farther
    the customer and the more it has to do.
    """
    draw = random.Random(world.seed << 40 ^ lead.number << 16 ^ partner.number)
    readiness, haste, patience = draw.random(), draw.random(), draw.random()
    can = lead.line in partner.lines and (partner.rank or 0) >= (lead.rank or 0)
    load = partner.open_leads(at)
    wish = (0.25 + 0.65 * partner.quality) * exp(-max(km - 20, 0) / 120) * 4 / (4 + load)
    thinking = -1_800.0 * (1.6 - partner.quality) * log(max(haste, LEAST))
    answered_at = _at_work(at, thinking, draw)
    if not can or readiness > wish:
        has_answered = readiness > 1 - 0.4 * partner.quality
        seconds = answered_at - at if has_answered else None
        return Answer(accepts=False, seconds=seconds, contact_seconds=0.0)
    contact = -1_500.0 * (1.5 - partner.quality) * (1 + load / 4) * log(max(patience, LEAST))
    return Answer(accepts=True, seconds=answered_at - at, contact_seconds=contact)


def work_of(world: World, lead: Lead, partner: Partner) -> float:
    """Tell how long a lead keeps its partner busy, in seconds."""
    draw = random.Random(world.seed << 41 ^ lead.number << 16 ^ partner.number)
    return DAY * draw.uniform(4, 20)


class Grid:
    """Partners by place, in squares of a degree, to look at the near ones only."""

    def __init__(self, partners: Sequence[Partner]) -> None:
        self._squares: dict[tuple[int, int], list[Partner]] = defaultdict(list)
        for partner in partners:
            self._squares[int(partner.latitude), int(partner.longitude)].append(partner)

    def around(self, lead: Lead, *, km: float) -> list[tuple[Partner, float]]:
        """List the partners within so many kilometres, with their distances."""
        tall = km / 111.0
        wide = tall / cos(radians(lead.latitude))
        found = []
        for south in range(int(lead.latitude - tall), int(lead.latitude + tall) + 1):
            for west in range(int(lead.longitude - wide), int(lead.longitude + wide) + 1):
                for partner in self._squares.get((south, west), ()):
                    distance = distance_between(lead, partner)
                    if distance <= km:
                        found.append((partner, distance))
        return found


def distance_between(lead: Lead, partner: Partner) -> float:
    """Measure how far a lead is from a partner, in km."""
    return distance_km(lead.latitude, lead.longitude, partner.latitude, partner.longitude)


def can_have(lead: Lead, partner: Partner, km: float) -> bool:
    """Tell whether a partner works there, sells it and is certified."""
    return (
        km <= partner.radius_km
        and lead.line in partner.lines
        and (partner.rank or 0) >= (lead.rank or 0)
    )


def _at_work(at: float, thinking: float, draw: random.Random) -> float:
    """Put an answer off to the next morning if the partner is not at work then."""
    moment = at + thinking
    hour = moment % DAY / HOUR
    if OPENS <= hour < CLOSES or draw.random() < AWAKE_OTHERWISE:
        return moment
    days = moment // DAY + (hour >= CLOSES)
    return days * DAY + OPENS * HOUR + draw.uniform(0, HOUR)


def _town(chance: random.Random) -> tuple[str, float, float]:
    country = chance.choices(COUNTRIES, [SHARE[one] for one in COUNTRIES])[0]
    south, north, west, east = REGION[country]
    return country, chance.uniform(south, north), chance.uniform(west, east)


def _place(
    chance: random.Random, towns: Sequence[tuple[str, float, float]], sizes: Sequence[float]
) -> tuple[str, float, float]:
    """Near a town, or one time in four anywhere in its country."""
    country, latitude, longitude = chance.choices(towns, sizes)[0]
    if chance.random() < SHARE_ANYWHERE:
        south, north, west, east = REGION[country]
        return country, chance.uniform(south, north), chance.uniform(west, east)
    return country, latitude + chance.gauss(0, 0.15), longitude + chance.gauss(0, 0.22)


def _partner(
    number: int,
    chance: random.Random,
    towns: Sequence[tuple[str, float, float]],
    sizes: Sequence[float],
) -> Partner:
    country, latitude, longitude = _place(chance, towns, sizes)
    return Partner(
        number=number,
        country=country,
        latitude=latitude,
        longitude=longitude,
        radius_km=chance.choice(RADII_KM),
        lines=frozenset(line for line in LINES if chance.random() < SHARE_CARRYING)
        or frozenset(LINES[:1]),
        rank=chance.choice(RANKS),
        weight=chance.choice((30, 50, 50, 50, 80)),
        cap_open=chance.choice((None, None, 5, 10)),
        quality=chance.betavariate(2, 2),
    )


def _lines(chance: random.Random) -> frozenset[str]:
    """Draw what a partner sells: something at least."""
    sold = frozenset(line for line in LINES if chance.random() < SHARE_CARRYING)
    return sold or frozenset(LINES[:1])


def _lead(
    number: int,
    chance: random.Random,
    towns: Sequence[tuple[str, float, float]],
    sizes: Sequence[float],
) -> Lead:
    country, latitude, longitude = _place(chance, towns, sizes)
    # Most enquiries come by day, some in the evening, few at night.
    hour = min(max(chance.gauss(14, 4.5), 0), 23.99)
    return Lead(
        number=number,
        at=chance.randrange(DAYS) * DAY + hour * HOUR,
        country=country,
        latitude=latitude,
        longitude=longitude,
        line=chance.choice(LINES),
        rank=chance.choice((None, None, None, 1, 2)),
    )
