"""Figures by SQL over picks as the log adds them up: one statement for all groups and the total.

Durations by the wall clock stand in the rows. So figures by partner, and over all, are read from
one index and from nothing else; other dimensions read the rows, a few join what they name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import floor
from typing import Any

from kpis.censoring import censored_medians
from kpis.clocks import SPANS_OF_WORK, spans_of_work, working_seconds
from kpis.definitions import Dimension, DurationFigure, MoneyFigure, RatioFigure
from kpis.groups import (
    KEYS,
    by_group,
    conditions_of,
    group_of,
    names_of,
    open_of,
    parameters_of,
)
from kpis.pick_figures import AMOUNTS, COUNTS, DURATIONS, RATIOS
from kpis.reading import fetch
from kpis.values import Amount, Cohort, Duration, Group, Ratio, Row, Tallied, Targets

CENT = Decimal("0.01")
A_SECOND = timedelta(seconds=1)

_SELECT = """
SELECT {is_total} AS is_total, {keys},
    {figures}
FROM (
    SELECT {names}, pick.accepted_at, pick.has_feedback, pick.ending, pick.is_lead_at_fault,
        pick.value, pick.currency, {more}
        {seconds}
    FROM leads_pick AS pick{joins}{calendar}
    WHERE {conditions}
) AS pick
{groups}"""
_DURATION = """count({code}) AS {code}_count,
    sum({code})::bigint AS {code}_sum,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY {code}) AS {code}_percentiles,
    count(*) FILTER (WHERE {code} <= %({code}_target)s) AS {code}_in_time,
    count(*) FILTER (WHERE {open} AND {late}) AS {code}_late,
    count(*) FILTER (WHERE {open}) AS {code}_open"""
_IS_MATURE = "accepted_at <= %(matured_at)s::timestamptz"
_AT_FAULT = "ending = 'RETURNED' AND is_lead_at_fault"
_TALLIES = f"""count(*) AS picks,
    count(*) FILTER (WHERE has_feedback) AS with_feedback,
    count(*) FILTER (WHERE ending IN ('WON', 'LOST')) AS closed,
    count(*) FILTER (WHERE ending IN ('WON', 'LOST') AND has_feedback) AS closed_with_feedback,
    count(*) FILTER (WHERE ending = 'WON') AS won,
    count(*) FILTER (WHERE ending = 'RETURNED') AS returned,
    count(*) - count(*) FILTER (WHERE {_AT_FAULT}) AS convertible,
    count(*) FILTER (WHERE {_IS_MATURE})
        - count(*) FILTER (WHERE {_IS_MATURE} AND {_AT_FAULT}) AS matured,
    count(*) FILTER (WHERE {_IS_MATURE} AND ending = 'WON') AS matured_won,
    count(value) FILTER (WHERE currency = %(currency)s) AS won_with_value,
    coalesce(sum(value) FILTER (WHERE currency = %(currency)s), 0) AS won_sum"""
# What was done is not in the index, and read by whoever asks for it.
_ACTIVITY = """,
    coalesce(sum(attempts), 0) AS attempts,
    coalesce(sum(appointments), 0) AS appointments,
    coalesce(sum(quotes), 0) AS quotes"""
_NO_ACTIVITY = ",\n    NULL AS attempts, NULL AS appointments, NULL AS quotes"


def calculate_figures(
    *,
    cohort: Cohort,
    group_by: tuple[Dimension, ...],
    targets: Targets,
    currency: str,
    at: datetime,
    is_whole: bool = True,
) -> tuple[list[Row], Row]:
    """Compute every figure of a cohort, for each group that has picks and over all of them.

    :param group_by: up to two dimensions; none gives only the total.
    :param targets: by code of the figure.
    :param at: the present, up to which open picks have waited.
    :param is_whole: with the censored medians and what was done about the picks, which cost about
        as much again as all the rest; otherwise the first are ``None``, the second left out.
    :returns: the rows, ordered by the groups' names, and the total.
    :raises TooManyPeriods: if the cohort has more days, weeks or months than are told apart.
    """
    parameters = parameters_of(cohort, group_by, at=at)
    parameters |= {
        "currency": currency,
        "matured_at": at - cohort.matures_after if cohort.matures_after is not None else None,
    }
    for figure in DURATIONS:
        target = _seconds(targets.get(figure.code))
        parameters[f"{figure.code}_target"] = target
        # Who was accepted by then waits for longer than the target, in whole seconds.
        parameters[f"{figure.code}_late"] = (
            at - timedelta(seconds=target) - A_SECOND if target is not None else None
        )
    if cohort.calendar is not None:
        parameters |= spans_of_work(cohort.calendar, since=cohort.starts_at, until=at)
    names = names_of(cohort, group_by)
    rows, total = [], None
    for answer in fetch(statement_of(cohort, group_by, is_whole=is_whole), parameters):
        if answer["is_total"]:
            total = _row(answer, {}, targets, currency, is_whole=is_whole)
        else:
            group = group_of(answer, group_by, names)
            rows.append(_row(answer, group, targets, currency, is_whole=is_whole))
    assert total is not None  # noqa: S101 - an aggregate without groups always has its row
    if is_whole:
        medians = censored_medians(cohort=cohort, group_by=group_by, at=at)
        rows = [_with_medians(row, medians) for row in rows]
        total = _with_medians(total, medians)
    rows.sort(key=lambda row: by_group(row.group))
    return rows, total


def statement_of(cohort: Cohort, group_by: tuple[Dimension, ...], *, is_whole: bool) -> str:
    """Write the statement for the rows of the groups, if there are any, and for the total."""
    names = [f"key_{number}" for number in range(1, len(group_by) + 1)]
    total = _select(cohort, (), names, is_whole=is_whole)
    if not group_by:
        return total
    return f"{_select(cohort, group_by, names, is_whole=is_whole)}\nUNION ALL{total}"


def _select(
    cohort: Cohort, group_by: tuple[Dimension, ...], names: Sequence[str], *, is_whole: bool
) -> str:
    is_working = cohort.calendar is not None
    keys = [KEYS[dimension] for dimension in group_by]
    told = [f"{key.expression} AS {name}" for key, name in zip(keys, names, strict=False)]
    return _SELECT.format(
        is_total="false" if group_by else "true",
        keys=", ".join(names if group_by else [f"NULL AS {name}" for name in names]) or "NULL",
        names=", ".join(told) or "NULL",
        more="pick.attempts, pick.appointments, pick.quotes," if is_whole else "",
        figures=",\n    ".join(
            (
                _TALLIES + (_ACTIVITY if is_whole else _NO_ACTIVITY),
                *(_figure(figure, is_working=is_working) for figure in DURATIONS),
            )
        ),
        seconds=",\n        ".join(_columns(figure, is_working=is_working) for figure in DURATIONS),
        joins="".join(dict.fromkeys(key.join for key in keys)),
        calendar=f"\n    {SPANS_OF_WORK}" if is_working else "",
        conditions=conditions_of(cohort),
        groups=f"GROUP BY {', '.join(names)}" if group_by else "",
    )


def _columns(figure: DurationFigure, *, is_working: bool) -> str:
    """Write how long a pick took, and in working time how long an open one has waited."""
    if not is_working:
        return f"pick.{figure.code}"
    starts_at = f"pick.{figure.starts_at}"
    return (
        f"{working_seconds(starts_at, f'pick.{figure.ends_at}')} AS {figure.code},\n"
        f"        CASE WHEN pick.ending IS NULL THEN {working_seconds(starts_at, '%(at)s')} END"
        f" AS {figure.code}_so_far"
    )


def _figure(figure: DurationFigure, *, is_working: bool) -> str:
    code = figure.code
    is_late = "accepted_at <= %({}_late)s::timestamptz"
    if is_working:
        is_late = "{0}_so_far > %({0}_target)s"
    return _DURATION.format(code=code, open=open_of(figure), late=is_late.format(code))


def _row(
    answer: Mapping[str, Any], group: Group, targets: Targets, currency: str, *, is_whole: bool
) -> Row:
    return Row(
        group=group,
        picks=answer["picks"],
        durations={f.code: _duration(answer, f, targets) for f in DURATIONS},
        ratios={
            f.code: _ratio(answer, f, targets)
            for f in RATIOS
            if is_whole or answer[f.denominator] is not None
        },
        amounts={f.code: _amount(answer, f, currency) for f in AMOUNTS},
        counts={
            f.code: Tallied(count=int(answer[f.tally]), picks=answer["picks"])
            for f in COUNTS
            if is_whole or answer[f.tally] is not None
        },
    )


def _with_medians(row: Row, medians: Mapping[tuple[Any, ...], Mapping[str, int | None]]) -> Row:
    found = medians.get(tuple(row.group.values()), {})
    return replace(
        row,
        durations={
            code: replace(duration, censored_median=found.get(code))
            for code, duration in row.durations.items()
        },
    )


def _duration(answer: Mapping[str, Any], figure: DurationFigure, targets: Targets) -> Duration:
    count, target = answer[f"{figure.code}_count"], _seconds(targets.get(figure.code))
    median, p90 = answer[f"{figure.code}_percentiles"] or (0.0, 0.0)
    return Duration(
        count=count,
        mean=_divide(answer[f"{figure.code}_sum"], count) if count else None,
        median=_whole(median) if count else None,
        p90=_whole(p90) if count else None,
        open_count=answer[f"{figure.code}_open"],
        target=target,
        in_time=answer[f"{figure.code}_in_time"] if target is not None else None,
        judged=count + answer[f"{figure.code}_late"] if target is not None else None,
    )


def _ratio(answer: Mapping[str, Any], figure: RatioFigure, targets: Targets) -> Ratio:
    target = targets.get(figure.code)
    return Ratio(
        numerator=int(answer[figure.numerator]),
        denominator=int(answer[figure.denominator]),
        target=target if isinstance(target, float) else None,
    )


def _amount(answer: Mapping[str, Any], figure: MoneyFigure, currency: str) -> Amount:
    count: int = answer["won_with_value"]
    value: Decimal | None = answer["won_sum"]
    if figure.is_mean:
        value = answer["won_sum"] / count if count else None
    return Amount(
        count=count,
        value=value.quantize(CENT, ROUND_HALF_UP) if value is not None else None,
        currency=currency,
        not_counted=answer["won"] - count,
    )


def _seconds(target: timedelta | float | None) -> int | None:
    return int(target.total_seconds()) if isinstance(target, timedelta) else None


def _divide(total: int, count: int) -> int:
    """Divide into whole seconds, a half upwards."""
    return (2 * total + count) // (2 * count)


def _whole(seconds: float) -> int:
    """Round to whole seconds, a half upwards."""
    return floor(seconds + 0.5)
