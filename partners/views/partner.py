"""Adding a partner, changing one, and letting it pause."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.pages.answers import go_to, show, state_of
from partners.decorators import PersonRequest, desk_page
from partners.directory import partner_visible_to
from partners.network import (
    PartnerChanged,
    PartnerDetails,
    PartnerExists,
    change_partner,
    create_partner,
    details_of,
)
from partners.network_forms import BaseCertifications, PartnerForm, certifications_form
from partners.roles import Capability
from partners.selectors import levels_visible_to, product_lines_visible_to

TEMPLATE = "partners/desk/partner_form.html"
# What a click may make of a partner; who leaves is said in the form.
STATUSES = ("ACTIVE", "PAUSED")


@desk_page(Capability.CHANGE_NETWORK)
@require_http_methods(["GET", "POST"])
def add_partner(request: PersonRequest) -> HttpResponse:
    """Add a partner to the network."""
    actor = request.person.at_desk
    form, held = _forms(request, actor)
    if request.method == "POST" and _are_valid(form, held):
        details = PartnerDetails(**form.cleaned_data, certifications=held.details())
        try:
            partner = create_partner(details=details, by=actor, at=clock.now())
        except PartnerExists as refusal:
            form.add_error("external_id", refusal.in_words())
        except InvalidInput as refusal:
            form.note(refusal)
        else:
            messages.success(request, gettext("The partner was added."))
            return go_to(request, "desk-partner", partner.id)
    return _ask(request, form, held)


@desk_page(Capability.CHANGE_NETWORK)
@require_http_methods(["GET", "POST"])
def edit_partner(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Change a partner, and tell whoever saves that somebody else was faster."""
    actor = request.person.at_desk
    partner = partner_visible_to(actor, partner_id)
    details = details_of(partner)
    state = _state(details)
    form, held = _forms(request, actor, details)
    if request.method == "POST" and _are_valid(form, held):
        changes = form.changes()
        if held.has_changed():
            changes["certifications"] = held.details()
        try:
            _check_state(request, state)
            change_partner(
                partner=partner, changes=changes, by=actor, at=clock.now(), expected=details
            )
        except PartnerChanged as refusal:
            form.add_error(None, refusal.in_words())
            state = _state(details_of(partner_visible_to(actor, partner_id)))
            return _ask(request, form, held, partner=partner, state=state)
        except InvalidInput as refusal:
            form.note(refusal)
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, "desk-partner", partner.id)
    # Who has something to correct has not been told yet that somebody else was faster.
    state = request.POST.get("state", state)
    return _ask(request, form, held, partner=partner, state=state)


@desk_page(Capability.CHANGE_NETWORK)
@require_POST
def set_status(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Let a partner pause, or take part again."""
    actor = request.person.at_desk
    partner = partner_visible_to(actor, partner_id)
    status = request.POST.get("status", "")
    if status in STATUSES:
        change_partner(partner=partner, changes={"status": status}, by=actor, at=clock.now())
        messages.success(
            request,
            gettext("The partner gets new offers again.")
            if status == "ACTIVE"
            else gettext("The partner pauses: it keeps its leads and gets no new offers."),
        )
    return go_to(request, "desk-partner", partner.id)


def _state(details: PartnerDetails) -> str:
    return state_of(details).strip('"')


def _check_state(request: PersonRequest, state: str) -> None:
    if request.POST.get("state") != state:
        raise PartnerChanged


def _forms(
    request: PersonRequest, actor: Actor, details: PartnerDetails | None = None
) -> tuple[PartnerForm, BaseCertifications]:
    sent = request.POST if request.method == "POST" else None
    lines = list(product_lines_visible_to(actor).order_by("name", "code"))
    form = PartnerForm(sent, product_lines=lines, details=details)
    held = certifications_form(
        sent,
        levels=levels_visible_to(actor).order_by("rank", "name", "code"),
        product_lines=lines,
        held=details.certifications if details else (),
    )
    return form, held


def _are_valid(form: PartnerForm, held: BaseCertifications) -> bool:
    are_valid = [form.is_valid(), held.is_valid()]
    return all(are_valid)


def _ask(
    request: PersonRequest, form: PartnerForm, held: BaseCertifications, **context: Any
) -> HttpResponse:
    is_wrong = bool(form.errors) or (held.is_bound and held.total_error_count() > 0)
    context = {"place": "partners", "form": form, "held": held, **context}
    return show(request, TEMPLATE, context, status=422 if is_wrong else 200)
