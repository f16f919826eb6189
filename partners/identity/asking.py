"""Requests to a manufacturer's provider: the one place by which they leave."""

from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

TIME_LIMIT = 5.0  # seconds
LARGEST_ANSWER = 256 * 1024  # bytes


class AddressRefused(requests.RequestException):
    """The address leads inside, or is none."""


def provider_session() -> requests.Session:
    """Make a session that follows no redirects, waits briefly, and leads nowhere inside."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Guarded())
    return session


class _Guarded(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        """Send, after a look at where it leads."""
        _check(str(request.url))
        options["timeout"] = TIME_LIMIT
        answer = super().send(request, *args, **options)
        if answer.is_redirect or int(answer.headers.get("Content-Length") or 0) > LARGEST_ANSWER:
            answer.close()
            reason = "a redirect, or too much"
            raise AddressRefused(reason)
        return answer


def _check(url: str) -> None:
    parts = urlsplit(url)
    is_lax = getattr(settings, "OUTGOING_MAY_REACH_LOOPBACK", False)
    try:
        found = getaddrinfo(parts.hostname, parts.port or 443, type=SOCK_STREAM)
    except OSError as error:
        raise AddressRefused(type(error).__name__) from None
    addresses = [ip_address(entry[4][0]) for entry in found]
    if is_lax and all(address.is_loopback for address in addresses):
        return
    if parts.scheme != "https" or not all(address.is_global for address in addresses):
        reason = "not public"
        raise AddressRefused(reason)
