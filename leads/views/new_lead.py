"""Typing in a lead: for what comes by phone, at a fair, on paper."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.forms import note_refusal
from leadhub.core.pages.mistakes import focus_first_mistake
from leads.forms import REACH, NewLeadForm
from leads.intake import receive_lead
from leads.overview import sources_of
from leads.views.deeds import what_became_of
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import levels_visible_to, product_lines_visible_to


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Capability.ADD_LEADS)
def add_lead(request: PersonRequest) -> HttpResponse:
    """Take in a lead that somebody types, and route it; the same form sent twice is one lead."""
    at, actor = clock.now(), request.person.at_desk
    if request.method != "POST":
        return _show_form(request, _form(None, actor))
    form = _form(request.POST, actor)
    if form.is_valid():
        try:
            receipt = receive_lead(new=form.new_lead(at=at), by=actor, at=at)
        except InvalidInput as refusal:
            note_refusal(form, refusal, REACH)
        else:
            if receipt.is_new:
                messages.success(request, what_became_of(receipt.lead, actor))
            else:
                messages.info(request, gettext("This lead is known already, and is as it was."))
            return go_to(request, "desk-lead", receipt.lead.id)
    return _show_form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _form(sent: Any, actor: Actor) -> NewLeadForm:
    lines = product_lines_visible_to(actor).order_by("name", "code")
    levels = levels_visible_to(actor).order_by("rank", "code")
    return NewLeadForm(
        sent,
        product_lines=list(lines.values_list("code", "name")),
        levels=list(levels.values_list("code", "name")),
    )


def _show_form(
    request: PersonRequest, form: NewLeadForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    focus_first_mistake(form)
    context = {
        "place": "leads",
        "form": form,
        "sources": sources_of(request.person.at_desk),
        "has_product_lines": bool(form.fields["product_lines"].choices),  # type: ignore[attr-defined]
    }
    return show(request, "leads/desk/new_lead.html", context, part="form", status=status)
