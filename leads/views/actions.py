"""What a dispatcher does to a lead by hand; each leads back to the lead as it is afterwards.

A form that lacks something comes back with what is wrong at its fields: in its sheet to a script,
else on a page of its own. What the lead's state does not allow is said on the page of the lead.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.forms import note_refusal
from leads.dispatch import (
    LeadNotOnOffer,
    assign_lead,
    extend_wave,
    judge_return,
    partner_to_assign,
    reject_lead,
    release_lead,
    reroute_lead,
    withdraw_lead,
)
from leads.dossier import read_dossier, search_partners
from leads.feedback import close_lead, reopen_lead
from leads.forms import AssignForm, CloseForm, ExtendForm, UnmovedForm, VerdictForm
from leads.locks import lock_lead
from leads.selectors import leads_visible_to, offers_of_lead
from leads.views.lead import ACTIONS, action_context, answer_lead, possible_actions
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

dispatcher_page = desk_page(Capability.DISPATCH_LEADS)


class MovedOn(StateConflict):
    """Something else became of the lead since its page was made."""

    code = "lead_moved_on"
    message = gettext_noop(
        "This lead has moved on since you opened the page. Here it is as of now."
    )


class Order(NamedTuple):
    """What a dispatcher wants done, checked by the form."""

    lead: Any
    given: dict[str, Any]
    by: Actor
    at: datetime


@require_POST
@dispatcher_page
def release(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Route a lead that was held for review."""

    def do(order: Order) -> str:
        lead = release_lead(lead=order.lead, by=order.by, at=order.at)
        return what_became_of(lead, order.by)

    return _carry_out(request, lead_id, "release", forms.Form(request.POST), do)


@require_POST
@dispatcher_page
def reject(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Refuse a lead that was held for review."""

    def do(order: Order) -> str:
        reject_lead(lead=order.lead, by=order.by, at=order.at)
        return gettext("The lead was rejected.")

    return _carry_out(request, lead_id, "reject", forms.Form(request.POST), do)


@require_POST
@dispatcher_page
def withdraw(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Take a lead off the network."""

    def do(order: Order) -> str:
        withdraw_lead(lead=order.lead, by=order.by, at=order.at)
        return gettext("The lead was withdrawn from the network.")

    return _carry_out(request, lead_id, "withdraw", forms.Form(request.POST), do)


@require_POST
@dispatcher_page
def reroute(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Begin the waves anew; sent twice, it begins them once."""

    def do(order: Order) -> str:
        _refuse_moved(order)
        lead = reroute_lead(lead=order.lead, by=order.by, at=order.at)
        return what_became_of(lead, order.by)

    return _carry_out(request, lead_id, "reroute", UnmovedForm(request.POST), do)


@require_POST
@dispatcher_page
def extend(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Move the deadline of the wave that is open; sent twice, it is moved once."""

    def do(order: Order) -> str:
        deadline = order.given["respond_by"]
        if lock_lead(order.lead.id).respond_by != deadline:
            extend_wave(lead=order.lead, respond_by=deadline, by=order.by, at=order.at)
        return gettext("Partners have more time to answer.")

    return _carry_out(request, lead_id, "extend", ExtendForm(request.POST), do)


@require_POST
@dispatcher_page
def close(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Close a lead for the partner that holds it."""
    form = CloseForm(request.POST)

    def do(order: Order) -> str:
        close_lead(lead=order.lead, by=order.by, at=order.at, **form.closing())
        return gettext("The lead is closed.")

    return _carry_out(request, lead_id, "close", form, do)


@require_POST
@dispatcher_page
def reopen(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Take back the closing of a lead."""

    def do(order: Order) -> str:
        reopen_lead(lead=order.lead, by=order.by, at=order.at)
        return gettext("The lead is in progress again.")

    return _carry_out(request, lead_id, "reopen", forms.Form(request.POST), do)


@require_POST
@dispatcher_page
def judge(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Say whether the lead was at fault when a partner gave it back."""

    def do(order: Order) -> str:
        _refuse_other_return(order)
        is_at_fault = order.given["lead_at_fault"]
        judge_return(lead=order.lead, is_lead_at_fault=is_at_fault, by=order.by, at=order.at)
        if is_at_fault:
            return gettext("Confirmed: the lead was at fault.")
        return gettext("Refused: the lead was not at fault.")

    return _carry_out(request, lead_id, "return-verdict", VerdictForm(request.POST), do)


@require_http_methods(["GET", "HEAD", "POST"])
@dispatcher_page
def assign(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Give a lead to a partner: one of the best matches, or any that is found by name."""
    if request.method != "POST":
        return _choose_partner(request, lead_id)

    def do(order: Order) -> str:
        partner = partner_to_assign(
            partner_id=order.given["partner"], manufacturer_id=order.by.manufacturer_id
        )
        assign_lead(lead=order.lead, partner=partner, by=order.by, at=order.at)
        return gettext("%(partner)s has the lead now.") % {"partner": partner.name}

    return _carry_out(request, lead_id, "assign", AssignForm(request.POST), do)


def what_became_of(lead: Any, actor: Actor) -> str:
    """Say in a sentence where routing has brought a lead."""
    if lead.status == "OFFERED":
        asked = offers_of_lead(actor, lead=lead).filter(wave=lead.wave).count()
        return ngettext(
            "The lead is on offer to %(count)s partner.",
            "The lead is on offer to %(count)s partners.",
            asked,
        ) % {"count": asked}
    if lead.status == "HELD":
        return gettext("The lead is held for review: %(reason)s.") % {
            "reason": lead.get_hold_reason_display()
        }
    return gettext("No partner fits right now: the lead is on the pick list.")


def _carry_out(
    request: PersonRequest,
    lead_id: UUID,
    verb: str,
    form: forms.Form,
    do: Callable[[Order], str],
) -> HttpResponse:
    """Do what a form asks for and say so; or say what is missing, or why it cannot be done."""
    at, actor = clock.now(), request.person.at_desk
    lead = leads_visible_to(actor).filter(id=lead_id).first()
    if lead is None:
        raise NotVisible
    if form.is_valid():
        try:
            done = do(Order(lead, form.cleaned_data, actor, at))
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        except StateConflict as refusal:
            messages.error(request, gettext(str(refusal)))
            return answer_lead(request, lead_id, at=at, status=HTTPStatus.CONFLICT)
        else:
            messages.success(request, done)
            return answer_lead(request, lead_id, at=at)
    return _ask_again(request, lead_id, verb, form, at=at)


def _ask_again(
    request: PersonRequest, lead_id: UUID, verb: str, form: forms.Form, *, at: datetime
) -> HttpResponse:
    dossier = read_dossier(lead_id, actor=request.person.at_desk)
    action = ACTIONS[verb]
    if action not in possible_actions(request, dossier):
        messages.error(request, gettext(MovedOn.message))
        return answer_lead(request, lead_id, at=at, status=HTTPStatus.CONFLICT)
    context = {
        "place": "leads",
        "now": at,
        "dossier": dossier,
        "lead": dossier.lead,
        "action": action,
        **action_context(dossier, at=at),
        "errors": form.errors,
        "sent": form.data,
    }
    if verb == "close":
        context["close_form"] = form
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return show(request, "leads/desk/action.html", context, part="form", status=status)


def _choose_partner(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Show whom a lead can be assigned to; to a script, the list alone."""
    at, actor = clock.now(), request.person.at_desk
    dossier = read_dossier(lead_id, actor=actor)
    if ACTIONS["assign"] not in possible_actions(request, dossier):
        messages.error(request, gettext(LeadNotOnOffer.message))
        return go_to(request, "desk-lead", lead_id)
    text = request.GET.get("find", "").replace("\0", "").strip()[:120]
    context = {
        "place": "leads",
        "now": at,
        "dossier": dossier,
        "lead": dossier.lead,
        "action": ACTIONS["assign"],
        **action_context(dossier, at=at),
        "find": text,
        "found": search_partners(text, lead=dossier.lead, actor=actor) if text else None,
    }
    return show(request, "leads/desk/action.html", context, part="found")


def _refuse_moved(order: Order) -> None:
    """Refuse what was meant for an earlier wave; it may have been done already."""
    if lock_lead(order.lead.id).wave != order.given["wave"]:
        raise MovedOn


def _refuse_other_return(order: Order) -> None:
    """Refuse a verdict on a return that was judged since, differently or by the same form."""
    lock_lead(order.lead.id)
    waiting = read_dossier(order.lead.id, actor=order.by).return_to_judge
    if waiting is None or waiting.id != order.given["assignment"]:
        raise MovedOn
