"""The leads behind a number of the cockpit, as a list that leads on to each of them."""

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_GET

from kpis.behind import OF_LEADS, OF_PICKS, Behind, leads_behind
from kpis.views.asked import Asked, frame_of
from kpis.views.stats import FIVE, label_of
from leadhub.core import clock
from leadhub.core.pages.answers import show
from leads.sources import name_of_source
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

PER_PAGE = 50
DIGITS = 9
SETS: Mapping[str, Promise] = {
    "picks": _("Leads accepted"),
    "won": _("Leads won"),
    "received": _("Leads received"),
    "unserved": _("Leads nobody could be asked for"),
}
ENDINGS: Mapping[str, tuple[Promise, str]] = {
    "WON": (_("Won"), "success"),
    "LOST": (_("Lost"), "neutral"),
    "RETURNED": (_("Returned"), "warning"),
    "TAKEN_BACK": (_("Taken back"), "warning"),
}


@desk_page(Capability.SEE_LEADS)
@require_GET
def show_leads_behind(request: PersonRequest) -> HttpResponse:
    """List the leads that a number was counted from."""
    actor, at = request.person.at_desk, clock.now()
    sent = request.GET.get("of", "picks")
    of = sent if sent in OF_PICKS or sent in OF_LEADS else "picks"
    asked = Asked(request.GET, actor=actor, at=at, beside={"of": of})
    number = _page_number(request.GET.get("page", ""))
    total, rows = leads_behind(
        actor,
        of=of,
        period=asked.period,
        filters=asked.filters,
        skip=(number - 1) * PER_PAGE,
        at_most=PER_PAGE,
        at=at,
    )
    context = {
        **frame_of(asked, screen="leads", at=at),
        "of": of,
        "title": label_of(of) if of in FIVE else SETS[of],
        "is_unknown": of != sent,
        "is_of_picks": of in OF_PICKS,
        "total": total,
        "rows": [_told(row, asked) for row in rows],
        "page": Paginator(range(total), PER_PAGE).get_page(number),
        "query": f"{asked.address()[1:]}&",
    }
    return show(request, "kpis/cockpit/leads.html", context)


def _page_number(sent: str) -> int:
    return max(int(sent), 1) if sent.isascii() and sent.isdigit() and len(sent) < DIGITS else 1


def _told(row: Behind, asked: Asked) -> dict[str, Any]:
    words, tone = ENDINGS.get(row.ending or "", (gettext("In hands"), "primary"))
    return {
        "lead": row,
        "partner": asked.partners.get(row.partner_id) if row.partner_id else None,
        "source": name_of_source(row.source),
        "ending": words,
        "tone": tone,
    }
