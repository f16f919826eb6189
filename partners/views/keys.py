"""API keys at the desk: which there are, what they may do, when they were last used."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from partners.decorators import PersonRequest, desk_page
from partners.directory import partner_visible_to
from partners.key_forms import SCOPE_WORDS, KeyForm, RotateForm
from partners.keys import issue_key, prefix_of, revoke_key, rotate_key
from partners.roles import Capability
from partners.selectors import keys_visible_to

PAST_KEYS = 50
key_page = desk_page(Capability.MANAGE_KEYS)


@key_page
@require_safe
def show_keys(request: PersonRequest) -> HttpResponse:
    """List keys that open something, then the last ones that did."""
    at = clock.now()
    keys = keys_visible_to(request.person.at_desk).select_related("partner").order_by("-id")
    live = [_described(key) for key in keys.live(at)]
    past = keys.exclude(id__in=[key.id for key in live])[:PAST_KEYS]
    context = {"place": "set-up", "live": live, "past": [_described(key) for key in past]}
    return show(request, "partners/desk/keys.html", context)


@key_page
@require_http_methods(["GET", "POST"])
def add_key(request: PersonRequest) -> HttpResponse:
    """Make a key for the manufacturer, or for the partner that the address names."""
    actor, at = request.person.at_desk, clock.now()
    partner = _partner(request)
    form = KeyForm(
        request.POST if request.method == "POST" else None,
        kind="manufacturer" if partner is None else "partner",
    )
    if form.is_valid():
        life = form.life_time
        try:
            token = issue_key(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                partner=partner,
                expires_at=None if life is None else at + life,
                by=actor,
                at=at,
            )
        except StateConflict as refusal:
            form.add_error("name", refusal.in_words())
        else:
            return _show_once(request, token)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"place": "set-up", "form": form, "partner": partner}
    return show(request, "partners/desk/key_form.html", context, status=status)


@key_page
@require_safe
def show_key(request: PersonRequest, key_id: UUID) -> HttpResponse:
    """Show what is known of a key, and what can be done with it."""
    key = _find(request, key_id)
    context = {
        "place": "set-up",
        "key": key,
        "is_live": key.is_live(clock.now()),
        "form": RotateForm(),
    }
    return show(request, "partners/desk/key.html", context)


@key_page
@require_POST
def rotate(request: PersonRequest, key_id: UUID) -> HttpResponse:
    """Make a key's successor."""
    key, form = _find(request, key_id), RotateForm(request.POST)
    if not form.is_valid():
        return go_to(request, "desk-key", key.id)
    try:
        token = rotate_key(
            key=key, overlap=form.overlap_time, by=request.person.at_desk, at=clock.now()
        )
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-key", key.id)
    return _show_once(request, token)


@key_page
@require_POST
def revoke(request: PersonRequest, key_id: UUID) -> HttpResponse:
    """End a key at once."""
    key = _find(request, key_id)
    if revoke_key(key=key, by=request.person.at_desk, at=clock.now()):
        messages.success(request, gettext("The key was revoked; it opens nothing any more."))
    return go_to(request, "desk-keys")


def _find(request: PersonRequest, key_id: UUID) -> Any:
    keys = keys_visible_to(request.person.at_desk).select_related("partner")
    key = keys.filter(id=key_id).first()
    if key is None:
        raise NotVisible
    return _described(key)


def _described(key: Any) -> Any:
    key.scope_words = [SCOPE_WORDS[scope] for scope in key.scopes if scope in SCOPE_WORDS]
    return key


def _partner(request: PersonRequest) -> Any:
    named = request.GET.get("partner", "")
    if not named:
        return None
    try:
        return partner_visible_to(request.person.at_desk, UUID(named))
    except ValueError:
        raise NotVisible from None


def _show_once(request: PersonRequest, token: str) -> HttpResponse:
    """Show a new key in the answer itself: it is kept nowhere, so that no other page could."""
    key = keys_visible_to(request.person.at_desk).get(prefix=prefix_of(token))
    context: dict[str, Any] = {"place": "set-up", "token": token, "key": _described(key)}
    return show(request, "partners/desk/key_shown.html", context)
