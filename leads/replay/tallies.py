"""The figures of one side of a replay, added up lead by lead, and told in the end. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from leadhub.core.inequality import gini

# Distances are counted by 100 m, times by 10 s: as exact as anybody reads them, and few numbers.
METRES, SECONDS = 100.0, 10.0


@dataclass
class Tally:
    """What one side did with the leads.

    :ivar distances: distance of the partner asked first -> leads, in 100 m.
    :ivar seconds: expected time to placement -> leads, in 10 s.
    :ivar chances: sum of the chances to be placed in the waves.
    :ivar unplaced: leads for which nobody could be asked.
    :ivar offers: partner -> offers expected of these leads, the first wave's and later ones.
    """

    leads: int = 0
    unplaced: int = 0
    chances: float = 0.0
    distances: Counter[int] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)
    offers: dict[str, float] = field(default_factory=dict)

    def add(
        self,
        *,
        distance_km: float | None,
        chance: float,
        seconds: float | None,
        offers: Iterable[tuple[str, float]],
        is_unplaced: bool,
    ) -> None:
        """Count one lead.

        :param offers: partners, and the chance that each is asked.
        """
        self.leads += 1
        self.unplaced += is_unplaced
        self.chances += chance
        if distance_km is not None:
            self.distances[round(distance_km * 1_000 / METRES)] += 1
        if seconds is not None:
            self.seconds[round(seconds / SECONDS)] += 1
        for partner, share in offers:
            self.offers[partner] = self.offers.get(partner, 0.0) + share

    def tell(self, eligible: Iterable[str]) -> dict[str, Any]:
        """Tell the figures.

        :param eligible: partners that could have been asked for any of the leads, by any side.
        """
        offers = [self.offers.get(partner, 0.0) for partner in eligible]
        return {
            "leads": self.leads,
            "unplaced": self.unplaced,
            "placed_chance": self.chances / self.leads if self.leads else None,
            "distance_median_km": _quantile(self.distances, 0.5, METRES / 1_000),
            "distance_p90_km": _quantile(self.distances, 0.9, METRES / 1_000),
            "seconds_median": _quantile(self.seconds, 0.5, SECONDS),
            "offers_gini": gini(offers),
            "offers_most": max(offers, default=0.0),
            "partners_asked": sum(1 for amount in offers if amount > 0),
        }

    def pack(self) -> dict[str, Any]:
        """Write the sums so that they can be stored."""
        return {
            "leads": self.leads,
            "unplaced": self.unplaced,
            "chances": self.chances,
            "distances": dict(self.distances),
            "seconds": dict(self.seconds),
            "offers": self.offers,
        }

    @classmethod
    def unpack(cls, stored: Mapping[str, Any]) -> "Tally":
        """Read sums that ``pack`` wrote; JSON makes texts of the numbers that are counted."""
        return cls(
            **{
                **stored,
                "distances": _counter(stored["distances"]),
                "seconds": _counter(stored["seconds"]),
                "offers": dict(stored["offers"]),
            }
        )


def spread(offers: Mapping[str, float], eligible: Iterable[str]) -> list[float]:
    """Cut the partners into ten parts, the least asked first, and tell each part's share."""
    amounts = sorted(offers.get(partner, 0.0) for partner in eligible)
    whole, count = sum(amounts), len(amounts)
    if not whole:
        return []
    bounds = [round(part * count / 10) for part in range(11)]
    return [sum(amounts[start:end]) / whole for start, end in pairwise(bounds)]


def _counter(stored: Mapping[str, int]) -> Counter[int]:
    return Counter({int(value): count for value, count in stored.items()})


def _quantile(counted: Counter[int], share: float, unit: float) -> float | None:
    """Find the smallest value that so large a share of the leads does not exceed."""
    values: Sequence[int] = sorted(counted)
    needed, passed = share * counted.total(), 0
    for value in values:
        passed += counted[value]
        if passed >= needed:
            return round(value * unit, 3)
    return None
