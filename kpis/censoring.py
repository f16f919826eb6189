"""The time that half of all need, when some have not got there yet: the censored median.

Leaving out those that still wait would make whoever ignores leads look fast. The estimate is that
of E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete Observations", Journal of
the American Statistical Association 53 (1958), 457-481: of those that still waited just before a
moment, the share that went on waiting after it, multiplied over all moments up to a time t, is the
share S(t) that waits longer than t. The median is the first t with S(t) <= 1/2. Who reached the end
at the very second up to which another has waited counts as before it.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from kpis.clocks import SPANS_OF_WORK, spans_of_work, wall_seconds, working_seconds
from kpis.definitions import Dimension, DurationFigure, Moment
from kpis.groups import KEYS, conditions_of, group_of, names_of, open_of, parameters_of
from kpis.pick_figures import DURATIONS
from kpis.reading import fetch
from kpis.values import Cohort

HALF = 0.5
# Products of shares are as exact as floating point: what differs from a half by less is a half.
NEARLY = 1e-9
# Names of a group's dimensions -> code of a figure -> seconds; the total's names are ().
Medians = dict[tuple[str | None, ...], dict[str, int | None]]
# Those that waited for the end of a pick: for an acceptance the offers count, see ``kpis.offers``.
CENSORED = tuple(figure for figure in DURATIONS if figure.ends_at != Moment.ACCEPTED_AT)

# Whole groups of numbers come as bytes, because each number as a row would take longer than all
# the rest.
_STATEMENT = """
SELECT {keys},
    {packed}
FROM (
    SELECT {names}, pick.ending,
        {seconds}
    FROM leads_pick AS pick{joins}{calendar}
    WHERE {conditions}
) AS pick
{groups}"""
_PACKED = """string_agg(int8send({code}), ''::bytea) AS {code}_ended,
    string_agg(int8send({code}_so_far), ''::bytea) FILTER (WHERE {open}) AS {code}_waiting"""


def censored_median(ended: Sequence[int], waiting: Sequence[int]) -> int | None:
    """Estimate the median of durations of which some have only been waited for so far.

    :param ended: seconds of those that ended, in ascending order.
    :param waiting: seconds that the others have waited, in ascending order.
    :returns: ``None`` if more than half may take longer than anybody has.
    """
    at_risk, share, begun = len(ended) + len(waiting), 1.0, 0
    for waited in (*waiting, None):
        until = len(ended) if waited is None else bisect_right(ended, waited, lo=begun)
        count = until - begun
        # After k of these the share is share * (at_risk - k) / at_risk.
        needed = ceil(at_risk * (1 - (HALF + NEARLY) / share)) if count else 0
        if count and needed <= count:
            return ended[begun + max(needed, 1) - 1]
        share *= (at_risk - count) / at_risk if at_risk else 1
        at_risk -= count + 1
        begun = until
    return None


def censored_medians(*, cohort: Cohort, group_by: tuple[Dimension, ...], at: datetime) -> Medians:
    """Estimate the medians of contact and processing for each group of a cohort and over all.

    Picks in hand wait until ``at``; those that ended without reaching the end are left out, as they
    are in ``open_count``.
    """
    parameters = parameters_of(cohort, group_by, at=at)
    if cohort.calendar is not None:
        parameters |= spans_of_work(cohort.calendar, since=cohort.starts_at, until=at)
    is_split = Dimension.PRODUCT_LINE in group_by
    medians: Medians = {}
    samples: dict[str, tuple[list[int], list[int]]] = {f.code: ([], []) for f in CENSORED}
    named = names_of(cohort, group_by)
    for answer in fetch(_statement(cohort, group_by), parameters):
        names = tuple(group_of(answer, group_by, named).values())
        medians[names] = _medians(answer, samples)
    if is_split:
        # A pick of two lines is in two groups, and once in the total.
        whole = censored_medians(cohort=cohort, group_by=(), at=at)
        return medians | whole
    return medians | {(): _of_all(samples)}


def _medians(
    answer: Mapping[str, Any], samples: dict[str, tuple[list[int], list[int]]]
) -> dict[str, int | None]:
    found = {}
    for figure in CENSORED:
        ended = sorted(numbers_in(answer[f"{figure.code}_ended"]))
        waiting = sorted(numbers_in(answer[f"{figure.code}_waiting"]))
        found[figure.code] = censored_median(ended, waiting)
        samples[figure.code][0].extend(ended)
        samples[figure.code][1].extend(waiting)
    return found


def _of_all(samples: Mapping[str, tuple[list[int], list[int]]]) -> dict[str, int | None]:
    return {
        code: censored_median(sorted(ended), sorted(waiting))
        for code, (ended, waiting) in samples.items()
    }


def numbers_in(packed: memoryview | None) -> Iterable[int]:
    """Unpack eight-byte integers as the network orders their bytes."""
    numbers = array("q")
    if packed is not None:
        numbers.frombytes(packed)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _statement(cohort: Cohort, group_by: tuple[Dimension, ...]) -> str:
    is_working = cohort.calendar is not None
    keys = [KEYS[dimension] for dimension in group_by]
    names = [f"key_{number}" for number in range(1, len(keys) + 1)]
    told = [f"{key.expression} AS {name}" for key, name in zip(keys, names, strict=True)]
    return _STATEMENT.format(
        keys=", ".join(names) or "NULL",
        names=", ".join(told) or "NULL",
        packed=",\n    ".join(
            _PACKED.format(code=figure.code, open=open_of(figure)) for figure in CENSORED
        ),
        seconds=",\n        ".join(_columns(figure, is_working=is_working) for figure in CENSORED),
        joins="".join(dict.fromkeys(key.join for key in keys)),
        calendar=f"\n    {SPANS_OF_WORK}" if is_working else "",
        conditions=conditions_of(cohort),
        groups=f"GROUP BY {', '.join(names)}" if names else "",
    )


def _columns(figure: DurationFigure, *, is_working: bool) -> str:
    starts_at, ends_at = f"pick.{figure.starts_at}", f"pick.{figure.ends_at}"
    whole = working_seconds(starts_at, ends_at) if is_working else f"pick.{figure.code}"
    seconds = working_seconds if is_working else wall_seconds
    so_far = seconds(starts_at, "%(at)s::timestamptz")
    # Who was accepted after the present, by a clock that is ahead, has not waited yet.
    return (
        f"{whole} AS {figure.code},\n        CASE WHEN pick.ending IS NULL"
        f" THEN greatest({so_far}, 0) END AS {figure.code}_so_far"
    )
