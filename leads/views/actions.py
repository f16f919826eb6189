"""The doors to what a dispatcher does by hand; each leads back to the lead as it is afterwards.

A form that lacks something comes back with what is wrong at its fields: in its sheet to a script,
else on a page of its own. What the lead's state does not allow is said on the page of the lead.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.forms import note_refusal
from leads.disclosures import note_disclosures
from leads.dispatch import LeadNotOnOffer
from leads.dossier import Dossier, read_dossier, search_partners
from leads.selectors import leads_visible_to
from leads.views.deeds import ACTIONS, Action, MovedOn, Order
from leads.views.lead import action_context, answer_lead, possible_actions, rare_actions
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

dispatcher_page = desk_page(Capability.DISPATCH_LEADS)


@require_POST
@dispatcher_page
def act(request: PersonRequest, lead_id: UUID, verb: str) -> HttpResponse:
    """Do to a lead what a form asks for."""
    return _carry_out(request, lead_id, ACTIONS[verb])


@require_http_methods(["GET", "HEAD", "POST"])
@dispatcher_page
def assign(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Give a lead to a partner: one of the best matches, or any that is found by name."""
    if request.method != "POST":
        return _choose_partner(request, lead_id)
    return _carry_out(request, lead_id, ACTIONS["assign"])


def _carry_out(request: PersonRequest, lead_id: UUID, action: Action) -> HttpResponse:
    """Do what a form asks for and say so; or say what is missing, or why it cannot be done."""
    at, actor = clock.now(), request.person.at_desk
    lead = leads_visible_to(actor).filter(id=lead_id).first()
    if lead is None:
        raise NotVisible
    form = action.form(request.POST)
    if form.is_valid():
        try:
            done = action.carry_out(Order(lead, form, actor, at))
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        except StateConflict as refusal:
            messages.error(request, refusal.in_words())
            return _lead_back(request, lead_id, at=at, status=HTTPStatus.CONFLICT)
        else:
            messages.success(request, done)
            return _lead_back(request, lead_id, at=at)
    return _ask_again(request, lead_id, action, form, at=at)


def _lead_back(
    request: PersonRequest, lead_id: UUID, *, at: datetime, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Lead back to where the form was: the list of duplicates, or the lead."""
    if request.POST.get("back") == "duplicates":
        return go_to(request, "desk-duplicates")
    return answer_lead(request, lead_id, at=at, status=status)


def _ask_again(
    request: PersonRequest, lead_id: UUID, action: Action, form: Any, *, at: datetime
) -> HttpResponse:
    actor = request.person.at_desk
    dossier = read_dossier(lead_id, actor=actor)
    if action not in possible_actions(request, dossier) + rare_actions(request, dossier):
        messages.error(request, gettext(MovedOn.message))
        return answer_lead(request, lead_id, at=at, status=HTTPStatus.CONFLICT)
    context = {
        "place": "leads",
        "now": at,
        "dossier": dossier,
        "lead": dossier.lead,
        "action": action,
        **action_context(dossier, at=at, actor=actor),
        f"{action.verb}_form": form,
        "errors": form.errors,
        "sent": form.data,
    }
    _note_seen(dossier, by=request.person.at_desk, at=at)
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
        **action_context(dossier, at=at, actor=actor),
        "find": text,
        "found": search_partners(text, lead=dossier.lead, actor=actor) if text else None,
    }
    _note_seen(dossier, by=actor, at=at)
    return show(request, "leads/desk/action.html", context, part="found")


def _note_seen(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """Keep that the page of an action names the customer."""
    if dossier.contact is not None:
        note_disclosures([dossier.lead.id], by=by, at=at)
