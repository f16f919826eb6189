"""The page of one lead: where it stands, what happened, why these partners, what can be done."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe
from django_htmx.http import reswap, retarget

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.pages.answers import is_partial, show
from leads.action_forms import CloseForm, ReleaseForm, extensions_of
from leads.attachments import attachments_visible_to
from leads.disclosures import disclosures_of, note_disclosures
from leads.dossier import Dossier, read_dossier
from leads.reasons import name_of_gate
from leads.review import reviews_of
from leads.timeline import tell
from leads.tried import summarise_tries
from leads.views.deeds import ACTIONS, Action, verbs_possible
from leads.views.routing_explained import draw_asked
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

PAGE = "leads/desk/lead.html"
# How many of the best matches are offered first when a lead is assigned.
BEST_AT_MOST = 6


@require_safe
@desk_page(Capability.SEE_LEADS)
def show_lead(request: PersonRequest, lead_id: UUID) -> HttpResponse:
    """Show a lead."""
    at = clock.now()
    actor = request.person.at_desk
    dossier = read_dossier(lead_id, actor=actor)
    if dossier.contact is not None:
        note_disclosures([dossier.lead.id], by=actor, at=at)
    return show(request, PAGE, lead_context(request, dossier, at=at), part="lead")


def answer_lead(
    request: PersonRequest, lead_id: UUID, *, at: datetime, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Lead back to a lead after something was done to it, or refused: as it is now.

    A script that sent one of the page's forms gets the page's inner part in place of the old one.
    """
    if not is_partial(request):
        return redirect("desk-lead", lead_id)
    dossier = read_dossier(lead_id, actor=request.person.at_desk)
    context = lead_context(request, dossier, at=at) | {"is_answer": True}
    response = show(request, PAGE, context, part="lead", status=status)
    return reswap(retarget(response, "#lead"), "outerHTML")


def lead_context(request: PersonRequest, dossier: Dossier, *, at: datetime) -> dict[str, Any]:
    """Prepare all that the page of a lead shows."""
    lead = dossier.lead
    return {
        "place": "leads",
        "now": at,
        "is_part": is_partial(request),
        "is_answer": False,
        "dossier": dossier,
        "lead": lead,
        "contact": dossier.contact,
        "actions": possible_actions(request, dossier),
        "main_verb": _main_verb(dossier),
        "rare_actions": rare_actions(request, dossier),
        "facts": tell(dossier),
        "attachments": attachments_visible_to(request.person.at_desk, lead=lead).select_related(
            "partner"
        ),
        "rounds": [(round_, dossier.is_open(round_)) for round_ in dossier.rounds],
        "picture": draw_asked(dossier),
        **_what_was_tried(dossier),
        "disclosures": disclosures_of(dossier.lead),
        **action_context(dossier, at=at, actor=request.person.at_desk),
    }


def _what_was_tried(dossier: Dossier) -> dict[str, Any]:
    """Sum up what was tried for a lead that nobody took."""
    if dossier.lead.status != "OPEN":
        return {"tried": None, "gates": ()}
    offers = [offer for one in reversed(dossier.rounds) for offer in one.offers]
    tried = summarise_tries((one.wave for one in dossier.rounds), offers)
    gates = [(name_of_gate(code), count) for code, count in tried.excluded.items()]
    return {"tried": tried, "gates": gates}


def possible_actions(request: PersonRequest, dossier: Dossier) -> list[Action]:
    """List what this person may do to the lead as it stands."""
    if not request.person.may_dispatch:
        return []
    possible = verbs_possible(dossier.lead)
    if dossier.return_to_judge is not None:
        possible.insert(0, "return-verdict")
    return [ACTIONS[verb] for verb in possible]


def rare_actions(request: PersonRequest, dossier: Dossier) -> list[Action]:
    """List what this person may do that is no part of the work on the lead."""
    is_possible = request.person.may_dispatch and dossier.lead.erased_at is None
    return [ACTIONS["erase"]] if is_possible else []


def _main_verb(dossier: Dossier) -> str:
    """Tell what the lead waits for, if it waits for somebody at the desk."""
    if dossier.return_to_judge is not None:
        return "return-verdict"
    if dossier.lead.hold_reason == "DUPLICATE":
        return "merge"
    return {"HELD": "release", "OPEN": "assign"}.get(dossier.lead.status, "")


def action_context(dossier: Dossier, *, at: datetime, actor: Actor) -> dict[str, Any]:
    """Prepare what the forms on a lead's page ask."""
    lead = dossier.lead
    is_duplicate = lead.hold_reason == "DUPLICATE"
    deadline = lead.respond_by
    ranked = dossier.rounds[0].ranked if dossier.rounds else ()
    return {
        "extensions": extensions_of(deadline, at=at) if deadline else [],
        "close_form": CloseForm(),
        "review": reviews_of([lead], actor=actor)[0] if is_duplicate else None,
        "release_form": _release_form(lead) if lead.status == "HELD" else None,
        "best": ranked[:BEST_AT_MOST],
        "found": None,
        "errors": {},
    }


def _release_form(lead: Any) -> ReleaseForm:
    """Fill in where the lead is, as far as anybody knows."""
    return ReleaseForm(
        initial={"country": lead.country, "postal_code": lead.postal_code, "city": lead.city}
    )
