"""Where a request comes from, as far as it can be trusted to say so."""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

from leadhub.core.public_addresses import Address

# Whoever has one address of IPv6 has as many as they like in a network of this length.
OF_ONE_OWNER = 64  # bits
NOBODY_KNOWS = "::"
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d+)?|(?P<four>[^:]*):\d+")


def address_of(request: HttpRequest) -> str:
    """Tell the address of whoever asks; ``::`` if there is none.

    Behind proxies it is the one that the outermost of them saw: so many steps from the end of
    ``X-Forwarded-For`` as ``LEADHUB_PROXIES`` says. What stands before it anybody can have written.
    """
    return str(_address_of(request) or NOBODY_KNOWS)


def origin_of(request: HttpRequest) -> str:
    """Tell whom to count a request against: its address, or the network that one owner has."""
    address = _address_of(request)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, OF_ONE_OWNER), strict=False))
    return str(address or NOBODY_KNOWS)


def _address_of(request: HttpRequest) -> Address | None:
    direct = _read(str(request.META.get("REMOTE_ADDR", "")))
    steps: int = settings.LEADHUB_PROXIES
    if not steps:
        return direct
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_read(seen[-steps]) if len(seen) >= steps else None) or direct


def _read(text: str) -> Address | None:
    """Read an address as servers and proxies write it: some add a port, or wrap IPv4 in IPv6."""
    text = text.strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found["six"] or found["four"] or ""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
