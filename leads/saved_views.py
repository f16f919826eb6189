"""Views of the board: those that are built in, and those that people save for themselves or all."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _, gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leads.models import OpeningView, SavedView
from partners.changes import record_change

VIEWS_AT_MOST = 50
# Whom somebody looked for is no part of a view: it would outlive the erasure of their data.
NOT_KEPT = ("q",)


class BuiltIn(NamedTuple):
    """A view that everybody has.

    :ivar asked: what the address of the board says of it.
    """

    code: str
    name: Any
    icon: str
    asked: Mapping[str, str]


EVERYTHING = "all"
BUILT_IN: Mapping[str, BuiltIn] = {
    view.code: view
    for view in (
        BuiltIn(EVERYTHING, _("All leads"), "inbox", {}),
        BuiltIn("new-today", _("New today"), "sparkles", {"period": "today"}),
        BuiltIn(
            "nobody-accepted", _("Nobody accepted"), "clipboard-list", {"attention": "pick_list"}
        ),
        BuiltIn("on-hold", _("On hold"), "circle-pause", {"attention": "held"}),
        BuiltIn(
            "contact-overdue", _("Contact overdue"), "phone-missed",
            {"attention": "overdue_contact"},
        ),
        BuiltIn(
            "feedback-overdue", _("Feedback overdue"), "message-square-warning",
            {"attention": "feedback"},
        ),
        BuiltIn(
            "won-this-month", _("Won this month"), "trophy",
            {"status": "WON", "closed": "this_month"},
        ),
    )
}  # fmt: skip


class TooManyViews(StateConflict):
    """Nobody finds anything among more."""

    code = "too_many_views"
    message = gettext_noop("There are 50 views already. Remove one that nobody needs any more.")


def views_visible_to(actor: Actor) -> QuerySet[SavedView]:
    """Read a person's own views and those that are shared, by name; partners have none."""
    views = SavedView.objects.filter(
        Q(user=actor.user_id) | Q(is_shared=True), manufacturer=actor.manufacturer_id
    )
    return views.none() if actor.is_partner else views.order_by("name", "id")


def save_view(*, name: str, asked: Mapping[str, str], is_shared: bool, by: Actor) -> SavedView:
    """Keep filters, order and columns under a name.

    :raises InvalidInput: if there is a view of this name where this one would be.
    :raises TooManyViews: if there are as many as there may be.
    """
    if views_visible_to(by).filter(is_shared=is_shared).count() >= VIEWS_AT_MOST:
        raise TooManyViews
    view = SavedView(
        manufacturer_id=by.manufacturer_id,
        user_id=_person(by),
        name=name,
        is_shared=is_shared,
        asked=_kept(asked),
    )
    _write(view)
    _record(view, before=None, by=by)
    return view


def change_view(*, view: SavedView, name: str, is_shared: bool, by: Actor) -> SavedView:
    """Call a view otherwise, share it, or share it no more.

    One that is shared no more belongs to whoever said so.

    :raises InvalidInput: if there is a view of this name where this one would be.
    """
    before = _shared(view)
    if view.is_shared and not is_shared:
        view.user_id = _person(by)
    view.name, view.is_shared = name, is_shared
    _write(view)
    _record(view, before=before, by=by)
    return view


def replace_view(*, view: SavedView, asked: Mapping[str, str], by: Actor) -> SavedView:
    """Keep other filters, another order or other columns under the same name."""
    before = _shared(view)
    view.asked = _kept(asked)
    _write(view)
    _record(view, before=before, by=by)
    return view


def remove_view(*, view: SavedView, by: Actor) -> None:
    """Remove a view; for whomever the board opened with it, it opens with all leads again."""
    before, key = _shared(view), view.id
    SavedView.objects.filter(id=view.id).delete()
    if before is not None:
        record_change(by=by, kind="view", key=key, name=view.name, before=before)


def opening_view_of(actor: Actor) -> str:
    """Tell with which view the board opens for a person.

    :returns: the code of one that is built in, or the id of a saved one.
    """
    chosen = OpeningView.objects.filter(manufacturer=actor.manufacturer_id, user=actor.user_id)
    view = chosen.first()
    if view is None:
        return EVERYTHING
    return view.built_in if view.view_id is None else str(view.view_id)


def open_with(*, built_in: str = "", view: SavedView | None = None, by: Actor) -> None:
    """Let the board open with a view for a person."""
    own: dict[str, Any] = {"manufacturer_id": by.manufacturer_id, "user_id": _person(by)}
    if view is None and built_in in ("", EVERYTHING):
        OpeningView.objects.filter(**own).delete()
        return
    chosen = {"built_in": "" if view else built_in, "view": view}
    OpeningView.objects.update_or_create(**own, defaults=chosen)


def _person(by: Actor) -> UUID:
    """Name the person whose view it is: a program has none."""
    if by.user_id is None:
        raise NotVisible
    return by.user_id


def _kept(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if name not in NOT_KEPT}


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise InvalidInput(
            field="name",
            message=gettext_noop(
                "There is a view of this name already. Choose another name, or replace that view."
            ),
            code="taken",
        ) from error


def _shared(view: SavedView) -> dict[str, Any] | None:
    """Tell of a view what the record says of it; of somebody's own it says nothing."""
    return {"name": view.name, "shows": urlencode(view.asked)} if view.is_shared else None


def _record(view: SavedView, *, before: dict[str, Any] | None, by: Actor) -> None:
    after = _shared(view)
    if before is not None or after is not None:
        record_change(by=by, kind="view", key=view.id, name=view.name, before=before, after=after)


def view_of_address(code: str, *, actor: Actor) -> BuiltIn | SavedView | None:
    """Find the view that an address names, if there is one for whoever asks."""
    if code in BUILT_IN:
        return BUILT_IN[code]
    try:
        view_id = UUID(code)
    except ValueError:
        return None
    return views_visible_to(actor).filter(id=view_id).first()
