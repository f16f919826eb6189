"""The door to what a link in a message opens: no log-in, one thing, nothing personal.

The link itself leads on to an address without the secret, and the session of that browser keeps
which message it was. Each page reads anew whether the link is still good. Another tenant's offer,
another partner's and an unknown one are alike: there is no such link.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from leadhub.core import clock
from leadhub.core.log_context import note_tenant
from leadhub.core.pages.answers import is_partial
from leadhub.core.pages.headers import tokened_page
from leadhub.core.pages.limits import too_many_from
from leadhub.core.tenancy.context import partner_context
from leads.links import OFFER, Linked, Ticket, find_linked, read_token
from partners.decorators import find_user
from partners.known_devices import is_known
from partners.people import read_person
from partners.proofs import reach_of
from partners.roles import Capability, may

KEY = "links"
# Which links a browser has opened is kept for so many.
KEPT = 12
ADDRESS_OF = {OFFER: ("link-offer", "partner-offer")}
OF_WORK = ("link-lead", "partner-lead")


class LinkedRequest(HttpRequest):
    """A request of somebody who has a link.

    :ivar is_known: this device was proved to be that of whom the link was sent to.
    """

    linked: Linked
    is_known: bool


View = Callable[[LinkedRequest, UUID], HttpResponse]
Page = Callable[..., HttpResponse]


@tokened_page
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to what a link opens, at an address without the secret."""
    if (refusal := too_many_from(request)) is not None:
        return refusal
    ticket = read_token(token)
    linked = find_linked(ticket, at=clock.now()) if ticket else None
    if linked is None:
        return link_over(request)
    without_log_in, behind_door = ADDRESS_OF.get(linked.place, OF_WORK)
    if _is_logged_in_for(request, linked.partner_id):
        return redirect(behind_door, linked.subject_id)
    keep(request, linked.subject_id, linked.ticket)
    return redirect(without_log_in, linked.subject_id)


def linked_page(place: str, capability: Capability) -> Callable[[View], Page]:
    """Show a page to whoever opened a link to it in this browser."""

    def decorate(view: View) -> Page:
        @wraps(view)
        def open_page(request: HttpRequest, /, **named: UUID) -> HttpResponse:
            refusal = too_many_from(request) if request.method == "POST" else None
            if refusal is not None:
                return refusal
            (subject_id,) = named.values()
            linked = find_kept(request, subject_id)
            if linked is None or linked.place != place:
                return link_over(request)
            if not may(linked.membership.role, capability):
                return link_over(request)
            return _answer(view, request, linked)

        return open_page

    return decorate


def _answer(view: View, request: HttpRequest, linked: Linked) -> HttpResponse:
    """Run a view in the context of the one partner that the link is for."""
    request.linked = linked  # type: ignore[attr-defined]
    request.is_known = is_known(request, linked.user, at=clock.now())  # type: ignore[attr-defined]
    note_tenant(linked.membership.manufacturer_id)
    zone = ZoneInfo(linked.membership.manufacturer.time_zone)
    with translation.override(linked.user.language), timezone.override(zone):
        with partner_context([linked.partner_id], user_id=linked.user.id):
            response = view(request, linked.subject_id)  # type: ignore[arg-type]
        response.headers.setdefault("Content-Language", linked.user.language)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response


def keep(request: HttpRequest, subject_id: UUID, ticket: Ticket) -> None:
    """Keep that this browser opened a link: which message it was in, not the link."""
    opened = dict(request.session.get(KEY, {}))
    told = [str(ticket.message_id), ticket.until]
    if opened.pop(str(subject_id), None) != told:
        request.session[KEY] = dict([*opened.items(), (str(subject_id), told)][-KEPT:])


def find_kept(request: HttpRequest, subject_id: UUID) -> Linked | None:
    """Find what a link opened in this browser; ``None`` if it is good no more."""
    kept = request.session.get(KEY, {}).get(str(subject_id))
    if kept is None:
        return None
    ticket = Ticket(UUID(kept[0]), int(kept[1]))
    linked = find_linked(ticket, at=clock.now(), subject_id=subject_id)
    return linked if linked is not None and linked.subject_id == subject_id else None


def link_over(request: HttpRequest) -> HttpResponse:
    """Say that there is nothing behind a link, and where else to look."""
    response = render(request, "leads/linked/over.html", status=HTTPStatus.NOT_FOUND)
    add_never_cache_headers(response)
    if is_partial(request):
        # A script takes over no part of a page that is none any more: the page is opened anew.
        response.headers["HX-Refresh"] = "true"
    return response


def address_of(linked: Linked) -> str:
    """Name the page of what a link opens."""
    return reverse(ADDRESS_OF.get(linked.place, OF_WORK)[0], args=[linked.subject_id])


def _is_logged_in_for(request: HttpRequest, partner_id: UUID) -> bool:
    user = find_user(request)
    if user is None:
        return False
    return partner_id in read_person(user, chosen=None, reach=reach_of(request)).partner_ids
