"""The one door to allauth's views: who is logged in, and in which context the view runs.

What allauth reads and writes belongs to people, not to tenants. Whoever is logged in sees and
changes what is theirs; before that, somebody is looked for among all, in a context with a name.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.middleware import AccountMiddleware
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext

from leadhub.core.pages.limits import too_many, too_many_from
from leadhub.core.rate_limits import take
from leadhub.core.tenancy.context import system_context, user_context
from partners.decorators import MEMBERSHIP_KEY, find_user
from partners.models import User
from partners.people import read_person
from partners.proofs import owes_second_factor, reach_of
from partners.sessions import note_seen

# Where somebody who is logged in shows a second factor.
_BY_FACTOR = ("mfa_reauthenticate", "mfa_reauthenticate_webauthn")
# Answers what allauth's views raise, as its middleware would, but in their context.
_answer_raised = AccountMiddleware(lambda request: HttpResponse()).process_exception


AnyView = Callable[..., HttpResponse]


def identity_page(name: str, *, is_entrance: bool = False) -> Callable[[AnyView], AnyView]:
    """Run a view of allauth's in the context it needs.

    What protects an account is not shown to whom a manufacturer's provider let in: whoever runs
    it could lay hands on the rest of the account. Nor is it shown to a session that is older than
    the second factor and never showed it: by a password alone nobody takes that off again.

    :param name: of the view, as which a context before the log-in is known.
    :param is_entrance: of those by which one logs in; it leads on who is logged in already.
    """

    def decorate(view: AnyView) -> AnyView:
        @wraps(view, updated=())
        def open_page(request: HttpRequest, /, **named: Any) -> HttpResponse:
            user = find_user(request)
            language = user.language if user else translation.get_language() or ""
            with translation.override(language):
                response = _keep_out(request, user, name, is_entrance=is_entrance)
                if response is None:
                    response = _run(view, request, lambda: _context(user, name), named)
                response.headers.setdefault("Content-Language", language)
            add_never_cache_headers(response)
            return response

        return open_page

    return decorate


def _keep_out(
    request: HttpRequest, user: User | None, name: str, *, is_entrance: bool
) -> HttpResponse | None:
    if (refusal := _too_many(request, user)) is not None:
        return refusal
    request.user = user or AnonymousUser()
    if user is None:
        return None
    note_seen(request, user)
    reach = reach_of(request)
    if reach is not None and not is_entrance:
        return _refer_to_own_log_in(request)
    if not is_entrance and name not in _BY_FACTOR:
        with user_context(user.id):
            if owes_second_factor(request, user):
                return redirect(_where_to_show_it(request))
    person = read_person(user, chosen=request.session.get(MEMBERSHIP_KEY), reach=reach)
    request.person = person  # type: ignore[attr-defined]
    return None


def _too_many(request: HttpRequest, user: User | None) -> HttpResponse | None:
    if user is None:
        return too_many_from(request) if request.method == "POST" else None
    verdict = take(account=user.id)
    if verdict is None or verdict.passes:
        return None
    return too_many(request, verdict.retry_after)


def _refer_to_own_log_in(request: HttpRequest) -> HttpResponse:
    messages.error(
        request,
        gettext("You logged in with your company. For this, log in by password or passkey."),
    )
    return redirect("person-account")


def _where_to_show_it(request: HttpRequest) -> str:
    ways = get_adapter().get_reauthentication_methods(request.user)
    by_factor = next(way["url"] for way in ways if way["id"] != "reauthenticate")
    # What protects the account is where whoever owes a factor is led to, on the way elsewhere.
    is_aim = request.method == "GET" and request.path != reverse("mfa_index")
    return f"{by_factor}?{urlencode({'next': request.path if is_aim else reverse('home')})}"


def _run(
    view: AnyView,
    request: HttpRequest,
    context: Callable[[], AbstractContextManager[None]],
    named: dict[str, Any],
) -> HttpResponse:
    try:
        with context():
            response = view(request, **named)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
    except (ImmediateHttpResponse, ReauthenticationRequired) as raised:
        with context():
            response = _answer_raised(request, raised)
    return response


def _context(user: User | None, name: str) -> AbstractContextManager[None]:
    return system_context(f"identity.{name}") if user is None else user_context(user.id)
