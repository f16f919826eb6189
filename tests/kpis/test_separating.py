"""What separates the best from the rest: differences that hold, and doubt where there is any."""

import pytest

from kpis.separating import FEWEST_PARTNERS, separate

MANY = list(range(20))


def test_a_difference_of_all_is_clear() -> None:
    values = {one: 100.0 + one if one < 5 else 200.0 + one for one in MANY}

    (found,) = separate(MANY, {"contact_time": values})

    assert found.best == 102.0
    assert found.rest == 212.0
    assert found.low <= found.estimate <= found.high < 0
    assert found.is_clear


def test_no_difference_is_none() -> None:
    values = {one: float(one % 5) for one in MANY}

    (found,) = separate(MANY, {"contact_time": values})

    assert found.low <= 0 <= found.high
    assert not found.is_clear


def test_the_interval_is_that_of_the_rank_test() -> None:
    """With 8 and 24: 96 - 1.96 * sqrt(192 * 33 / 12) leaves out 50 differences on either side."""
    best, rest = [float(i * 17 % 31) for i in range(8)], [float(i * 7 % 29) for i in range(8, 32)]
    values = dict(enumerate([*best, *rest]))

    (found,) = separate(list(values), {"one": values})

    ordered = sorted(one - other for one in best for other in rest)
    assert (found.low, found.high) == (ordered[50], ordered[-51])


@pytest.mark.parametrize("count", [0, 1, FEWEST_PARTNERS - 1])
def test_few_partners_tell_nothing(count: int) -> None:
    assert separate(MANY[:count], {"one": dict.fromkeys(MANY, 1.0)}) == []


def test_a_figure_that_few_have_tells_nothing() -> None:
    assert separate(MANY, {"one": {0: 1.0, 1: 1.0, 9: 1.0, 10: 1.0, 11: 1.0}}) == []
