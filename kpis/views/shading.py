"""How strongly a number is shaded among others: in four even steps up to the largest."""

from collections.abc import Iterable
from math import ceil

STEPS = 4


def largest_of(values: Iterable[float | None]) -> float:
    """Find where the scale ends; 0 if there is nothing to shade."""
    return max((value for value in values if value), default=0.0)


def step_of(value: float | None, largest: float) -> int:
    """Tell the step of a value, from 1 to ``STEPS``; 0 for nothing."""
    if not value or value < 0 or not largest:
        return 0
    return min(max(ceil(value / largest * STEPS), 1), STEPS)


def ends_of_steps(largest: float) -> list[float]:
    """List up to which value each step goes."""
    return [largest * step / STEPS for step in range(1, STEPS + 1)]
