"""Each partner beside its network: the median of all, and its place among them.

Worked out in the background for every partner, over the picks of the last ninety days, and kept as
one row for each; a page reads that row and computes nothing of others.

Nobody else's figure can be read off. A median is told only of so many partners, each with so many
leads, that it says nothing of one of them, and rounded, for with an odd number it is the figure of
one. Who has too few leads has no rank and lowers nobody's (K9).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from kpis.calculations import calculate_figures
from kpis.definitions import FEWEST, BetterIs, Dimension
from kpis.pick_figures import DURATIONS, RATIOS
from kpis.selectors import targets_of
from kpis.values import Cohort, Row
from leadhub.core.tenancy.context import system_context, tenant_context
from leadhub.core.turns import wait_for_turn
from leads.comparisons import compared_at, keep_comparisons
from partners.models import Manufacturer, Partner

EVERY = timedelta(hours=6)
LATELY = timedelta(days=90)
FIVE = ("acceptance_time", "contact_time", "processing_time", "feedback_rate", "conversion_rate")
# A figure counts with so many leads, a median is told of so many partners.
FEWEST_LEADS, FEWEST_PARTNERS = FEWEST, 7
BETTER: Mapping[str, BetterIs] = {
    figure.code: figure.better_is for figure in (*DURATIONS, *RATIOS) if figure.code in FIVE
}
MINUTE, HOUR, DAY = 60, 3_600, 86_400  # seconds

# Of each partner that has the figure from enough leads.
Values = dict[UUID, float]


def compare_due_networks(*, at: datetime, every: timedelta = EVERY) -> int:
    """Compare the partners of every manufacturer that were not compared lately.

    Any number of these may run at once. This function will return how many networks were compared.
    """
    with system_context("comparing.compare_due_networks"):
        manufacturers = list(Manufacturer.objects.order_by("id"))
    compared = 0
    for manufacturer in manufacturers:
        with tenant_context(manufacturer.id):
            last = compared_at(manufacturer.id)
        if last is None or last <= at - every:
            compare_network(manufacturer, at=at)
            compared += 1
    return compared


def compare_network(manufacturer: Manufacturer, *, at: datetime) -> None:
    """Compare the partners of one network anew."""
    with tenant_context(manufacturer.id):
        wait_for_turn("comparisons", manufacturer.id)
        rows, _ = calculate_figures(
            cohort=Cohort(
                manufacturer_id=manufacturer.id,
                starts_at=at - LATELY,
                ends_at=at,
                time_zone=manufacturer.time_zone,
            ),
            group_by=(Dimension.PARTNER,),
            targets=targets_of(manufacturer),
            currency=manufacturer.currency,
            at=at,
            is_whole=False,
        )
        taking_part = set(
            Partner.objects.filter(manufacturer=manufacturer)
            .exclude(status=Partner.Status.LEFT)
            .values_list("id", flat=True)
        )
        found = {UUID(str(row.group[Dimension.PARTNER])): row for row in rows}
        keep_comparisons(
            manufacturer.id,
            compare({one: found[one] for one in taking_part & found.keys()}, everybody=taking_part),
            at=at,
        )


def compare(rows: Mapping[UUID, Row], *, everybody: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """Put each partner beside all of them.

    :param everybody: who is told; those without leads are told the median as well.
    """
    told: dict[UUID, dict[str, Any]] = {partner_id: {} for partner_id in everybody}
    for code in FIVE:
        values = _values_of(code, rows)
        is_told = len(values) >= FEWEST_PARTNERS
        middle = _rounded(code, median(values.values())) if is_told else None
        ranks = _ranks(values, BETTER[code]) if is_told else {}
        for partner_id, figures in told.items():
            figures[code] = {
                "median": middle,
                "partners": len(values) if is_told else None,
                "rank": ranks.get(partner_id),
            }
    return told


def _values_of(code: str, rows: Mapping[UUID, Row]) -> Values:
    values: Values = {}
    for partner_id, row in rows.items():
        if code in row.durations:
            value: float | None = row.durations[code].median
            leads = row.durations[code].count
        else:
            value, leads = row.ratios[code].value, row.ratios[code].denominator
        if value is not None and leads >= FEWEST_LEADS:
            values[partner_id] = value
    return values


def _ranks(values: Values, better_is: BetterIs) -> dict[UUID, int]:
    """Give each its place, the best first; who is alike has the same."""
    sign = 1 if better_is == BetterIs.LOWER else -1
    ordered = sorted(sign * value for value in values.values())
    return {one: ordered.index(sign * value) + 1 for one, value in values.items()}


def _rounded(code: str, value: float) -> float:
    """Round a rate to a twentieth, and a time to what one says of such a time."""
    if code not in {figure.code for figure in DURATIONS}:
        return round(value * 20) / 20
    step = next((s for s, least in ((DAY, 4 * DAY), (HOUR, 4 * HOUR)) if value >= least), MINUTE)
    return max(round(value / step), 1) * step
