"""Forms for a manufacturer's own sites, at the desk: what they ask, and how to embed them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.mistakes import focus_first_mistake
from leads.models import WebForm
from leads.overview import sources_of
from leads.web_form_forms import WebFormForm
from leads.web_forms import (
    change_web_form,
    consent_texts_visible_to,
    create_web_form,
    set_open,
    web_forms_visible_to,
)
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import product_lines_visible_to

form_page = desk_page(Capability.MANAGE_FORMS)


@form_page
@require_safe
def show_forms(request: PersonRequest) -> HttpResponse:
    """List the forms, by name."""
    forms = web_forms_visible_to(request.person.at_desk)
    context = {"place": "set-up", "forms": forms}
    return show(request, "leads/desk/web_forms.html", context)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def add_form(request: PersonRequest) -> HttpResponse:
    """Make a form."""
    typed = _typed(request)
    if typed.is_valid():
        try:
            form = create_web_form(
                details=typed.details(),
                source=typed.cleaned_data["source"],
                by=request.person.at_desk,
                at=clock.now(),
            )
        except InvalidInput as refusal:
            typed.note(refusal)
        else:
            messages.success(request, gettext("The form can be filled in now."))
            return go_to(request, "desk-form", form.id)
    return _ask(request, typed)


@form_page
@require_http_methods(["GET", "HEAD", "POST"])
def show_form(request: PersonRequest, form_id: UUID) -> HttpResponse:
    """Show a form with the line that embeds it, and change it."""
    form = _form(request, form_id)
    typed = _typed(request, form)
    if typed.is_valid():
        try:
            change_web_form(
                form=form, details=typed.details(), by=request.person.at_desk, at=clock.now()
            )
        except InvalidInput as refusal:
            typed.note(refusal)
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, "desk-form", form.id)
    return _ask(
        request,
        typed,
        form=form,
        address=address_of(form),
        embedding=embedding_of(form),
        consents=consent_texts_visible_to(request.person.at_desk, form=form),
    )


@form_page
@require_POST
def switch_form(request: PersonRequest, form_id: UUID, to: str) -> HttpResponse:
    """Close a form, or open it again."""
    form = _form(request, form_id)
    is_open = to == "open"
    set_open(form=form, is_open=is_open, by=request.person.at_desk, at=clock.now())
    messages.success(
        request, gettext("The form is open.") if is_open else gettext("The form is closed.")
    )
    return go_to(request, "desk-form", form.id)


def address_of(form: WebForm) -> str:
    """Tell where anybody finds a form."""
    return f"{settings.LEADHUB_BASE_URL}{reverse('form-show', args=[form.id])}"


def embedding_of(form: WebForm) -> str:
    """Write the line that puts a form on a page of another site."""
    title = escape(next(iter(form.texts.values()))["title"])
    return (
        f'<iframe src="{address_of(form)}" title="{title}" width="100%" height="1000"'
        ' style="border:0" loading="lazy"></iframe>'
    )


def _form(request: PersonRequest, form_id: UUID) -> WebForm:
    form = web_forms_visible_to(request.person.at_desk).filter(id=form_id).first()
    if form is None:
        raise NotVisible
    return form


def _typed(request: PersonRequest, form: WebForm | None = None) -> WebFormForm:
    actor, chosen = request.person.at_desk, request.person.chosen
    assert chosen is not None  # noqa: S101 - the door has looked
    lines = product_lines_visible_to(actor).order_by("name", "code")
    return WebFormForm(
        request.POST if request.method == "POST" else None,
        product_lines=list(lines.values_list("code", "name")),
        language=chosen.manufacturer.language,
        form=form,
        consents=[] if form is None else consent_texts_visible_to(actor, form=form),
    )


def _ask(request: PersonRequest, typed: WebFormForm, **more: Any) -> HttpResponse:
    focus_first_mistake(typed)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK
    context = {
        "place": "set-up",
        "typed": typed,
        "form": None,
        "sources": [] if more else sources_of(request.person.at_desk),
        **more,
    }
    return show(request, "leads/desk/web_form.html", context, status=status)
