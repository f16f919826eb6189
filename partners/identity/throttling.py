"""How long somebody has to wait who tried too often: the counting is allauth's."""

import math
import time

from allauth.core.internal.ratelimit import consume, get_cache_key, get_rates
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from leadhub.core.visitors import origin_of

APP = "allauth.account"
A_MINUTE = 60


class TooManyAttempts(ValidationError):
    """Somebody tried too often.

    :ivar seconds: until they may try again.
    """

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = math.ceil(seconds / A_MINUTE)
        words = ngettext(
            "Too many attempts. Please try again in %(minutes)d minute.",
            "Too many attempts. Please try again in %(minutes)d minutes.",
            minutes,
        )
        super().__init__(words % {"minutes": minutes}, code="too_many_attempts")


def place_of(request: HttpRequest, email: str) -> str:
    """Name an e-mail address together with where a request comes from.

    An owner who comes from elsewhere is not counted together with whoever guesses their password.
    """
    return f"{email.lower()} from {origin_of(request)}"


def count_mail(request: HttpRequest, email: str) -> None:
    """Count a mail that somebody asks for, whether or not anybody has the address.

    :raises TooManyAttempts: if there were too many from where the request comes from.
    """
    action, key = "mail_from_here", place_of(request, email)
    if consume(request, app=APP, action=action, key=key) is None:
        raise TooManyAttempts(max(1, seconds_to_wait(request, action=action, key=key)))


def seconds_to_wait(request: HttpRequest, *, action: str, key: str) -> int:
    """Tell for how long an action is refused; 0 if it is not."""
    return max((_wait(request, rate, action, key) for rate in _rates(action)), default=0)


def _rates(action: str) -> list[object]:
    return list(get_rates(app=APP, action=action))


def _wait(request: HttpRequest, rate: object, action: str, key: str) -> int:
    name = get_cache_key(request, app=APP, action=action, rate=rate, key=key)
    # The newest first; the oldest that counts is the first to be forgotten.
    history = cache.get(name, [])
    amount, duration = rate.amount, rate.duration  # type: ignore[attr-defined]
    if len(history) < amount:
        return 0
    return max(0, math.ceil(float(history[amount - 1] + duration) - time.time()))
