"""The censored median, against known samples and against exact fractions."""

from hypothesis import given, strategies as st

from kpis.censoring import censored_median
from tests.kpis.oracle import half_done

SECONDS = st.lists(st.integers(0, 12), max_size=12)
# Weeks of remission of 21 patients on 6-mercaptopurine: Freireich and others, Blood 21 (1963);
# the usual textbook example, whose Kaplan-Meier median is 23.
REMISSIONS = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_WELL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def test_it_gives_the_median_of_the_textbook() -> None:
    assert censored_median(REMISSIONS, STILL_WELL) == 23


def test_without_anybody_waiting_it_is_the_first_time_by_which_half_are_done() -> None:
    assert censored_median([1, 2, 3, 4], []) == 2
    assert censored_median([1, 2, 3], []) == 2


def test_there_is_none_while_more_than_half_may_take_longer() -> None:
    assert censored_median([1], [5, 5]) is None
    assert censored_median([], [5]) is None
    assert censored_median([], []) is None


@given(ended=SECONDS, waiting=SECONDS)
def test_it_agrees_with_exact_fractions(ended: list[int], waiting: list[int]) -> None:
    assert censored_median(sorted(ended), sorted(waiting)) == half_done(ended, waiting)
