"""What separates the best quarter of partners from the rest: differences, with how sure they are.

The difference of two groups is the median of all differences between one of each (J. L. Hodges and
E. L. Lehmann, "Estimates of Location Based on Rank Tests", Annals of Mathematical Statistics 34
(1963), 598-611). Its 95 % interval lies between those two of the ordered differences that the rank
test of Mann and Whitney (1947) would not reject, by its normal approximation.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, sqrt
from statistics import median
from typing import Any

from kpis.intervals import Z

# Of fewer partners a quarter is too small to tell anything.
FEWEST_PARTNERS = 12
# In either group, that have the figure.
FEWEST_IN_GROUP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure of the best quarter beside that of the rest.

    :ivar best: median over the partners of the best quarter; ``rest`` over all others.
    :ivar estimate: the difference, best less rest, within ``low`` and ``high`` in 95 of 100 cases.
    """

    code: str
    best: float
    rest: float
    estimate: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether there is a difference beyond doubt."""
        return self.low > 0 or self.high < 0


def separate(
    ranked: Sequence[Hashable], figures: Mapping[str, Mapping[Any, float]]
) -> list[Difference]:
    """Compare the first quarter of some partners with the others, figure by figure.

    :param ranked: partners, the best first.
    :param figures: code of a figure -> partner -> its value; who has none is left out.
    :returns: those that enough of either group have; nothing of too few partners.
    """
    if len(ranked) < FEWEST_PARTNERS:
        return []
    quarter = round(len(ranked) / 4)
    found = []
    for code, values in figures.items():
        best = [values[one] for one in ranked[:quarter] if one in values]
        rest = [values[one] for one in ranked[quarter:] if one in values]
        if min(len(best), len(rest)) >= FEWEST_IN_GROUP:
            found.append(_difference(code, best, rest))
    return found


def _difference(code: str, best: Sequence[float], rest: Sequence[float]) -> Difference:
    differences = sorted(one - other for one in best for other in rest)
    pairs = len(differences)
    spread = sqrt(pairs * (len(best) + len(rest) + 1) / 12)
    cut = max(floor(pairs / 2 - Z * spread), 0)
    return Difference(
        code=code,
        best=median(best),
        rest=median(rest),
        estimate=median(differences),
        low=differences[cut],
        high=differences[pairs - 1 - cut],
    )
