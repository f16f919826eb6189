"""What a link in a message opens: one offer to take, or one lead to report on.

Whoever has the link sees what anybody decides by, and may answer how it went with a lead. To take
an offer, to refuse it and to see the customer takes the person to whom the link was sent: a device
that is known to be theirs, or the code that is mailed to them. Whoever has a second factor logs in
with it instead.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import Refusal, StateConflict
from leadhub.core.metrics import count_conflict
from leadhub.core.pages.answers import go_to, is_partial, lead_to, show, state_of, unchanged
from leadhub.core.pages.limits import limited_by_address
from leads.disclosures import note_disclosures
from leads.feedback import give_feedback
from leads.inbox import find_offer_to, find_own_assignment, glance_at_offer, show_offers
from leads.links import OFFER, WORK
from leads.partner_forms import CodeForm, DeclineForm, QuickFeedbackForm
from leads.routing import accept_offer, decline_offer
from leads.views.linked import (
    LinkedRequest,
    address_of,
    find_kept,
    keep,
    link_over,
    linked_page,
)
from leads.worklist import find_assignment, find_work
from partners.identity.device_codes import is_right_code, send_code, waiting_code
from partners.identity.throttling import TooManyAttempts
from partners.known_devices import remember
from partners.roles import Capability

# The same answer once more within this time is a second tap.
SECOND_TAP = timedelta(minutes=5)
ACCEPT, LOOK = "accept", "look"


@linked_page(OFFER, Capability.SEE_OFFERS)
@require_safe
def show_offer(request: LinkedRequest, offer_id: UUID) -> HttpResponse:
    """Show the offer of a link; nothing notes it, for whoever looks may be a program."""
    return _offer(request, offer_id, at=clock.now(), part="offer")


@linked_page(OFFER, Capability.ANSWER_OFFERS)
@require_POST
def accept(request: LinkedRequest, offer_id: UUID) -> HttpResponse:
    """Take the lead, on a device that is known; on another one, ask who it is first."""
    at = clock.now()
    offer = find_offer_to([request.linked.partner_id], offer_id, at=at)
    if offer is None:
        return link_over(request)
    if not request.is_known:
        return _ask_who_it_is(request, ACCEPT)
    return _take(request, offer_id, at=at)


@linked_page(OFFER, Capability.ANSWER_OFFERS)
@require_POST
def decline(request: LinkedRequest, offer_id: UUID) -> HttpResponse:
    """Say no, and why, on a device that is known."""
    at = clock.now()
    offer = find_offer_to([request.linked.partner_id], offer_id, at=at)
    if offer is None:
        return link_over(request)
    if not request.is_known:
        return _ask_who_it_is(request, LOOK)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose one of the reasons."))
        return go_to(request, "link-offer", offer_id)
    sent = form.cleaned_data
    try:
        decline_offer(
            offer=offer, reason=sent["reason"], note=sent["note"], by=request.linked.actor, at=at
        )
    except StateConflict as conflict:
        count_conflict(conflict.code)
    return go_to(request, "link-offer", offer_id)


@linked_page(WORK, Capability.SEE_WORK)
@require_safe
def show_lead(request: LinkedRequest, assignment_id: UUID) -> HttpResponse:
    """Show a lead to report on; the customer is named on a known device alone."""
    at = clock.now()
    item = find_work([request.linked.partner_id], assignment_id, at=at)
    if item is None:
        return link_over(request)
    contact = item.contact if request.is_known else None
    if contact is not None:
        note_disclosures([item.assignment.lead_id], by=request.linked.actor, at=at)
    context = {
        "now": at,
        "item": item,
        "contact": contact,
        "is_known": request.is_known,
        "has_contact": item.contact is not None,
        "needs_log_in": request.linked.needs_log_in,
    }
    return show(request, "leads/linked/lead.html", context)


@linked_page(WORK, Capability.SEE_WORK)
@require_POST
def ask_for_contact(request: LinkedRequest, assignment_id: UUID) -> HttpResponse:
    """Ask who it is, so that the customer may be shown."""
    if request.is_known:
        return go_to(request, "link-lead", assignment_id)
    return _ask_who_it_is(request, LOOK)


@linked_page(WORK, Capability.REPORT_WORK)
@require_POST
def report(request: LinkedRequest, assignment_id: UUID) -> HttpResponse:
    """Note one of the answers that need nothing further; a second tap changes nothing."""
    at = clock.now()
    assignment = find_assignment([request.linked.partner_id], assignment_id)
    if assignment is None:
        return link_over(request)
    form = QuickFeedbackForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("That was not understood. Nothing was changed."))
        return go_to(request, "link-lead", assignment_id)
    try:
        give_feedback(
            assignment=assignment,
            status=form.cleaned_data["status"],
            repeat_within=SECOND_TAP,
            by=request.linked.actor,
            at=at,
        )
    except Refusal as refusal:
        messages.error(request, refusal.in_words())
    else:
        messages.success(request, gettext("Thank you, noted."))
    return go_to(request, "link-lead", assignment_id)


@limited_by_address
@require_http_methods(["GET", "HEAD", "POST"])
def type_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was mailed; the right one makes the device known, and goes on."""
    waiting = waiting_code(request)
    linked = find_kept(request, UUID(waiting.subject[0])) if waiting else None
    if waiting is None or linked is None or linked.user.id != waiting.user_id:
        return link_over(request)
    with translation.override(linked.user.language):
        is_taking = waiting.subject[1] == ACCEPT and linked.place == OFFER
        form = CodeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            if is_right_code(request, form.cleaned_data["code"]):
                return _go_on(request, linked.subject_id, is_taking=is_taking)
            form.add_error("code", gettext("This code is not right, or it was used already."))
        context = {
            "form": form,
            "is_taking": is_taking,
            "is_over": waiting_code(request) is None,
            "back": address_of(linked),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        response = render(request, "leads/linked/code.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _go_on(request: HttpRequest, subject_id: UUID, *, is_taking: bool) -> HttpResponse:
    """Do what the code was asked for, and know this device from now on."""
    # Whoever prepared this session for somebody else does not share what comes of the proof.
    request.session.cycle_key()
    linked = find_kept(request, subject_id)
    if linked is None:
        return link_over(request)
    response: HttpResponse = redirect(address_of(linked))
    if is_taking:
        response = _taking(request, offer_id=subject_id)
    remember(response, linked.user, at=clock.now())
    return response


@linked_page(OFFER, Capability.ANSWER_OFFERS)
def _taking(request: LinkedRequest, offer_id: UUID) -> HttpResponse:
    return _take(request, offer_id, at=clock.now())


def _take(request: LinkedRequest, offer_id: UUID, *, at: datetime) -> HttpResponse:
    """Take the lead and go on to it; whoever is second is told so."""
    offer = find_offer_to([request.linked.partner_id], offer_id, at=at)
    if offer is None:
        return link_over(request)
    try:
        assignment = accept_offer(offer=offer, by=request.linked.actor, at=at)
    except StateConflict as conflict:
        count_conflict(conflict.code)
        if not is_partial(request):
            return redirect("link-offer", offer_id)
        return _offer(request, offer_id, at=at, part="offer", status=HTTPStatus.CONFLICT)
    keep(request, assignment.id, request.linked.ticket)
    return go_to(request, "link-lead", assignment.id)


def _offer(
    request: LinkedRequest,
    offer_id: UUID,
    *,
    at: datetime,
    part: str,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    partners = [request.linked.partner_id]
    glance = glance_at_offer(partners, offer_id, at=at)
    if glance is None:
        return link_over(request)
    state = state_of("linked offer", glance, request.is_known)
    if status == HTTPStatus.OK and (answer := unchanged(request, state)) is not None:
        return answer
    (shown,) = show_offers([glance])
    own = find_own_assignment(partners, glance.lead_id)
    is_by_it = own is not None and own.offer_id == offer_id
    if own is not None and is_by_it:
        keep(request, own.id, request.linked.ticket)
    context = {
        "now": at,
        "state": state,
        "one": shown,
        "own": own,
        "is_by_it": is_by_it,
        "is_known": request.is_known,
        "needs_log_in": request.linked.needs_log_in,
        "reader": request.linked.user,
    }
    return show(request, "leads/linked/offer.html", context, part=part, status=status)


def _ask_who_it_is(request: LinkedRequest, then: str) -> HttpResponse:
    linked = request.linked
    if linked.needs_log_in:
        behind_door = "partner-offer" if linked.place == OFFER else "partner-lead"
        here = reverse(behind_door, args=[linked.subject_id])
        return lead_to(request, f"{reverse('person-log-in')}?next={here}")
    try:
        send_code(request, linked.user, subject=[str(linked.subject_id), then])
    except TooManyAttempts as refusal:
        messages.error(request, " ".join(refusal.messages))
        return lead_to(request, address_of(linked))
    return go_to(request, "link-code")
