"""Who may open a page, and as whom: the door to every view that a person sees.

Each decorator finds out who is logged in, reads what they may act for, and runs the view in one
transaction in the context they act in. A view without one of them has no context: to it, the
database shows nothing.

A manufacturer's people need a second factor. So that no page is forgotten, the door to all of
theirs asks for it: without one in the session they are led to set one up.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from leadhub.core.errors import NotVisible
from leadhub.core.log_context import note_tenant
from leadhub.core.pages.limits import too_many
from leadhub.core.rate_limits import take
from leadhub.core.tenancy.context import partner_context, tenant_context, user_context
from partners.models import User
from partners.people import LoggedInPerson, read_person
from partners.proofs import has_second_factor, reach_of
from partners.roles import Capability, Kind
from partners.sessions import note_seen

MEMBERSHIP_KEY = "membership"

Parameters = ParamSpec("Parameters")


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in."""

    person: LoggedInPerson
    htmx: object


View = Callable[Concatenate[PersonRequest, Parameters], HttpResponseBase]
Page = Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]
Context = Callable[[LoggedInPerson], AbstractContextManager[None]]


def person_page(view: View[Parameters]) -> Page[Parameters]:
    """Show a page to anybody who is logged in; only their own account is visible."""
    return _door(view, lambda person: user_context(person.user.id))


def partner_page(
    capability: Capability,
) -> Callable[[View[Parameters]], Page[Parameters]]:
    """Show a page to people who work for partners, with the rows of those for whom they may."""

    def context(person: LoggedInPerson) -> AbstractContextManager[None]:
        partners = person.partners_for_whom_they_may(capability)
        if not partners:
            raise NotVisible
        return partner_context(partners, user_id=person.user.id)

    return _door_for(capability, "partner", context)


def desk_page(capability: Capability) -> Callable[[View[Parameters]], Page[Parameters]]:
    """Show a page to a manufacturer's people who may, with the rows of that manufacturer."""

    def context(person: LoggedInPerson) -> AbstractContextManager[None]:
        return tenant_context(_manufacturer_for(person, capability))

    return _door_for(capability, "manufacturer", context)


def desk_batch_page(capability: Capability) -> Callable[[View[Parameters]], Page[Parameters]]:
    """Let a manufacturer's people who may do things each of which is a transaction of its own.

    The view has no context: it enters that of the manufacturer for each of them.
    """

    def context(person: LoggedInPerson) -> AbstractContextManager[None]:
        _manufacturer_for(person, capability)
        return nullcontext()

    return _door_for(capability, "manufacturer", context)


def _manufacturer_for(person: LoggedInPerson, capability: Capability) -> UUID:
    if person.chosen is None or not person.may_at_desk(capability):
        raise NotVisible
    note_tenant(person.chosen.manufacturer_id)
    return person.chosen.manufacturer_id


def find_user(request: HttpRequest) -> User | None:
    """Tell who is logged in: an active person whose password is still that of the log-in."""
    stored = request.session.get(SESSION_KEY)
    if not stored:
        return None
    with user_context(UUID(stored)):
        user = get_user(request)
    return user if isinstance(user, User) else None


def send_to_log_in(request: HttpRequest) -> HttpResponse:
    """Ask somebody to log in and bring them back to the page they are on."""
    is_partial = bool(request.headers.get("HX-Request"))
    if is_partial:
        here = _path_of(request.headers.get("HX-Current-URL", ""))
    else:
        here = request.get_full_path() if request.method == "GET" else ""
    address = resolve_url(settings.LOGIN_URL)
    if here:
        address += "?" + urlencode({"next": here})
    return HttpResponseClientRedirect(address) if is_partial else redirect(address)


def send_to_second_factor(request: HttpRequest) -> HttpResponse:
    """Lead somebody of a manufacturer to where they set up a second factor."""
    address = reverse("mfa_index")
    is_partial = bool(request.headers.get("HX-Request"))
    return HttpResponseClientRedirect(address) if is_partial else redirect(address)


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _door_for(
    capability: Capability, side: Kind, context: Context
) -> Callable[[View[Parameters]], Page[Parameters]]:
    # What no role is named for opens to nobody: a slip that is to be seen at the start.
    needed = Capability(capability)

    def decorate(view: View[Parameters]) -> Page[Parameters]:
        page = _door(view, context, needs_second_factor=side == "manufacturer")
        page.needs, page.side = needed, side  # type: ignore[attr-defined]
        return page

    return decorate


def _door(
    view: View[Parameters], context: Context, *, needs_second_factor: bool = False
) -> Page[Parameters]:
    @wraps(view)
    def open_page(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponseBase:
        user = find_user(request)
        if user is None:
            return _keep_out(send_to_log_in(request))
        chosen = request.session.get(MEMBERSHIP_KEY)
        person = read_person(user, chosen=chosen, reach=reach_of(request))
        request.person = person  # type: ignore[attr-defined]
        verdict = take(account=user.id, **_tenant_of(person))
        if verdict is not None and not verdict.passes:
            return too_many(request, verdict.retry_after)
        note_seen(request, user)
        if needs_second_factor and person.chosen and not has_second_factor(request, user):
            return _keep_out(send_to_second_factor(request))
        with translation.override(user.language), timezone.override(_zone_of(person)):
            try:
                with context(person):
                    response = view(request, *args, **kwargs)  # type: ignore[arg-type]
            except NotVisible as refusal:
                raise Http404 from refusal
            response.headers.setdefault("Content-Language", user.language)
        add_never_cache_headers(response)
        return response

    return open_page


def _tenant_of(person: LoggedInPerson) -> dict[str, UUID]:
    return {} if person.chosen is None else {"tenant": person.chosen.manufacturer_id}


def _keep_out(response: HttpResponseBase) -> HttpResponseBase:
    add_never_cache_headers(response)
    return response


def _zone_of(person: LoggedInPerson) -> ZoneInfo:
    memberships = [person.chosen] if person.chosen else person.works_for
    return ZoneInfo(memberships[0].manufacturer.time_zone if memberships else settings.TIME_ZONE)
