"""The directory of partners: found by name, place and qualification, in a list and on a map."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from kpis.selectors import work_of
from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import show
from leadhub.core.templatetags.shown import number
from partners.decorators import PersonRequest, desk_page
from partners.directory import (
    Cell,
    Search,
    Spot,
    countries_of,
    partners_found,
    spots_of,
    with_levels,
)
from partners.network_forms import PartnerSearchForm
from partners.roles import Capability
from partners.selectors import levels_visible_to, product_lines_visible_to

PER_PAGE = 25
# Of this time it is told how a partner answered.
LATELY = timedelta(days=90)


@desk_page(Capability.SEE_NETWORK)
@require_GET
def show_directory(request: PersonRequest) -> HttpResponse:
    """Show the partners that a search finds, or all of them."""
    actor, at = request.person.at_desk, clock.now()
    today = timezone.localdate(at)
    form = _form(actor, request.GET)
    search = _search(form, request.GET)
    found = partners_found(actor, search, on=today)
    pages = Paginator(with_levels(found, on=today), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    query = _query(form, search)
    spots, are_many = spots_of(found, search)
    context = {
        "place": "partners",
        "at": at,
        "form": form,
        "search": search,
        "page": page,
        "rows": _rows(page, since=at - LATELY),
        "total": pages.count,
        "query": f"{query}&" if query else "",
        "without_cell": f"?{_query(form, None)}",
        "is_filtered": bool(query),
        "controls": [field for field in form if field.name != "q"],
        "narrowed_by": sum(1 for name, value in form.cleaned_data.items() if value and name != "q"),
        "places": [_place(spot, _query(form, None)) for spot in spots],
        "are_many": are_many,
    }
    return show(request, "partners/desk/directory.html", context, part="found")


def _form(actor: Actor, sent: QueryDict) -> PartnerSearchForm:
    return PartnerSearchForm(
        sent,
        product_lines=list(product_lines_visible_to(actor).order_by("name")),
        levels=list(levels_visible_to(actor).order_by("rank", "name")),
        countries=countries_of(actor),
    )


def _search(form: PartnerSearchForm, sent: QueryDict) -> Search:
    """Look for what was asked; what is no choice is passed over."""
    form.is_valid()
    asked = form.cleaned_data
    return Search(
        words=asked.get("q", ""),
        status=asked.get("status", ""),
        product_line=asked.get("product_line", ""),
        level=asked.get("level", ""),
        area=asked.get("area", ""),
        cell=Cell.read(sent.get("cell", "")),
    )


def _query(form: PartnerSearchForm, search: Search | None) -> str:
    """Write what is looked for as it stands in an address, without the page."""
    asked = {name: value for name, value in form.cleaned_data.items() if value}
    if search is not None and search.cell is not None:
        asked["cell"] = str(search.cell)
    return urlencode(asked)


def _rows(page: Page[Any], *, since: Any) -> list[dict[str, Any]]:
    partners = list(page.object_list)
    work = work_of(partners, since=since)
    return [{"partner": partner, "work": work[partner.id]} for partner in partners]


def _place(spot: Spot, query: str) -> dict[str, Any]:
    place: dict[str, Any] = {"lat": spot.latitude, "lon": spot.longitude, "label": spot.name}
    if spot.partner is not None:
        kind = "partner" if spot.status == "ACTIVE" else "paused"
        return {**place, "kind": kind, "href": reverse("desk-partner", args=[spot.partner])}
    around = ngettext(
        "%(count)s partner around %(town)s", "%(count)s partners around %(town)s", spot.partners
    )
    address = f"{reverse('desk-partners')}?{query}&" if query else f"{reverse('desk-partners')}?"
    return {
        **place,
        "kind": "cluster",
        "count": number(spot.partners),
        "label": around % {"count": number(spot.partners), "town": spot.name},
        "href": f"{address}{urlencode({'cell': str(spot.cell)})}",
    }
