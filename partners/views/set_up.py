"""What a manufacturer sets up: product lines and certification levels."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from leadhub.core.errors import NotVisible
from leadhub.core.pages.answers import go_to, show
from partners.decorators import PersonRequest, desk_page
from partners.directory import levels_with_holders, lines_with_sellers
from partners.network import (
    CodeTaken,
    create_level,
    create_product_line,
    save_level,
    save_product_line,
)
from partners.network_forms import LevelForm, ProductLineForm
from partners.roles import Capability
from partners.selectors import levels_visible_to, product_lines_visible_to

TEMPLATE = "partners/desk/word_form.html"


@desk_page(Capability.SEE_NETWORK)
@require_GET
def show_set_up(request: PersonRequest) -> HttpResponse:
    """Show what is set up, each with how many partners it concerns."""
    actor = request.person.at_desk
    context = {
        "place": "set-up",
        "lines": lines_with_sellers(actor),
        "levels": levels_with_holders(actor),
    }
    return show(request, "partners/desk/set_up.html", context)


@desk_page(Capability.CHANGE_NETWORK)
@require_http_methods(["GET", "POST"])
def add_line(request: PersonRequest) -> HttpResponse:
    """Add a product line."""
    actor = request.person.at_desk
    form = ProductLineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            create_product_line(**form.cleaned_data, by=actor)
        except CodeTaken as refusal:
            form.add_error("code", refusal.in_words())
        else:
            return _done(request, gettext("The product line was added."))
    return _ask(request, form, title=gettext("Add a product line"))


@desk_page(Capability.CHANGE_NETWORK)
@require_http_methods(["GET", "POST"])
def rename_line(request: PersonRequest, code: str) -> HttpResponse:
    """Give a product line another name."""
    actor = request.person.at_desk
    line = product_lines_visible_to(actor).filter(code=code).first()
    if line is None:
        raise NotVisible
    form = ProductLineForm(
        request.POST if request.method == "POST" else None, initial={"name": line.name}
    )
    del form.fields["code"]
    if form.is_valid():
        save_product_line(code=line.code, name=form.cleaned_data["name"], by=actor)
        return _done(request, gettext("The changes were saved."))
    return _ask(request, form, title=gettext("Change a product line"), code=line.code)


@desk_page(Capability.CHANGE_NETWORK)
@require_http_methods(["GET", "POST"])
def add_level(request: PersonRequest) -> HttpResponse:
    """Add a certification level."""
    actor = request.person.at_desk
    form = LevelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            create_level(**form.cleaned_data, by=actor)
        except CodeTaken as refusal:
            form.add_error("code", refusal.in_words())
        else:
            return _done(request, gettext("The level was added."))
    return _ask(request, form, title=gettext("Add a level"))


@desk_page(Capability.CHANGE_NETWORK)
@require_http_methods(["GET", "POST"])
def change_level(request: PersonRequest, code: str) -> HttpResponse:
    """Rename a level or move it up or down."""
    actor = request.person.at_desk
    level = levels_visible_to(actor).filter(code=code).first()
    if level is None:
        raise NotVisible
    form = LevelForm(
        request.POST if request.method == "POST" else None,
        initial={"name": level.name, "rank": level.rank},
    )
    del form.fields["code"]
    if form.is_valid():
        save_level(code=level.code, **form.cleaned_data, by=actor)
        return _done(request, gettext("The changes were saved."))
    return _ask(request, form, title=gettext("Change a level"), code=level.code)


def _done(request: PersonRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return go_to(request, "desk-set-up")


def _ask(request: PersonRequest, form: forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return show(request, TEMPLATE, {"place": "set-up", "form": form, **context}, status=status)
