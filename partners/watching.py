"""The leave to ask whether anything is new: what an open page shows instead of its log-in.

A page that is open asks every other second, and nearly always there is nothing. So it is not asked
anew each time who is logged in and what they may act for: a page that was opened through a door
carries a signed leave, bound to the session, for a minute and a half. With it one may learn that
something has changed, never what: the page then asks through the door. Whoever was logged out or
lost their rights is thus found out within that time.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from leadhub.core import clock
from leadhub.core.tenancy.context import partner_context
from partners.people import LoggedInPerson

HEADER = "X-Watching"
# Longer than a page waits until it asks through the door whether anything is new or not.
LEAVE = timedelta(seconds=90)
_SIGNER = "partners.watching"


@dataclass(frozen=True, slots=True)
class Watch:
    """Who asks, and about what.

    :ivar about: id of the one thing that the page shows; ``None`` for an inbox.
    """

    user_id: UUID
    partner_ids: list[UUID]
    about: UUID | None
    language: str
    until: datetime


def leave_to_watch(
    request: HttpRequest, person: LoggedInPerson, *, at: datetime, about: UUID | None = None
) -> str:
    """Write the leave that a page is given."""
    return Signer(salt=_SIGNER).sign_object(
        {
            "session": _digest_of_session(request),
            "user": str(person.user.id),
            "partners": [str(partner_id) for partner_id in person.partner_ids],
            "about": None if about is None else str(about),
            "language": person.user.language,
            "until": (at + LEAVE).isoformat(),
        }
    )


def watched(
    state_of_page: Callable[[Watch, datetime], str],
) -> Callable[[HttpRequest], HttpResponse]:
    """Make a view that tells a page with leave whether it is as it was: 204, or to look again.

    :param state_of_page: names the present state; called in the context of the person's partners.
    """

    @wraps(state_of_page)
    def answer(request: HttpRequest) -> HttpResponse:
        watch = _read(request)
        if watch is None or not _is_same(request, watch, state_of_page):
            return _answer(HTTPStatus.OK)
        return _answer(HTTPStatus.NO_CONTENT)

    return answer


def _is_same(
    request: HttpRequest, watch: Watch, state_of_page: Callable[[Watch, datetime], str]
) -> bool:
    with (
        translation.override(watch.language),
        partner_context(watch.partner_ids, user_id=watch.user_id),
    ):
        at = clock.now()
        is_allowed = at < watch.until
        return is_allowed and state_of_page(watch, at) == request.headers.get("If-None-Match")


def _read(request: HttpRequest) -> Watch | None:
    try:
        told = Signer(salt=_SIGNER).unsign_object(request.headers.get(HEADER, ""))
    except BadSignature:
        return None
    if told["session"] != _digest_of_session(request):
        return None
    return Watch(
        user_id=UUID(told["user"]),
        partner_ids=[UUID(partner_id) for partner_id in told["partners"]],
        about=UUID(told["about"]) if told["about"] else None,
        language=told["language"],
        until=datetime.fromisoformat(told["until"]),
    )


def _digest_of_session(request: HttpRequest) -> str:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return hashlib.sha256(f"{_SIGNER}:{key}".encode()).hexdigest()[:32]


def _answer(status: HTTPStatus) -> HttpResponse:
    return HttpResponse(
        status=status, content_type="text/plain", headers={"Cache-Control": "no-store"}
    )
