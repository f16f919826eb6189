"""How far a share that was counted may lie from what is true."""

from math import sqrt

# Of the standard normal distribution, for an interval that holds 95 of 100 times.
Z = 1.959964


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Give the 95 % score interval of a share (Wilson 1927); few trials make it wide.

    :param successes: from 0 to ``trials``.
    :param trials: at least 1.
    """
    share, spread = successes / trials, Z * Z / trials
    centre = (share + spread / 2) / (1 + spread)
    margin = Z * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return max(centre - margin, 0.0), min(centre + margin, 1.0)
