"""Addresses of other people's sites, as somebody types them in."""

import re
from urllib.parse import SplitResult, urlsplit

# Names as they stand in the DNS: a site in another script is written as such before.
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}")
_HERE = ("localhost", "127.0.0.1")
_DEFAULT_PORTS = {"https": 443, "http": 80}
LONGEST_ADDRESS = 300


class NoSite(ValueError):
    """A text that is no address of a site."""


def origin_from(text: str) -> str:
    """Read the origin of a site, as browsers write it: ``https://www.example.com``.

    A path is left out, and ``https`` is added if nothing is said. ``http`` is taken of this very
    machine alone, to try things out.

    :raises NoSite: if it is none.
    """
    parts = _split(text)
    host = parts.hostname or ""
    port = _port(parts)
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{_checked(host)}{shown}"


def page_from(text: str) -> str:
    """Read the address of a page on a site.

    :raises NoSite: if it is none.
    """
    parts = _split(text)
    rest = parts._replace(scheme="", netloc="").geturl()
    address = origin_from(text) + rest
    if len(address) > LONGEST_ADDRESS:
        raise NoSite(text)
    return address


def _split(text: str) -> SplitResult:
    text = text.strip()
    if not text.isprintable() or any(sign in text for sign in " \"'<>\\^`{|}"):
        raise NoSite(text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname
    except ValueError:
        raise NoSite(text) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
    if not is_safe or parts.username is not None or parts.password is not None:
        raise NoSite(text)
    return parts


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise NoSite(parts.netloc) from None


def _checked(host: str) -> str:
    try:
        name = host.encode("idna").decode("ascii").lower() if not host.isascii() else host.lower()
    except UnicodeError:
        raise NoSite(host) from None
    if name not in _HERE and not _HOST.fullmatch(name):
        raise NoSite(host)
    return name
