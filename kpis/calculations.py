"""Figures by SQL over the log of events: one statement for the rows of all groups and the total.

The log is the source. Of leads only what describes them is read: product lines, source, place,
temperature, and whether they are tests.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import floor
from string import Template
from typing import Any
from uuid import UUID

from django.db import connection

from kpis.clocks import SPANS_OF_WORK, spans_of_work, wall_seconds, working_seconds
from kpis.definitions import (
    AMOUNTS,
    DURATIONS,
    MOST_DIMENSIONS,
    RATIOS,
    Dimension,
    DurationFigure,
    MoneyFigure,
    RatioFigure,
)
from leadhub.core.working_time import WorkCalendar

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Which picks: those accepted in ``[starts_at, ends_at)``; ``None`` filters nothing.

    :ivar time_zone: the IANA zone in which weeks and months begin.
    :ivar calendar: by which durations are counted; ``None`` is wall-clock time.
    :ivar product_line: a code; picks whose lead asks for this line, among others or alone.
    """

    manufacturer_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    partner_id: UUID | None = None
    product_line: str | None = None
    source: str | None = None
    calendar: WorkCalendar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A time figure of a group; durations in whole seconds, means and percentiles rounded to them.

    :ivar count: picks that reached the end of the measured time.
    :ivar open_count: picks still in hand that have not.
    :ivar in_time: picks that ended within the target; ``None`` without a target.
    :ivar judged: picks that ended, and those that wait longer than the target already.
    """

    count: int
    mean: int | None
    median: int | None
    p90: int | None
    open_count: int
    target: int | None
    in_time: int | None
    judged: int | None

    @property
    def within_target(self) -> float | None:
        """The share that ended in time, 0 to 1; ``None`` is no target or no data."""
        return self.in_time / self.judged if self.in_time is not None and self.judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of a group, with what it was divided from."""

    numerator: int
    denominator: int
    target: float | None

    @property
    def value(self) -> float | None:
        """The ratio, 0 to 1; ``None`` is no data."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money of a group.

    :ivar count: wins whose value is counted.
    :ivar not_counted: wins without a value or in another currency.
    """

    count: int
    value: Decimal | None
    currency: str
    not_counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All figures of one group, by code.

    :ivar group: dimension -> name of the group; empty for the total.
    """

    group: dict[Dimension, str | None]
    picks: int
    durations: dict[str, Duration]
    ratios: dict[str, Ratio]
    amounts: dict[str, Amount]


# By code of the figure; a missing or empty target is none.
Targets = dict[str, timedelta | float | None]

_SQL = Template(
    """
WITH facts AS (
    -- The array makes the planner look the picks up one by one instead of reading the whole log.
    -- An end is void once a later event undoes it, so the last turn decides.
    SELECT event.assignment_id, event.lead_id,
        min(event.at) FILTER (WHERE $is_pick) AS accepted_at,
        (array_agg(event.partner_id) FILTER (WHERE $is_pick))[1] AS partner_id,
        min(event.data ->> 'offered_at') FILTER (WHERE event.type = 'offer.accepted')
            AS offered_at,
        min(event.at) FILTER (WHERE event.type = 'contact.made') AS contacted_at,
        bool_or(event.type IN ('feedback.given', 'lead.returned')) AS has_feedback,
        (array_agg(event.type ORDER BY event.sequence DESC) FILTER (WHERE event.type IN (
            'lead.won', 'lead.lost', 'lead.reopened', 'lead.returned', 'lead.taken_back'
        )))[1] AS last_turn,
        (array_agg(event.at ORDER BY event.sequence DESC) FILTER (WHERE event.type IN (
            'lead.won', 'lead.lost'
        )))[1] AS closed_at,
        (array_agg(event.data ORDER BY event.sequence DESC) FILTER (WHERE event.type = 'lead.won'
        ))[1] AS win,
        (array_agg(event.type ORDER BY event.sequence DESC) FILTER (WHERE event.type IN (
            'return.confirmed', 'return.refused'
        )))[1] AS verdict
    FROM leads_leadevent AS event
    WHERE event.manufacturer_id = %(manufacturer)s AND event.assignment_id = ANY (ARRAY(
        SELECT event.assignment_id FROM leads_leadevent AS event
        WHERE event.manufacturer_id = %(manufacturer)s AND $is_pick
            AND event.at >= %(starts_at)s AND event.at < %(ends_at)s
            AND (%(partner)s IS NULL OR event.partner_id = %(partner)s::uuid)))
    GROUP BY event.assignment_id, event.lead_id
), states AS (
    SELECT facts.lead_id, facts.partner_id, facts.accepted_at, facts.contacted_at,
        facts.has_feedback, lead.source, lead.temperature, nullif(lead.region, '') AS region,
        facts.offered_at::timestamptz AS offered_at,
        coalesce(facts.last_turn IN ('lead.won', 'lead.lost'), false) AS is_closed,
        coalesce(facts.last_turn = 'lead.won', false) AS is_won,
        coalesce(facts.last_turn = 'lead.reopened', true) AS is_in_hand,
        CASE WHEN facts.last_turn IN ('lead.won', 'lead.lost') THEN facts.closed_at END
            AS closed_at,
        CASE WHEN facts.last_turn = 'lead.won' AND facts.win ->> 'currency' = %(currency)s
            THEN (facts.win ->> 'value')::numeric END AS won_value,
        coalesce(facts.last_turn = 'lead.returned' AND facts.verdict = 'return.confirmed', false)
            AS is_fault_of_lead
    FROM facts
    JOIN leads_lead AS lead
        ON lead.id = facts.lead_id AND lead.manufacturer_id = %(manufacturer)s
    WHERE NOT lead.is_test
        AND (%(source)s IS NULL OR lead.source = %(source)s)
        AND (%(product_line)s IS NULL OR lead.id IN (
            SELECT asked.lead_id FROM leads_leadproductline AS asked
            JOIN partners_productline AS line ON line.id = asked.product_line_id
            WHERE line.manufacturer_id = %(manufacturer)s AND line.code = %(product_line)s))
), measured AS (
    SELECT lead_id, partner_id, source, region, temperature, accepted_at,
        has_feedback, is_closed, is_won, is_fault_of_lead, won_value,
        $seconds
    FROM states $calendar
), grouped AS (
    SELECT measured.*,
        $keys
    FROM measured
    LEFT JOIN leads_leadproductline AS asked
        ON %(by_product_line)s AND asked.lead_id = measured.lead_id
        AND asked.manufacturer_id = %(manufacturer)s
    LEFT JOIN partners_productline AS line ON line.id = asked.product_line_id
    WHERE %(is_grouped)s
        AND (NOT %(by_product_line)s OR %(product_line)s IS NULL OR line.code = %(product_line)s)
)
SELECT false AS is_total, key_1, key_2,
    $figures
FROM grouped GROUP BY key_1, key_2
UNION ALL
SELECT true, NULL, NULL,
    $figures
FROM measured
"""
)

_KEY = Template(
    """CASE %(dimension_$n)s
            WHEN 'partner' THEN measured.partner_id::text
            WHEN 'product_line' THEN line.code
            WHEN 'source' THEN measured.source
            WHEN 'region' THEN measured.region
            WHEN 'temperature' THEN measured.temperature
            WHEN 'week' THEN to_char(measured.accepted_at AT TIME ZONE %(time_zone)s,
                'IYYY-"W"IW')
            WHEN 'month' THEN to_char(measured.accepted_at AT TIME ZONE %(time_zone)s, 'YYYY-MM')
        END AS key_$n"""
)
_SECONDS = Template(
    """$whole AS $code,
        CASE WHEN is_in_hand AND $ends_at IS NULL THEN $so_far END AS ${code}_so_far"""
)
_DURATION = Template(
    """count($code) AS ${code}_count,
    sum($code)::bigint AS ${code}_sum,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY $code) AS ${code}_percentiles,
    count(*) FILTER (WHERE $code <= %(${code}_target)s) AS ${code}_in_time,
    count(*) FILTER (WHERE ${code}_so_far > %(${code}_target)s) AS ${code}_late,
    count(${code}_so_far) AS ${code}_open"""
)
_TALLIES = """count(*) AS picks,
    count(*) FILTER (WHERE has_feedback) AS with_feedback,
    count(*) FILTER (WHERE is_closed) AS closed,
    count(*) FILTER (WHERE is_closed AND has_feedback) AS closed_with_feedback,
    count(*) FILTER (WHERE is_won) AS won,
    count(*) FILTER (WHERE NOT is_fault_of_lead) AS convertible,
    count(won_value) AS won_with_value,
    coalesce(sum(won_value), 0) AS won_sum"""

_IS_PICK = "event.type IN ('offer.accepted', 'lead.assigned', 'lead.picked')"


def _statement(seconds: Callable[[str, str], str], calendar: str) -> str:
    return _SQL.substitute(
        is_pick=_IS_PICK,
        calendar=calendar,
        seconds=",\n        ".join(
            _SECONDS.substitute(
                code=figure.code,
                ends_at=figure.ends_at,
                whole=seconds(figure.starts_at, figure.ends_at),
                so_far=seconds(figure.starts_at, "%(at)s"),
            )
            for figure in DURATIONS
        ),
        keys=",\n        ".join(_KEY.substitute(n=n) for n in range(1, MOST_DIMENSIONS + 1)),
        figures=",\n    ".join(
            [_TALLIES, *(_DURATION.substitute(code=figure.code) for figure in DURATIONS)]
        ),
    )


STATEMENT = _statement(wall_seconds, "")
WORKING_STATEMENT = _statement(working_seconds, SPANS_OF_WORK)


def calculate_figures(
    *,
    cohort: Cohort,
    group_by: tuple[Dimension, ...],
    targets: Targets,
    currency: str,
    at: datetime,
) -> tuple[list[Row], Row]:
    """Compute every figure of a cohort, for each group that has picks and over all of them.

    :param group_by: up to two dimensions; none gives only the total.
    :param targets: by code of the figure.
    :param at: the present, up to which open picks have waited.
    :returns: the rows, ordered by the groups' names, and the total.
    """
    parameters = {
        "manufacturer": cohort.manufacturer_id,
        "starts_at": cohort.starts_at,
        "ends_at": cohort.ends_at,
        "time_zone": cohort.time_zone,
        "partner": cohort.partner_id,
        "product_line": cohort.product_line,
        "source": cohort.source,
        "currency": currency,
        "at": at,
        "is_grouped": bool(group_by),
        "by_product_line": Dimension.PRODUCT_LINE in group_by,
    }
    for n in range(1, MOST_DIMENSIONS + 1):
        parameters[f"dimension_{n}"] = group_by[n - 1].value if n <= len(group_by) else None
    for figure in DURATIONS:
        parameters[f"{figure.code}_target"] = _seconds(targets.get(figure.code))
    rows, total = [], None
    statement = STATEMENT
    if cohort.calendar is not None:
        parameters |= spans_of_work(cohort.calendar, since=cohort.starts_at, until=at)
        statement = WORKING_STATEMENT
    for answer in _fetch(statement, parameters):
        if answer["is_total"]:
            total = _row(answer, (), targets, currency)
        else:
            rows.append(_row(answer, group_by, targets, currency))
    assert total is not None  # noqa: S101 - an aggregate without groups always has its row
    rows.sort(key=_by_group)
    return rows, total


def _fetch(statement: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        for values in cursor.fetchall():
            yield dict(zip(names, values, strict=True))


def _by_group(row: Row) -> list[tuple[bool, str]]:
    return [(name is None, name or "") for name in row.group.values()]


def _row(
    answer: dict[str, Any], group_by: tuple[Dimension, ...], targets: Targets, currency: str
) -> Row:
    return Row(
        group={dimension: answer[f"key_{n}"] for n, dimension in enumerate(group_by, start=1)},
        picks=answer["picks"],
        durations={f.code: _duration(answer, f, targets) for f in DURATIONS},
        ratios={f.code: _ratio(answer, f, targets) for f in RATIOS},
        amounts={f.code: _amount(answer, f, currency) for f in AMOUNTS},
    )


def _duration(answer: dict[str, Any], figure: DurationFigure, targets: Targets) -> Duration:
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


def _ratio(answer: dict[str, Any], figure: RatioFigure, targets: Targets) -> Ratio:
    target = targets.get(figure.code)
    return Ratio(
        numerator=answer[figure.numerator],
        denominator=answer[figure.denominator],
        target=target if isinstance(target, float) else None,
    )


def _amount(answer: dict[str, Any], figure: MoneyFigure, currency: str) -> Amount:
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
