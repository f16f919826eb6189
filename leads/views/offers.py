"""One offer: look at it, take it, or say why not."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.metrics import count_conflict
from leadhub.core.pages.answers import go_to, is_partial, show, unchanged
from leads.inbox import (
    Glance,
    find_offer_to,
    find_own_assignment,
    glance_at_offer,
    show_offers,
)
from leads.partner_forms import DeclineForm
from leads.routing import accept_offer, decline_offer, view_offer
from leads.views.inbox import show_list
from leads.views.news import state_of_offer
from leads.views.offer_map import draw_offer
from partners.decorators import PersonRequest, partner_page
from partners.roles import Capability
from partners.watching import HEADER, leave_to_watch

# The element of the inbox that an action asked from there is answered with.
INBOX_LIST = "offers"


@partner_page(Capability.SEE_OFFERS)
@require_safe
def show_offer(request: PersonRequest, offer_id: UUID) -> HttpResponse:
    """Show an offer; opening it accepts nothing, it is only noted that it was seen."""
    at = clock.now()
    glance = glance_at_offer(request.person.partner_ids, offer_id, at=at)
    if glance is None:
        raise NotVisible
    answer = unchanged(request, state_of_offer(glance))
    if answer is not None:
        answer.headers[HEADER] = leave_to_watch(request, request.person, at=at, about=offer_id)
        return answer
    return _page(request, glance, at=at, part="offer", is_first_look=_is_looked_at(request))


def _is_looked_at(request: PersonRequest) -> bool:
    """Tell a person who opens the page from a browser that fetches it in case they will."""
    purposes = (request.headers.get("Sec-Purpose", ""), request.headers.get("Purpose", ""))
    return request.method == "GET" and not any("prefetch" in purpose for purpose in purposes)


@partner_page(Capability.ANSWER_OFFERS)
@require_POST
def accept(request: PersonRequest, offer_id: UUID) -> HttpResponse:
    """Take the lead and go on to it; whoever is second is told so in place."""
    at = clock.now()
    offer = find_offer_to(request.person.partner_ids, offer_id, at=at)
    if offer is None:
        raise NotVisible
    try:
        assignment = accept_offer(
            offer=offer, by=request.person.as_partner(offer.partner_id), at=at
        )
    except StateConflict as conflict:
        count_conflict(conflict.code)
        # How it stands now says why.
        return _as_it_stands(request, offer_id, at=at, status=HTTPStatus.CONFLICT)
    return go_to(request, "partner-lead", assignment.id)


@partner_page(Capability.ANSWER_OFFERS)
@require_POST
def decline(request: PersonRequest, offer_id: UUID) -> HttpResponse:
    """Say no, and why."""
    at = clock.now()
    offer = find_offer_to(request.person.partner_ids, offer_id, at=at)
    if offer is None:
        raise NotVisible
    form = DeclineForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose one of the reasons."))
        return _as_it_stands(request, offer_id, at=at, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        decline_offer(
            offer=offer,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            by=request.person.as_partner(offer.partner_id),
            at=at,
        )
    except StateConflict:
        return _as_it_stands(request, offer_id, at=at, status=HTTPStatus.CONFLICT)
    said = gettext("Declined. A mistake? Ask %(name)s.")
    messages.success(request, said % {"name": offer.manufacturer.name})
    if is_partial(request) and _is_from_inbox(request):
        return show_list(request, at=at)
    return go_to(request, "partner-inbox")


def _as_it_stands(
    request: PersonRequest, offer_id: UUID, *, at: datetime, status: HTTPStatus
) -> HttpResponse:
    """Answer where the tap was: in the inbox, on the offer's page, or without a script there."""
    if not is_partial(request):
        return go_to(request, "partner-offer", offer_id)
    if _is_from_inbox(request):
        return show_list(request, at=at, status=status)
    glance = glance_at_offer(request.person.partner_ids, offer_id, at=at)
    if glance is None:
        raise NotVisible
    return _page(request, glance, at=at, part="answer", status=status)


def _page(
    request: PersonRequest,
    glance: Glance,
    *,
    at: datetime,
    part: str,
    status: HTTPStatus = HTTPStatus.OK,
    is_first_look: bool = False,
) -> HttpResponse:
    (shown,) = show_offers([glance])
    if is_first_look and not is_partial(request):
        by = request.person.as_partner(shown.offer.partner_id)
        view_offer(offer=shown.offer, by=by, at=at)
    context = {
        "place": "inbox",
        "now": at,
        "state": state_of_offer(glance),
        "watching": leave_to_watch(request, request.person, at=at, about=glance.offer_id),
        "one": shown,
        # It does not change while somebody looks at it.
        "picture": None if is_partial(request) else draw_offer(shown.offer),
        "own": find_own_assignment(request.person.partner_ids, glance.lead_id),
    }
    return show(request, "leads/partner/offer.html", context, part=part, status=status)


def _is_from_inbox(request: PersonRequest) -> bool:
    return request.headers.get("HX-Target") == INBOX_LIST
