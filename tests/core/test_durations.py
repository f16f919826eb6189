"""Lengths of time as people type them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from leadhub.core.pages.durations import NotADuration, parse_duration, write_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4 h", 14_400),
        ("4h", 14_400),
        ("30 min", 1_800),
        ("30 Min.", 1_800),
        ("1 h 30 min", 5_400),
        ("1 h, 30 min", 5_400),
        ("1 Stunde und 30 Minuten", 5_400),
        ("1.5 hours", 5_400),
        ("1,5 Std", 5_400),
        ("2 days", 172_800),
        ("3 Tage", 259_200),
        ("1 Woche", 604_800),
        ("90 s", 90),
        ("0", 0),
        ("0 min", 0),
    ],
)
def test_reads_what_people_write(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "4", "h", "soon", "-4 h", "4 h!", "4 hm", "4 h x 3 min", "4 years", "1:30"],
)
def test_refuses_what_may_mean_anything(text: str) -> None:
    with pytest.raises(NotADuration):
        parse_duration(text)


@given(integers(min_value=0, max_value=315_360_000))
def test_reads_what_it_writes(seconds: int) -> None:
    length = timedelta(seconds=seconds)

    assert parse_duration(write_duration(length)) == length
