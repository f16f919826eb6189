"""Devices known to be somebody's: a cookie that an earlier proof left in their browser.

It lets nobody in by itself. Together with a link from a message it stands for the code that would
be sent otherwise. Whoever changes their password, or logs other devices out, is known on no device
any more; the cookie names its owner sealed, so that a copy of it tells nobody anything.
"""

import hashlib
import json
from datetime import datetime
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from leadhub.core import clock
from leadhub.core.sealed import CannotUnseal, seal, unseal
from leadhub.core.tenancy.context import system_context
from partners.memberships import is_staff
from partners.models import User
from partners.proofs import has_factor, has_second_factor, reach_of

KNOWN_FOR = 180 * 24 * 3_600  # seconds
PURPOSE = "known device"
LONGEST_COOKIE = 1_000  # characters; ours have some 350


def is_known(request: HttpRequest, user: User, *, at: datetime) -> bool:
    """Tell whether somebody proved on this device who they are, and nothing ended that since."""
    text = request.COOKIES.get(_name_for(user), "")
    if not text or len(text) > LONGEST_COOKIE:
        return False
    try:
        told = json.loads(unseal(text, purpose=PURPOSE))
    except (CannotUnseal, ValueError):
        return False
    is_theirs = told["user"] == str(user.id) and compare_digest(told["mark"], _mark_of(user))
    since: float = told["since"]
    return is_theirs and at.timestamp() - since < KNOWN_FOR and counts(since, user)


def counts(since: float, user: User) -> bool:
    """Tell whether what was handed out at a moment still stands for somebody.

    :param since: in seconds since 1970.
    """
    return user.proofs_from is None or since >= user.proofs_from.timestamp()


def remember(response: HttpResponse, user: User, *, at: datetime) -> None:
    """Know somebody on this device from now on."""
    told = {"user": str(user.id), "mark": _mark_of(user), "since": at.timestamp()}
    response.set_cookie(
        _name_for(user),
        seal(json.dumps(told), purpose=PURPOSE),
        max_age=KNOWN_FOR,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def remember_after_log_in(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Know whoever has just logged in, if that proved enough.

    What a manufacturer's provider says holds for that session alone. Whoever has a second factor,
    or needs one, has to have shown it.
    """
    if reach_of(request) is None and (has_second_factor(request, user) or not takes_a_factor(user)):
        remember(response, user, at=clock.now())


def forget_here(request: HttpRequest, response: HttpResponse) -> None:
    """Know nobody on this device any more."""
    for name in request.COOKIES:
        if name.startswith(_prefix()):
            response.delete_cookie(name, samesite="Lax")


def end_proofs(user: User, *, at: datetime) -> None:
    """Let every device that knows somebody, and every link that was sent to them, count no more."""
    with system_context("known_devices.end_proofs"):
        User.objects.filter(id=user.id).update(proofs_from=at)
    user.proofs_from = at


def takes_a_factor(user: User) -> bool:
    """Tell whether a code by mail is too little for somebody, in a context of theirs."""
    return is_staff(user.id) or has_factor(user)


def _prefix() -> str:
    return "__Host-known-" if settings.IS_HTTPS else "known-"


def _name_for(user: User) -> str:
    """Name the cookie of one person: several may share a device."""
    return _prefix() + hashlib.blake2b(user.id.bytes, key=b"device", digest_size=8).hexdigest()


def _mark_of(user: User) -> str:
    """Digest what changes with a password."""
    secret: Any = user.password
    return hashlib.blake2b(secret.encode(), person=b"known device", digest_size=16).hexdigest()
