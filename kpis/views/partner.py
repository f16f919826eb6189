"""A partner's own page: who it is, where it works, what it holds, and how it does."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kpis.periods import Period
from kpis.selectors import Filters, figures_visible_to, leads_in_hands_of, work_of
from kpis.views.stats import stats_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import show
from leadhub.core.regions import region_name
from partners.decorators import PersonRequest, desk_page
from partners.directory import partner_visible_to, people_of
from partners.roles import Capability
from partners.selectors import portfolios_of, product_lines_visible_to

LATELY = timedelta(days=90)
# For so long before its end a certification is said to end soon.
SOON = timedelta(days=60)
LEADS_AT_MOST = 10


@desk_page(Capability.SEE_NETWORK)
@require_GET
def show_partner(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Show one partner of the network."""
    actor, at = request.person.at_desk, clock.now()
    today = timezone.localdate(at)
    partner = partner_visible_to(actor, partner_id)
    leads = leads_in_hands_of(actor, partner.id)
    figures = figures_visible_to(
        actor,
        period=Period(today - LATELY + timedelta(days=1), today + timedelta(days=1)),
        filters=Filters(partner_id=partner.id),
        is_whole=True,
        at=at,
    )
    context = {
        "place": "partners",
        "at": at,
        "partner": partner,
        "stats": stats_of(figures.total),
        "work": work_of([partner], since=at - LATELY)[partner.id],
        "leads": leads[:LEADS_AT_MOST],
        "people": people_of(partner),
        "certifications": [_certification(held, today) for held in partner.certifications.all()],
        "lines": _lines(actor, partner),
        **_areas(partner),
    }
    return show(request, "partners/desk/partner.html", context)


def _lines(actor: Actor, partner: Any) -> list[str]:
    sold = portfolios_of([partner])[partner.id]
    lines = product_lines_visible_to(actor).filter(code__in=sold).order_by("name", "code")
    return [line.name for line in lines]


def _certification(held: Any, today: date) -> dict[str, Any]:
    standing = "endless"
    if held.valid_until is not None:
        is_soon = held.valid_until <= today + SOON
        standing = "over" if held.valid_until < today else "soon" if is_soon else "valid"
    return {
        "level": held.level.name,
        "line": held.product_line.name if held.product_line else "",
        "until": held.valid_until,
        "standing": standing,
    }


def _areas(partner: Any) -> dict[str, Any]:
    areas = list(partner.service_areas.all())
    radius = next((area.radius_km for area in areas if area.kind == "RADIUS"), None)
    spot = {
        "lat": partner.latitude,
        "lon": partner.longitude,
        "kind": "partner" if partner.status == "ACTIVE" else "paused",
        "label": partner.name,
        "radiusKm": radius,
    }
    return {
        "places": [spot],
        "radius": radius,
        "postal_codes": [area.text for area in areas if area.kind == "POSTAL_CODE"],
        "regions": sorted(region_name(area.text) for area in areas if area.kind == "REGION"),
    }
