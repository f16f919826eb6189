"""Chance that can be repeated: the same seed and the same words give the same choices."""

from collections.abc import Sequence
from math import log
from random import Random
from typing import TypeVar

Item = TypeVar("Item")

SEED = "leadhub demo 1"


class Dice(Random):
    """Random choices in the words of the story."""

    def happens(self, probability: float) -> bool:
        """Tell whether something of this probability comes true."""
        return self.random() < probability

    def one_of(self, shares: Sequence[tuple[Item, float]]) -> Item:
        """Choose an item by its share."""
        items = [item for item, _ in shares]
        return self.choices(items, weights=[share for _, share in shares])[0]

    def around(self, median: float, spread: float = 0.7) -> float:
        """Draw a positive figure: half of them lie below the median, few far above it."""
        return self.lognormvariate(log(median), spread)


def dice(*words: object) -> Dice:
    """Make dice for one matter; other matters do not disturb them."""
    return Dice(":".join([SEED, *map(str, words)]))
