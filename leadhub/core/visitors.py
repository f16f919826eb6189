"""Where a request comes from, as far as it can be trusted to say so."""

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Tell the address of whoever asks.

    Behind proxies it is the one that the outermost of them saw: so many steps from the end of
    ``X-Forwarded-For`` as ``LEADHUB_PROXIES`` says. What stands before it anybody can have written.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    steps: int = settings.LEADHUB_PROXIES
    if not steps:
        return direct
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return seen[-steps] if len(seen) >= steps and seen[-steps] else direct
