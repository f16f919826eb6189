"""What a manufacturer sets up: product lines and certification levels."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods

from leadhub.core.errors import NotVisible
from leadhub.core.pages.answers import go_to, show
from partners.catalogue import (
    CodeTaken,
    create_level,
    create_product_line,
    save_level,
    save_product_line,
)
from partners.decorators import PersonRequest, desk_page
from partners.directory import levels_with_holders, lines_with_sellers
from partners.roles import Capability
from partners.selectors import levels_visible_to, product_lines_visible_to
from partners.word_forms import LevelForm, ProductLineForm, WordForm

TEMPLATE = "partners/desk/word_form.html"


class Kind(NamedTuple):
    """A kind of word that a manufacturer gives a meaning to.

    :ivar known: reads those there are.
    :ivar create: makes one whose code is new; ``save`` changes one.
    """

    form: type[WordForm]
    known: Callable[..., Any]
    create: Callable[..., Any]
    save: Callable[..., Any]
    to_add: str
    to_change: str
    added: str


KINDS: Mapping[str, Kind] = {
    "line": Kind(
        ProductLineForm,
        product_lines_visible_to,
        create_product_line,
        save_product_line,
        gettext_noop("Add a product line"),
        gettext_noop("Change a product line"),
        gettext_noop("The product line was added."),
    ),
    "level": Kind(
        LevelForm,
        levels_visible_to,
        create_level,
        save_level,
        gettext_noop("Add a level"),
        gettext_noop("Change a level"),
        gettext_noop("The level was added."),
    ),
}


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
def add_word(request: PersonRequest, kind: str) -> HttpResponse:
    """Add a product line or a level."""
    actor, what = request.person.at_desk, KINDS[kind]
    form = what.form(_sent(request), others=what.known(actor))
    if form.is_valid():
        try:
            what.create(**form.details(), by=actor)
        except CodeTaken as refusal:
            form.add_error("code", refusal.in_words())
        else:
            return _done(request, gettext(what.added))
    return _ask(request, form, title=gettext(what.to_add))


@desk_page(Capability.CHANGE_NETWORK)
@require_http_methods(["GET", "POST"])
def change_word(request: PersonRequest, kind: str, code: str) -> HttpResponse:
    """Change a product line or a level, all but its code."""
    actor, what = request.person.at_desk, KINDS[kind]
    word = what.known(actor).filter(code=code).first()
    if word is None:
        raise NotVisible
    form = what.form(_sent(request), others=what.known(actor).exclude(id=word.id), word=word)
    if form.is_valid():
        what.save(code=word.code, **form.details(), by=actor)
        return _done(request, gettext("The changes were saved."))
    return _ask(request, form, title=gettext(what.to_change), code=word.code)


def _sent(request: PersonRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _done(request: PersonRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return go_to(request, "desk-set-up")


def _ask(request: PersonRequest, form: WordForm, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return show(request, TEMPLATE, {"place": "set-up", "form": form, **context}, status=status)
