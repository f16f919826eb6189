"""What a partner sells, cut into spans of time by the ends of its certifications. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

BEGINNING, END = date.min, date.max


class Held(NamedTuple):
    """A certification: its rank, and its last day or ``None`` without end."""

    rank: int
    valid_until: date | None


class Span(NamedTuple):
    """Days, first and last included, in which the highest rank stays the same."""

    holds_from: date
    holds_until: date
    rank: int | None


def spans_of(held: Sequence[Held]) -> list[Span]:
    """Cut all time into spans by the highest rank held; without certifications one span."""
    ends = sorted({item.valid_until for item in held if item.valid_until is not None} | {END})
    spans: list[Span] = []
    begin = BEGINNING
    for end in ends:
        rank = max(
            (item.rank for item in held if item.valid_until is None or item.valid_until >= end),
            default=None,
        )
        if spans and spans[-1].rank == rank:
            spans[-1] = spans[-1]._replace(holds_until=end)
        else:
            spans.append(Span(begin, end, rank))
        begin = end + timedelta(days=1) if end < END else END
    return spans


def reach_of(radius_km: float | None, reaches: Sequence[int]) -> int:
    """Round a radius up to the next reach; no radius reaches nowhere, which is 0."""
    return next((reach for reach in reaches if (radius_km or 0) <= reach), reaches[-1])
