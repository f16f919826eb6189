"""Codes that show that somebody reads the mail of an account: what makes a device known.

The code stands in the mail alone; the session of the browser that asked for it keeps a digest, for
ten minutes and three tries. Who shares that session gains nothing: the proof is a cookie in the
answer to whoever typed the code.
"""

import hmac
import time
from typing import Any, NamedTuple
from uuid import UUID

from allauth.core.internal.cryptokit import generate_user_code, normalize_user_code
from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from leadhub.core.tenancy.context import system_context
from partners.identity.throttling import APP, TooManyAttempts, count_mail, seconds_to_wait
from partners.letters import send_letter
from partners.models import User

KEY = "device_code"
GOOD_FOR: int = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT  # seconds
# Counted by the settings: mails to a person, and tries at one code.
ASKED, TRIED = "device_code", "device_code_tried"


class Waiting(NamedTuple):
    """A code that was sent and is to be typed.

    :ivar subject: what it was asked for, as whoever asked named it.
    """

    user_id: UUID
    subject: list[str]


def send_code(request: HttpRequest, user: User, *, subject: list[str]) -> None:
    """Send a code to somebody; an earlier one of this browser is good for nothing any more.

    :raises TooManyAttempts: if too many were asked for.
    """
    count_mail(request, user.email)
    _count(request, ASKED, str(user.id))
    code = generate_user_code(length=6)
    request.session[KEY] = {
        "user": str(user.id),
        "digest": _digest(user.id, code),
        "until": time.time() + GOOD_FOR,
        "subject": subject,
    }
    with system_context("device_codes.send_code"):
        send_letter("device_code", to=user.email, reader=user, code=code)


def waiting_code(request: HttpRequest) -> Waiting | None:
    """Tell which code this browser waits for; ``None`` if none, or it is too late."""
    kept = _kept(request)
    return Waiting(UUID(kept["user"]), list(kept["subject"])) if kept else None


def is_right_code(request: HttpRequest, code: str) -> bool:
    """Tell whether a code is the one that was sent; it can be used once.

    Tries are counted for the code, before it is compared: whoever holds a forwarded link and
    guesses keeps its owner from nothing, who asks for another one.
    """
    kept = _kept(request)
    if not kept:
        return False
    if consume(request, app=APP, action=TRIED, key=kept["digest"]) is None:
        del request.session[KEY]
        return False
    if not hmac.compare_digest(kept["digest"], _digest(UUID(kept["user"]), code)):
        return False
    del request.session[KEY]
    return True


def _kept(request: HttpRequest) -> dict[str, Any]:
    kept: dict[str, Any] = request.session.get(KEY) or {}
    return kept if kept and kept["until"] > time.time() else {}


def _count(request: HttpRequest, action: str, key: str) -> None:
    if consume(request, app=APP, action=action, key=key) is None:
        raise TooManyAttempts(max(1, seconds_to_wait(request, action=action, key=key)))


def _digest(user_id: UUID, code: str) -> str:
    told = f"{user_id}:{normalize_user_code(code)}"
    return salted_hmac("partners.device_codes", told, algorithm="sha256").hexdigest()
