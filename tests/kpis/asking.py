"""Asks the SQL what the oracle is asked, and writes both answers the same way."""

from dataclasses import asdict
from uuid import UUID

from kpis.calculations import Cohort, Row, calculate_figures
from kpis.definitions import Dimension
from leadhub.core.tenancy.context import tenant_context
from tests.kpis.oracle import Answer, Question
from tests.kpis.worlds import Tenant


def ask(tenant: Tenant, question: Question) -> tuple[list[Answer], Answer]:
    """Compute by SQL, as the runtime role inside the tenant's context."""
    with tenant_context(tenant.manufacturer.id):
        rows, total = calculate_figures(
            cohort=Cohort(
                manufacturer_id=tenant.manufacturer.id,
                starts_at=question.starts_at,
                ends_at=question.ends_at,
                time_zone=question.time_zone,
                partner_id=tenant.partners[question.partner] if question.partner else None,
                product_line=question.product_line,
                source=question.source,
                calendar=question.calendar,
            ),
            group_by=tuple(Dimension(name) for name in question.group_by),
            targets=question.targets,
            currency=question.currency,
            at=question.at,
        )
    return [answer_of(row, tenant) for row in rows], answer_of(total, tenant)


def answer_of(row: Row, tenant: Tenant) -> Answer:
    """Write a row as the oracle does; partners by their names."""
    names = {partner_id: name for name, partner_id in tenant.partners.items()}
    group: dict[str, str | None] = {}
    for dimension, name in row.group.items():
        is_partner = dimension == Dimension.PARTNER and name
        group[dimension.value] = names[UUID(name)] if is_partner and name else name
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
            )
        }
    for code, ratio in row.ratios.items():
        answer[code] = {**asdict(ratio), "value": ratio.value}
    for code, amount in row.amounts.items():
        answer[code] = (amount.count, amount.value, amount.currency, amount.not_counted)
    return answer
