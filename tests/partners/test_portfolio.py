"""What a partner sells, cut into spans of time by the ends of its certifications."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from partners.portfolio import BEGINNING, END, Held, reach_of, spans_of
from partners.portfolio_index import REACHES_KM

MAY = date(2026, 5, 1)
STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=300)
days = st.integers(min_value=0, max_value=40).map(lambda number: MAY + timedelta(days=number))
certificates = st.lists(
    st.builds(
        Held,
        rank=st.integers(min_value=-2, max_value=4),
        valid_until=st.none() | days | st.sampled_from([BEGINNING, END]),
    ),
    max_size=6,
)


@STEADY
@given(held=certificates, day=days | st.sampled_from([BEGINNING, END]))
def test_has_on_each_day_one_span_with_the_highest_rank_held(held: list[Held], day: date) -> None:
    spans = [span for span in spans_of(held) if span.holds_from <= day <= span.holds_until]

    ranks = [item.rank for item in held if item.valid_until is None or item.valid_until >= day]
    assert [span.rank for span in spans] == [max(ranks, default=None)]


@STEADY
@given(held=certificates)
def test_cuts_only_where_the_rank_changes(held: list[Held]) -> None:
    spans = spans_of(held)

    assert (spans[0].holds_from, spans[-1].holds_until) == (BEGINNING, END)
    for one, following in pairwise(spans):
        assert one.rank != following.rank
        assert one.holds_until + timedelta(days=1) == following.holds_from


@pytest.mark.parametrize(
    ("radius_km", "reach_km"),
    [(None, 0), (0.5, 10), (10.0, 10), (10.1, 25), (1_000.0, 1_000), (1_001.0, 20_100)],
)
def test_rounds_a_radius_up_to_the_next_reach(radius_km: float | None, reach_km: int) -> None:
    assert reach_of(radius_km, REACHES_KM) == reach_km


def test_reaches_round_the_earth() -> None:
    assert max(REACHES_KM) > 20_015.2
