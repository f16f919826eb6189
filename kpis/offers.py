"""What becomes of offers: how many are answered, and how long the answer takes, by SQL.

An offer that ended unaccepted, or that still stands, has been waited for until then (K8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpis.censoring import censored_median, numbers_in
from kpis.clocks import SPANS_OF_WORK, spans_of_work, wall_seconds, working_seconds
from kpis.definitions import Dimension
from kpis.groups import KEYS, by_group, conditions_of, group_of, names_of, parameters_of
from kpis.network_figures import OFFER_RATIOS
from kpis.reading import fetch
from kpis.values import Cohort, Group, Ratio
from leads.models.offers import DeclineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """The offers of one group.

    :ivar reasons: how many were declined, by reason.
    :ivar acceptance_time: the censored median of the time until acceptance, in seconds.
    """

    group: Group
    offers: int
    ratios: dict[str, Ratio]
    reasons: dict[str, int]
    acceptance_time: int | None


# Offers look like picks, so that the same dimensions and filters hold: ``accepted_at`` is when
# they were made. Each partner's are found by their index.
_OFFERS = """(
        SELECT offer.manufacturer_id, offer.partner_id, offer.lead_id, NULL::uuid AS assignment_id,
            offer.offered_at AS accepted_at, offer.available_from, offer.status,
            offer.decline_reason,
            CASE offer.status WHEN 'EXPIRED' THEN offer.respond_by
                WHEN 'OPEN' THEN %(at)s::timestamptz
                WHEN 'WITHDRAWN' THEN (
                    SELECT max(event.at) FROM leads_leadevent AS event
                    WHERE event.manufacturer_id = offer.manufacturer_id
                        AND event.lead_id = offer.lead_id AND event.type = 'offer.withdrawn'
                        AND event.data ->> 'offer' = offer.id::text)
                ELSE offer.answered_at END AS ended_at,
            lead.source, lead.campaign, lead.temperature, lead.country, lead.postal_code,
            lead.region
        FROM partners_partner AS partner
        JOIN leads_leadoffer AS offer
            ON offer.manufacturer_id = partner.manufacturer_id AND offer.partner_id = partner.id
        JOIN leads_lead AS lead
            ON lead.manufacturer_id = offer.manufacturer_id AND lead.id = offer.lead_id
        WHERE partner.manufacturer_id = %(manufacturer)s
            AND NOT lead.is_test AND NOT lead.is_imported
    )"""
_STATEMENT = """
SELECT {keys}, count(*) AS offers,
    count(*) FILTER (WHERE status IN ('ACCEPTED', 'RETURNED')) AS accepted,
    count(*) FILTER (WHERE status = 'DECLINED') AS declined,
    count(*) FILTER (WHERE status IN ('ACCEPTED', 'RETURNED', 'DECLINED')) AS answered,
    count(*) FILTER (WHERE status IN ('ACCEPTED', 'RETURNED', 'DECLINED', 'EXPIRED')) AS settled,
    {reasons},
    string_agg(int8send(waited), ''::bytea) FILTER (WHERE status IN ('ACCEPTED', 'RETURNED'))
        AS ended,
    string_agg(int8send(waited), ''::bytea) FILTER (WHERE status NOT IN ('ACCEPTED', 'RETURNED'))
        AS waiting
FROM (
    SELECT {names}, pick.status, pick.decline_reason,
        greatest({seconds}, 0) AS waited
    FROM {offers} AS pick{joins}{calendar}
    WHERE {conditions}
) AS pick
{groups}"""


def calculate_offers(
    *, cohort: Cohort, group_by: tuple[Dimension, ...], at: datetime
) -> tuple[list[OfferRow], OfferRow]:
    """Count what became of the offers made in a cohort's period, by groups and over all.

    Those of test leads and of imported ones are left out. A cohort of the person who works the
    lead has none, for nobody does yet.
    """
    parameters = parameters_of(cohort, group_by, at=at)
    if cohort.calendar is not None:
        parameters |= spans_of_work(cohort.calendar, since=cohort.starts_at, until=at)
    named = names_of(cohort, group_by)
    rows = [
        _row(answer, group_of(answer, group_by, named))
        for answer in (fetch(_statement(cohort, group_by), parameters) if group_by else ())
    ]
    (total,) = fetch(_statement(cohort, ()), parameters)
    rows.sort(key=lambda row: by_group(row.group))
    return rows, _row(total, {})


def _statement(cohort: Cohort, group_by: Sequence[Dimension]) -> str:
    keys = [KEYS[dimension] for dimension in group_by]
    names = [f"key_{number}" for number in range(1, len(keys) + 1)]
    told = [f"{key.expression} AS {name}" for key, name in zip(keys, names, strict=True)]
    seconds = wall_seconds if cohort.calendar is None else working_seconds
    return _STATEMENT.format(
        keys=", ".join(names) or "NULL",
        names=", ".join(told) or "NULL",
        reasons=",\n    ".join(
            f"count(*) FILTER (WHERE status = 'DECLINED' AND decline_reason = '{reason}')"
            f" AS because_{reason.lower()}"
            for reason in DeclineReason.values
        ),
        seconds=seconds("pick.available_from", "pick.ended_at"),
        offers=_OFFERS,
        joins="".join(dict.fromkeys(key.join for key in keys)),
        calendar=f"\n    {SPANS_OF_WORK}" if cohort.calendar is not None else "",
        conditions=conditions_of(cohort),
        groups=f"GROUP BY {', '.join(names)}" if names else "",
    )


def _row(answer: Mapping[str, Any], group: Group) -> OfferRow:
    return OfferRow(
        group=group,
        offers=answer["offers"],
        ratios={
            figure.code: Ratio(
                numerator=answer[figure.numerator],
                denominator=answer[figure.denominator],
                target=None,
            )
            for figure in OFFER_RATIOS
        },
        reasons={reason: answer[f"because_{reason.lower()}"] for reason in DeclineReason.values},
        acceptance_time=censored_median(
            sorted(numbers_in(answer["ended"])), sorted(numbers_in(answer["waiting"]))
        ),
    )
