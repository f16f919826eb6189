"""What turnover is expected, when and from whom, and what the sources of leads brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from kpis.definitions import Dimension
from kpis.network import prospects_visible_to
from kpis.prospects import Prospects
from kpis.selectors import figures_visible_to
from kpis.values import Row
from kpis.views.asked import Asked, frame_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import show
from leadhub.core.templatetags.shown import month
from leads.sources import name_of_source
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

PER_PAGE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What is expected in a month; a month gone by is overdue.

    :ivar share: of the largest, from 0 to 1.
    """

    name: str
    amount: Decimal
    share: float
    is_past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What one partner expects, month by month in the order of the columns."""

    partner_id: UUID
    name: str
    prospects: Prospects
    amounts: list[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What came of the leads of one source.

    :ivar per_lead: turnover for each lead accepted, in whole units of the currency.
    """

    name: str
    row: Row
    per_lead: int | None
    href: str


@desk_page(Capability.SEE_FIGURES)
@require_GET
def show_turnover(request: PersonRequest) -> HttpResponse:
    """Show what leads in hands may bring, and what the leads of a period brought by source."""
    actor, at = request.person.at_desk, clock.now()
    asked = Asked(request.GET, actor=actor, at=at)
    by_partner, total, currency = prospects_visible_to(actor, partner_id=asked.filters.partner_id)
    names = columns_of(total)
    outlooks = outlooks_of(by_partner, names, asked)
    page = Paginator(outlooks, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame_of(asked, screen="turnover", at=at),
        "currency": currency,
        "total": total,
        "months": months_of(total, today=asked.today),
        "columns": [_name_of(name) for name in names],
        "page": page,
        "sources": sources_in(asked, actor=actor, at=at),
        "query": f"{asked.query}&",
    }
    return show(request, "kpis/cockpit/turnover.html", context)


def columns_of(total: Prospects) -> list[str | None]:
    """List the months that anything is expected in, in order; ``None`` is no month named."""
    named = sorted(name for name in total.by_month if name is not None)
    return [*named, *([None] if None in total.by_month else [])]


def outlooks_of(
    by_partner: dict[UUID, Prospects], names: Sequence[str | None], asked: Asked
) -> list[Outlook]:
    """Tell what each partner expects, most first."""
    found = [
        Outlook(
            partner_id=partner_id,
            name=asked.partners[partner_id],
            prospects=prospects,
            amounts=[prospects.by_month.get(name, Decimal(0)) for name in names],
        )
        for partner_id, prospects in by_partner.items()
    ]
    return sorted(found, key=lambda one: (-one.prospects.expected, one.name))


def months_of(total: Prospects, *, today: date) -> list[Month]:
    """Tell what is expected in each month over all partners."""
    largest = max(total.by_month.values(), default=Decimal(0))
    return [
        Month(
            name=_name_of(name),
            amount=total.by_month[name],
            share=float(total.by_month[name] / largest) if largest else 0.0,
            is_past=name is not None and name < f"{today:%Y-%m}",
        )
        for name in columns_of(total)
    ]


def sources_in(asked: Asked, *, actor: Actor, at: datetime) -> list[Source]:
    """Tell what came of the leads of each source that were accepted in the period."""
    rows = figures_visible_to(
        actor,
        period=asked.period,
        group_by=(Dimension.SOURCE,),
        filters=asked.filters,
        at=at,
    ).rows
    found = []
    for row in rows:
        code = row.group[Dimension.SOURCE] or ""
        revenue = row.amounts["revenue"].value
        found.append(
            Source(
                name=name_of_source(code),
                row=row,
                per_lead=round(revenue / row.picks) if revenue is not None and row.picks else None,
                href=asked.leads_behind("conversion_rate", source=code),
            )
        )
    return sorted(found, key=lambda one: (-(one.per_lead or 0), one.name))


def _name_of(name: str | None) -> str:
    return month(date.fromisoformat(f"{name}-01")) if name else gettext("No month named")
