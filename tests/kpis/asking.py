"""Asks the SQL what the oracle is asked, and writes both answers the same way."""

from dataclasses import asdict
from uuid import UUID

from kpis.calculations import calculate_figures
from kpis.definitions import Dimension
from kpis.values import Cohort, Row
from leadhub.core.tenancy.context import tenant_context
from tests.kpis.oracle import Answer, Question
from tests.kpis.worlds import Tenant


def ask(
    tenant: Tenant, question: Question, *, is_whole: bool = True
) -> tuple[list[Answer], Answer]:
    """Compute by SQL, as the runtime role inside the tenant's context."""
    with tenant_context(tenant.manufacturer.id):
        rows, total = calculate_figures(
            cohort=Cohort(
                manufacturer_id=tenant.manufacturer.id,
                starts_at=question.starts_at,
                ends_at=question.ends_at,
                time_zone=question.time_zone,
                partner_id=tenant.partners[question.partner] if question.partner else None,
                user_id=tenant.people[question.user] if question.user else None,
                product_line=question.product_line,
                region=question.region,
                postal_area=question.postal_area,
                source=question.source,
                campaign=question.campaign,
                temperature=question.temperature,
                certification=question.certification,
                calendar=question.calendar,
                matures_after=question.matures_after,
            ),
            group_by=tuple(Dimension(name) for name in question.group_by),
            targets=question.targets,
            currency=question.currency,
            at=question.at,
            is_whole=is_whole,
        )
    return [answer_of(row, tenant) for row in rows], answer_of(total, tenant)


def answer_of(row: Row, tenant: Tenant) -> Answer:
    """Write a row as the oracle does; partners and people by their names."""
    names = {found: name for name, found in (*tenant.partners.items(), *tenant.people.items())}
    group: dict[str, str | None] = {}
    for dimension, name in row.group.items():
        is_named = dimension in (Dimension.PARTNER, Dimension.USER)
        group[dimension.value] = names[UUID(name)] if is_named and name else name
    answer: Answer = {"group": group, "picks": row.picks}
    for code, duration in row.durations.items():
        answer[code] = {
            name: getattr(duration, name)
            for name in (
                "count",
                "mean",
                "median",
                "p90",
                "within_target",
                "target",
                "open_count",
                "censored_median",
            )
        }
    for code, ratio in row.ratios.items():
        answer[code] = {**asdict(ratio), "value": ratio.value}
    for code, tallied in row.counts.items():
        answer[code] = (tallied.count, tallied.per_pick)
    for code, amount in row.amounts.items():
        answer[code] = (amount.count, amount.value, amount.currency, amount.not_counted)
    return answer
