"""The pick list: open leads that any eligible partner may take, first come, first served."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, is_partial, show, state_of, unchanged
from leads.partner_forms import PickForm
from leads.pick_list import find_lead_to_pick
from leads.pickable import Open, open_leads_for, show_open_leads
from leads.routing import FeedbackOverdue, pick_lead
from partners.decorators import PersonRequest, partner_page
from partners.roles import Capability

SHOWN_AT_ONCE = 20


@partner_page(Capability.SEE_OFFERS)
@require_safe
def show_pick_list(request: PersonRequest) -> HttpResponse:
    """Show the leads that a person may take for one of their partners, the newest first."""
    at = clock.now()
    found = open_leads_for(request.person.as_partners, at=at)
    return unchanged(request, state_of("pick-list", *found)) or _page(
        request, found, at=at, part="list"
    )


@partner_page(Capability.ANSWER_OFFERS)
@require_POST
def pick(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Take a lead and go on to it; whoever is second is told so in place."""
    at = clock.now()
    form = PickForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose for which partner you take the lead."))
        return _as_it_stands(request, at=at, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    by = request.person.as_partner(form.cleaned_data["partner"])
    lead = find_lead_to_pick(lead_id=lead_id, actor=by, at=at)
    if lead is None:
        raise NotVisible
    try:
        assignment = pick_lead(lead=lead, by=by, at=at)
    except (StateConflict, FeedbackOverdue) as refusal:
        messages.error(request, refusal.in_words())
        return _as_it_stands(request, at=at, status=HTTPStatus.CONFLICT)
    return go_to(request, "partner-lead", assignment.id)


def _as_it_stands(request: PersonRequest, *, at: datetime, status: HTTPStatus) -> HttpResponse:
    if not is_partial(request):
        return go_to(request, "partner-pick-list")
    found = open_leads_for(request.person.as_partners, at=at)
    return _page(request, found, at=at, part="answer", status=status)


def _page(
    request: PersonRequest,
    found: list[Open],
    *,
    at: datetime,
    part: str,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    page = Paginator(found, SHOWN_AT_ONCE).get_page(request.GET.get("page"))
    context = {
        "place": "pick-list",
        "now": at,
        "state": state_of("pick-list", *found),
        "page": page,
        "shown": show_open_leads(list(page.object_list)),
    }
    return show(request, "leads/partner/pick_list.html", context, part=part, status=status)
