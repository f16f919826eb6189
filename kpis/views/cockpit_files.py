"""The tables of the cockpit as files: seconds, shares from 0 to 1, amounts without a currency."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kpis.definitions import Dimension
from kpis.network import prospects_visible_to
from kpis.selectors import figures_visible_to
from kpis.values import Ratio, Row
from kpis.views.asked import Asked
from kpis.views.leaderboard import USUAL, figures_of_partners, standings_of
from kpis.views.regions import regions_in
from kpis.views.stats import FIVE, count_of, value_of
from kpis.views.turnover import columns_of, outlooks_of, sources_in
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.csv_cells import write_lines
from leadhub.core.errors import NotVisible
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

# Tells spreadsheets that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"

USUAL_TABLE = "weeks"

Lines = Iterator[list[Any]]


@desk_page(Capability.SEE_FIGURES)
@require_GET
def export_table(request: PersonRequest) -> HttpResponse:
    """Write a table of the cockpit as CSV, with the same days and filters."""
    actor, at = request.person.at_desk, clock.now()
    name = request.GET.get("table", USUAL_TABLE)
    if name not in TABLES:
        raise NotVisible
    asked = Asked(request.GET, actor=actor, at=at)
    text = BYTE_ORDER_MARK + write_lines(TABLES[name](asked, actor, at))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    file_name = f"cockpit-{name}-{timezone.localdate(at):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _weeks(asked: Asked, actor: Actor, at: datetime) -> Lines:
    figures = figures_visible_to(
        actor, period=asked.period, group_by=(Dimension.WEEK,), filters=asked.filters, at=at
    )
    yield ["week", "leads_accepted", *_heads()]
    for row in figures.rows:
        yield [row.group[Dimension.WEEK], row.picks, *_five(row)]
    yield ["total", figures.total.picks, *_five(figures.total)]


def _partners(asked: Asked, actor: Actor, at: datetime) -> Lines:
    figures = figures_of_partners(asked, actor=actor, at=at)
    yield ["rank_by_conversion", "partner", "leads_accepted", *_heads(), "revenue", "currency"]
    for one in standings_of(figures, USUAL, asked):
        revenue = one.row.amounts["revenue"]
        yield [
            one.rank,
            one.name,
            one.row.picks,
            *_five(one.row),
            revenue.value,
            revenue.currency,
        ]


def _regions(asked: Asked, actor: Actor, at: datetime) -> Lines:
    yield [
        "region",
        "name",
        "leads_received",
        "leads_nobody_could_be_asked_for",
        "leads_placed",
        "leads_distributed",
        "leads_won",
        "leads_convertible",
        "revenue",
        "currency",
    ]
    for one in regions_in(asked, actor=actor, at=at):
        revenue = one.picks.amounts["revenue"] if one.picks else None
        yield [
            one.code,
            one.name,
            one.received,
            one.unserved,
            *_parts(one.placed),
            *_parts(one.conversion),
            revenue and revenue.value,
            revenue and revenue.currency,
        ]


def _lines(asked: Asked, actor: Actor, at: datetime) -> Lines:
    rows = figures_visible_to(
        actor,
        period=asked.period,
        group_by=(Dimension.PRODUCT_LINE, Dimension.REGION),
        filters=asked.filters,
        at=at,
    ).rows
    yield [
        "product_line",
        "region",
        "leads_accepted",
        "leads_won",
        "leads_convertible",
        "revenue",
        "currency",
    ]
    for row in rows:
        revenue = row.amounts["revenue"]
        yield [
            row.group[Dimension.PRODUCT_LINE],
            row.group[Dimension.REGION],
            row.picks,
            *_parts(row.ratios["conversion_rate"]),
            revenue.value,
            revenue.currency,
        ]


def _turnover(asked: Asked, actor: Actor, at: datetime) -> Lines:
    by_partner, total, currency = prospects_visible_to(actor, partner_id=asked.filters.partner_id)
    names = columns_of(total)
    yield ["partner", "value", "expected", "currency", *(name or "no_month" for name in names)]
    for one in outlooks_of(by_partner, names, asked):
        yield [one.name, one.prospects.value, one.prospects.expected, currency, *one.amounts]


def _sources(asked: Asked, actor: Actor, at: datetime) -> Lines:
    yield [
        "source",
        "leads_accepted",
        "leads_won",
        "leads_convertible",
        "revenue",
        "revenue_per_lead",
        "currency",
    ]
    for one in sources_in(asked, actor=actor, at=at):
        revenue = one.row.amounts["revenue"]
        yield [
            one.row.group[Dimension.SOURCE],
            one.row.picks,
            *_parts(one.row.ratios["conversion_rate"]),
            revenue.value,
            one.per_lead,
            revenue.currency,
        ]


TABLES: Mapping[str, Callable[[Asked, Actor, datetime], Lines]] = {
    "weeks": _weeks,
    "partners": _partners,
    "regions": _regions,
    "lines": _lines,
    "turnover": _turnover,
    "sources": _sources,
}


def _heads() -> list[str]:
    return [head for code in FIVE for head in (code, f"{code}_of_leads")]


def _five(row: Row) -> list[Any]:
    told: list[Any] = []
    for code in FIVE:
        value = value_of(row, code)
        told += [value if value is None else round(value, 4), count_of(row, code)]
    return told


def _parts(ratio: Ratio | None) -> tuple[int, int]:
    return (ratio.numerator, ratio.denominator) if ratio else (0, 0)
