"""The doors to saved views: kept, called otherwise, replaced, removed, and opened with."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import show
from leadhub.core.pages.forms import note_refusal
from leads.asking import ask
from leads.bulk_forms import ViewForm
from leads.columns import COLUMNS, Column, columns_in
from leads.models import SavedView
from leads.saved_views import (
    BUILT_IN,
    EVERYTHING,
    change_view,
    open_with,
    opening_view_of,
    remove_view,
    replace_view,
    save_view,
    view_of_address,
    views_visible_to,
)
from leads.views.view_menu import code_of, data_in
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

see_leads = desk_page(Capability.SEE_LEADS)


@require_http_methods(["GET", "HEAD", "POST"])
@see_leads
def add_view(request: PersonRequest) -> HttpResponse:
    """Keep what the board shows under a name."""
    may_share = request.person.may_at_desk(Capability.SHARE_VIEWS)
    if request.method != "POST":
        return _page(request, ViewForm(may_share=may_share), None)
    form = ViewForm(request.POST, may_share=may_share)
    if form.is_valid():
        given, actor = form.cleaned_data, request.person.at_desk
        try:
            view = save_view(
                name=given["name"],
                asked=_kept(request),
                is_shared=given.get("is_shared", False),
                by=actor,
            )
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        except StateConflict as refusal:
            form.add_error(None, refusal.in_words())
        else:
            if given["opens"]:
                open_with(view=view, by=actor)
            messages.success(request, gettext("The view was saved."))
            return _show(view)
    return _page(request, form, None, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_http_methods(["GET", "HEAD", "POST"])
@see_leads
def edit_view(request: PersonRequest, view_id: UUID) -> HttpResponse:
    """Call a view otherwise, share it or not, let the board open with it."""
    view, actor = _changeable(request, view_id), request.person.at_desk
    may_share = request.person.may_at_desk(Capability.SHARE_VIEWS)
    is_opening = opening_view_of(actor) == str(view.id)
    if request.method != "POST":
        present = {"name": view.name, "is_shared": view.is_shared, "opens": is_opening}
        return _page(request, ViewForm(initial=present, may_share=may_share), view)
    form = ViewForm(request.POST, may_share=may_share)
    if form.is_valid():
        given = form.cleaned_data
        try:
            change_view(
                view=view, name=given["name"], is_shared=given.get("is_shared", False), by=actor
            )
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        else:
            if given["opens"] or is_opening:
                open_with(view=view if given["opens"] else None, by=actor)
            messages.success(request, gettext("The changes were saved."))
            return _show(view)
    return _page(request, form, view, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@see_leads
def put_in_view(request: PersonRequest, view_id: UUID) -> HttpResponse:
    """Keep what the board shows in a view that is there already."""
    view = _changeable(request, view_id)
    replace_view(view=view, asked=_kept(request), by=request.person.at_desk)
    messages.success(request, gettext("The view shows this from now on."))
    return _show(view)


@require_POST
@see_leads
def drop_view(request: PersonRequest, view_id: UUID) -> HttpResponse:
    """Remove a view."""
    remove_view(view=_changeable(request, view_id), by=request.person.at_desk)
    messages.success(request, gettext("The view was removed. No lead is changed by that."))
    return redirect("desk-leads")


@require_POST
@see_leads
def choose_opening(request: PersonRequest) -> HttpResponse:
    """Let the board open with a view for the person."""
    actor, code = request.person.at_desk, request.POST.get("view") or EVERYTHING
    view = view_of_address(code, actor=actor)
    if view is None:
        raise NotVisible
    saved = view if isinstance(view, SavedView) else None
    open_with(built_in=code if code in BUILT_IN else "", view=saved, by=actor)
    messages.success(request, gettext("Leads open with this view from now on."))
    return redirect(f"{reverse('desk-leads')}?view={code_of(view)}")


@require_GET
@see_leads
def choose_columns(request: PersonRequest) -> HttpResponse:
    """Show which columns there are, to choose from and to put in order."""
    data = data_in(request.GET)
    columns = _moved(columns_in(data.pop("columns", "")), request.GET.get("move", ""))
    shown = {column.code for column in columns}
    context = {
        "place": "leads",
        "columns": [
            *((column, True) for column in columns),
            *((column, False) for column in COLUMNS.values() if column.code not in shown),
        ],
        "kept": {**data, **({"view": v} if (v := request.GET.get("view")) else {})},
        "back": request.GET.urlencode(),
    }
    return show(request, "leads/desk/columns.html", context, part="form")


def _moved(columns: list[Column], move: str) -> list[Column]:
    """Move a column towards the front or the end, as a button asks: ``up-place``."""
    direction, _, code = move.partition("-")
    place = next((number for number, one in enumerate(columns) if one.code == code), None)
    if place is None:
        return columns
    to = max(place - 1, 0) if direction == "up" else place + 1
    moved = [one for one in columns if one.code != code]
    return [*moved[:to], columns[place], *moved[to:]]


def _changeable(request: PersonRequest, view_id: UUID) -> SavedView:
    view = views_visible_to(request.person.at_desk).filter(id=view_id).first()
    may_share = request.person.may_at_desk(Capability.SHARE_VIEWS)
    if view is None or (view.is_shared and not may_share):
        raise NotVisible
    return view


def _kept(request: PersonRequest) -> dict[str, str]:
    """Read what the board showed when the form was made."""
    data = data_in(QueryDict(request.POST.get("back", "")))
    return ask(data, actor=request.person.at_desk, at=clock.now()).kept


def _show(view: SavedView) -> HttpResponse:
    return redirect(f"{reverse('desk-leads')}?view={view.id}")


def _page(
    request: PersonRequest, form: Any, view: SavedView | None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = {
        "place": "leads",
        "form": form,
        "view": view,
        "back": sent.get("back", ""),
    }
    return show(request, "leads/desk/view.html", context, status=status)
