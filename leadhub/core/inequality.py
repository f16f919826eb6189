"""How unevenly something is spread."""

from collections.abc import Iterable


def gini(amounts: Iterable[float]) -> float | None:
    """Compute the Gini coefficient: 0 if all have the same, towards 1 if one has everything.

    Half the mean difference between any two, divided by the mean (C. Gini, Variabilita e
    mutabilita, 1912), by way of the ranks. Those who have nothing belong into the list.

    :param amounts: none below 0.
    :returns: ``None`` if there is nobody, or nothing to have.
    """
    ranked = sorted(amounts)
    count, whole = len(ranked), sum(ranked)
    if not whole:
        return None
    weighted = sum(rank * amount for rank, amount in enumerate(ranked, 1))
    return 2 * weighted / (count * whole) - (count + 1) / count
