"""What becomes of leads: how many are placed, how soon, after how many waves, by SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Any, NamedTuple

from kpis.clocks import SPANS_OF_WORK, spans_of_work, wall_seconds, working_seconds
from kpis.definitions import Dimension
from kpis.groups import KEYS, by_group, conditions_of, group_of, names_of, parameters_of
from kpis.network_figures import LEAD_COUNTS, LEAD_NUMBERS, LEAD_RATIOS
from kpis.reading import fetch
from kpis.values import Cohort, Group, Measured, Ratio
from leads.models.leads import ENDED, Temperature

# Who got the lead, or works it, is none of its own.
OF_PICKS_ONLY = (Dimension.PARTNER, Dimension.USER, Dimension.CERTIFICATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """The leads of one group.

    :ivar temperatures: how many of each.
    """

    group: Group
    counts: dict[str, int]
    ratios: dict[str, Ratio]
    numbers: dict[str, Measured]
    temperatures: dict[str, int]


class WaveRow(NamedTuple):
    """The leads that were placed in one wave, and the median of the time it took, in seconds."""

    wave: int
    leads: int
    median: int


# Leads look like picks, so that the same dimensions and filters hold: ``accepted_at`` is when they
# were received.
_LEADS = """(
        SELECT lead.manufacturer_id, lead.id AS lead_id, NULL::uuid AS partner_id,
            NULL::uuid AS assignment_id, lead.received_at AS accepted_at, lead.status, lead.wave,
            lead.source, lead.campaign, lead.temperature, lead.country, lead.postal_code,
            lead.region
        FROM leads_lead AS lead
        WHERE lead.manufacturer_id = %(manufacturer)s
            AND NOT lead.is_test AND NOT lead.is_imported AND lead.status <> 'MERGED'
    )"""
# What became of each lead, one row for each.
_FACTS = """(
    SELECT {names}, pick.status, pick.temperature, first.*, waves.*,
        (pick.wave > 0 OR first.placed_at IS NOT NULL) AS is_routed, offered.offered_at,
        {placement} AS time_to_placement,
        {response} AS lead_response_time,
        CASE WHEN first.placed_at IS NOT NULL THEN nullif(waves.waves, 0) END
            AS waves_to_placement
    FROM {leads} AS pick{joins}{calendar}
    CROSS JOIN LATERAL (
        SELECT min(of_lead.accepted_at) AS placed_at, min(of_lead.contacted_at) AS contacted_at
        FROM leads_assignment AS of_lead
        WHERE of_lead.manufacturer_id = pick.manufacturer_id AND of_lead.lead_id = pick.lead_id
    ) AS first
    CROSS JOIN LATERAL (
        SELECT min(offer.offered_at) AS offered_at FROM leads_leadoffer AS offer
        WHERE offer.manufacturer_id = pick.manufacturer_id AND offer.lead_id = pick.lead_id
    ) AS offered
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE first.placed_at IS NULL OR wave.opened_at <= first.placed_at)
                AS waves,
            coalesce(bool_or(wave.respond_by IS NULL), false) AS is_unplaced
        FROM leads_wave AS wave
        WHERE wave.manufacturer_id = pick.manufacturer_id AND wave.lead_id = pick.lead_id
    ) AS waves
    WHERE {conditions}
) AS pick"""
_STATEMENT = """
SELECT {keys}, count(*) AS received,
    count(*) FILTER (WHERE is_routed) AS routed,
    count(*) FILTER (WHERE placed_at IS NOT NULL) AS placed,
    count(*) FILTER (WHERE is_routed AND waves > 1) AS escalated,
    count(*) FILTER (WHERE is_routed AND is_unplaced) AS unplaced,
    count(*) FILTER (WHERE is_routed AND placed_at IS NULL AND offered_at IS NULL) AS unserved,
    count(*) FILTER (WHERE NOT status = ANY (%(ended)s)) AS backlog,
    count(*) FILTER (WHERE status = 'WON') AS won,
    count(*) FILTER (WHERE temperature = 'HOT') AS hot,
    count(*) FILTER (WHERE temperature = 'WARM') AS warm,
    count(*) FILTER (WHERE temperature = 'COLD') AS cold,
    count(*) FILTER (WHERE placed_at IS NULL AND offered_at IS NOT NULL
        AND status IN ('OFFERED', 'OPEN')) AS time_to_placement_open,
    count(*) FILTER (WHERE contacted_at IS NULL AND NOT status = ANY (%(ended)s))
        AS lead_response_time_open,
    count(*) FILTER (WHERE placed_at IS NULL AND status IN ('OFFERED', 'OPEN'))
        AS waves_to_placement_open,
    {numbers}
FROM {facts}
{groups}"""
# A direct assignment and a pick from the list need no wave of their own.
_BY_WAVE = """
SELECT greatest(waves, 1) AS wave, count(*) AS leads,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY time_to_placement) AS median
FROM {facts}
WHERE placed_at IS NOT NULL AND time_to_placement IS NOT NULL
GROUP BY greatest(waves, 1) ORDER BY greatest(waves, 1)"""
_NUMBER = """count({code}) AS {code}_count, sum({code})::bigint AS {code}_sum,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY {code}) AS {code}_percentiles"""


def calculate_placement(
    *, cohort: Cohort, group_by: tuple[Dimension, ...], at: datetime
) -> tuple[list[LeadRow], LeadRow]:
    """Follow the leads received in a cohort's period, by groups and over all.

    Tests, imported leads and those merged into another are left out. Dimensions that only picks
    have make no rows.
    """
    parameters = parameters_of(cohort, group_by, at=at) | {"ended": list(ENDED)}
    if cohort.calendar is not None:
        parameters |= spans_of_work(cohort.calendar, since=cohort.starts_at, until=at)
    named = names_of(cohort, group_by)
    is_grouped = group_by and not set(group_by) & set(OF_PICKS_ONLY)
    rows = [
        _row(answer, group_of(answer, group_by, named))
        for answer in (fetch(_statement(cohort, group_by), parameters) if is_grouped else ())
    ]
    (total,) = fetch(_statement(cohort, ()), parameters)
    rows.sort(key=lambda row: by_group(row.group))
    return rows, _row(total, {})


def calculate_waves(*, cohort: Cohort, at: datetime) -> list[WaveRow]:
    """Tell in which wave the offered leads of a cohort's period were placed, the first wave first.

    Leads that were assigned or picked without ever being offered are left out.
    """
    parameters = parameters_of(cohort, (), at=at)
    if cohort.calendar is not None:
        parameters |= spans_of_work(cohort.calendar, since=cohort.starts_at, until=at)
    statement = _BY_WAVE.format(facts=_facts(cohort, ()))
    return [
        WaveRow(answer["wave"], answer["leads"], floor(answer["median"] + 0.5))
        for answer in fetch(statement, parameters)
    ]


def _statement(cohort: Cohort, group_by: Sequence[Dimension]) -> str:
    names = [f"key_{number}" for number in range(1, len(group_by) + 1)]
    return _STATEMENT.format(
        keys=", ".join(names) or "NULL",
        numbers=",\n    ".join(_NUMBER.format(code=figure.code) for figure in LEAD_NUMBERS),
        facts=_facts(cohort, group_by),
        groups=f"GROUP BY {', '.join(names)}" if names else "",
    )


def _facts(cohort: Cohort, group_by: Sequence[Dimension]) -> str:
    keys = [KEYS[dimension] for dimension in group_by]
    told = [f"{key.expression} AS key_{number}" for number, key in enumerate(keys, start=1)]
    seconds = wall_seconds if cohort.calendar is None else working_seconds
    return _FACTS.format(
        names=", ".join(told) or "NULL",
        placement=f"CASE WHEN offered.offered_at <= first.placed_at"
        f" THEN {seconds('offered.offered_at', 'first.placed_at')} END",
        response=seconds("pick.accepted_at", "first.contacted_at"),
        leads=_LEADS,
        joins="".join(dict.fromkeys(key.join for key in keys)),
        calendar=f"\n    {SPANS_OF_WORK}" if cohort.calendar is not None else "",
        conditions=conditions_of(cohort),
    )


def _row(answer: Mapping[str, Any], group: Group) -> LeadRow:
    return LeadRow(
        group=group,
        counts={figure.code: answer[figure.tally] for figure in LEAD_COUNTS},
        ratios={
            figure.code: Ratio(
                numerator=answer[figure.numerator],
                denominator=answer[figure.denominator],
                target=None,
            )
            for figure in LEAD_RATIOS
        },
        numbers={figure.code: _measured(answer, figure.code) for figure in LEAD_NUMBERS},
        temperatures={name: answer[name.lower()] for name in Temperature.values},
    )


def _measured(answer: Mapping[str, Any], code: str) -> Measured:
    count = answer[f"{code}_count"]
    median, p90 = answer[f"{code}_percentiles"] or (None, None)
    is_time = code.endswith("_time") or code == "time_to_placement"

    def told(value: float | None) -> float | None:
        """Round a time to whole seconds; a mean of waves keeps its part."""
        return floor(value + 0.5) if is_time and value is not None else value

    return Measured(
        count=count,
        mean=told(int(answer[f"{code}_sum"]) / count) if count else None,
        median=told(median),
        p90=told(p90),
        open_count=answer[f"{code}_open"],
    )
