"""Requests to addresses that a tenant names: out to the public internet, and nowhere inside.

The host is looked up once, every address found has to be public, and the connection goes to one of
the very addresses that were checked, so that a second answer of the resolver changes nothing.
Host, TLS name and certificate are those of the name. Redirects are not followed, proxies of the
environment are not used, and the whole exchange has one time limit.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from leadhub.core.errors import InvalidInput
from leadhub.core.public_addresses import Address, is_public, parse_address

USUAL_PORTS: Mapping[str, int] = {"https": 443, "http": 80}
TIME_LIMIT = 10.0  # seconds, for everything
LARGEST_ANSWER = 64 * 1024  # bytes of a body that are read
LONGEST_ADDRESS = 2_000
ADDRESSES_TRIED = 2

_PRINTABLE = re.compile(r"[\x21-\x7e]+\Z")
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
# Two labels at least, and a last one that begins with a letter: no number in any notation.
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}\Z")
_INSIDE = (".localhost", ".local", ".localdomain", ".internal", ".home.arpa", ".lan", ".onion")


class AddressRefused(InvalidInput):
    """The address may not be asked. What is inside is not told from what is not there."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(field="url", message=message, code="address_refused", params=params)


class NoAnswer(Exception):
    """The request was sent, or tried, and no answer came that could be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, redirects included.

    :ivar headers: by names in lower case.
    :ivar body: at most ``LARGEST_ANSWER`` bytes, as they were sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Target(NamedTuple):
    """An address taken apart, its form checked."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass
class _Deadline:
    """When everything has to be over."""

    seconds: float
    _started_at: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        return self._started_at + self.seconds - time.monotonic()

    def check(self) -> float:
        left = self.left
        if left <= 0:
            raise NoAnswer(TOO_SLOW)
        return left


class _Plain(HTTPConnection):
    line: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.line


class _Safe(HTTPSConnection):
    line: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.line


_NOT_FOUND = gettext_noop("This address cannot be found on the public internet.")
TOO_SLOW, _NO_CONNECTION = "no whole answer in time", "no connection"


def check_address(url: str) -> Target:
    """Check the form of an address, before it is kept; where it leads is checked when it is asked.

    :raises AddressRefused: saying what is wrong.
    """
    if len(url) > LONGEST_ADDRESS or not _PRINTABLE.match(url) or "\\" in url:
        raise AddressRefused(gettext_noop("Write the address as https://host/path."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused(gettext_noop("Write the address as https://host/path.")) from None
    is_lax = settings.OUTGOING_MAY_REACH_LOOPBACK
    if parts.scheme != "https" and not (is_lax and parts.scheme == "http"):
        raise AddressRefused(gettext_noop("The address has to begin with https://."))
    if "@" in parts.netloc or parts.fragment:
        raise AddressRefused(gettext_noop("Leave user names, passwords and # out of the address."))
    host = (parts.hostname or "").lower()
    if not (_is_name(host) or (is_lax and _is_loopback(host))):
        raise AddressRefused(gettext_noop("Name a host, such as hooks.example.com."))
    port = USUAL_PORTS[parts.scheme] if port is None else port
    if port not in settings.OUTGOING_PORTS and not is_lax:
        ports = ", ".join(str(number) for number in settings.OUTGOING_PORTS)
        raise AddressRefused(gettext_noop("Use one of these ports: %(ports)s."), ports=ports)
    return Target(parts.scheme, host, port, _path_of(parts))


def send_request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = TIME_LIMIT,
) -> Answer:
    """Send a request to an address that a tenant named.

    :param seconds: for looking up, connecting, sending and reading together.
    :raises AddressRefused: if the address is malformed, or leads inside.
    :raises NoAnswer: if there is no answer in time, or none that can be read.
    """
    deadline = _Deadline(seconds)
    target = check_address(url)
    addresses = _look_up(target, deadline)
    given = {"Host": _host_header(target), "Accept-Encoding": "identity", "Connection": "close"}
    given |= headers or {}
    with _connected(target, addresses, deadline) as (connection, line):
        try:
            with _cut_at(line, deadline):
                connection.request(
                    method, target.path, body=body, headers=given, preload_content=False
                )
                answer = connection.getresponse()
                found = Answer(answer.status, _headers_of(answer), _read(answer))
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            deadline.check()
            raise NoAnswer(type(error).__name__) from error
        deadline.check()
        return found


def _is_name(host: str) -> bool:
    return bool(_NAME.match(host)) and len(host) <= 253 and not host.endswith(_INSIDE)  # noqa: PLR2004 - RFC 1035


def _is_loopback(host: str) -> bool:
    address = parse_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _path_of(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == USUAL_PORTS[target.scheme] else f"{host}:{target.port}"


def _look_up(target: Target, deadline: _Deadline) -> list[Address]:
    """Find the addresses of a host; one that leads inside spoils all others."""
    found: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            found.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error)

    # The resolver has time limits of its own, longer than ours.
    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        entries = found.get(timeout=deadline.check())
    except Empty:
        raise NoAnswer(TOO_SLOW) from None
    if isinstance(entries, Exception) or not entries:
        raise AddressRefused(_NOT_FOUND)
    addresses = [parse_address(str(entry[4][0])) for entry in entries]
    if not all(address is not None and _may_be_asked(address) for address in addresses):
        raise AddressRefused(_NOT_FOUND)
    return list(dict.fromkeys(address for address in addresses if address is not None))


def _may_be_asked(address: Address) -> bool:
    is_lax: bool = settings.OUTGOING_MAY_REACH_LOOPBACK
    return is_public(address) or (is_lax and address.is_loopback)


@contextmanager
def _connected(
    target: Target, addresses: Sequence[Address], deadline: _Deadline
) -> Iterator[tuple[_Plain | _Safe, socket.socket]]:
    line = _connect(target, addresses, deadline)
    try:
        connection = _connection_over(line, target, deadline)
        try:
            yield connection, line
        finally:
            connection.close()
            connection.line.close()
    finally:
        line.close()


def _connect(target: Target, addresses: Sequence[Address], deadline: _Deadline) -> socket.socket:
    """Connect to one of the addresses that were checked, by number: nothing is looked up again.

    Each has its share of the time that is left, so that one that hangs leaves some to the next.
    """
    tried = addresses[:ADDRESSES_TRIED]
    for number, address in enumerate(tried):
        share = deadline.check() / (len(tried) - number)
        try:
            return socket.create_connection((str(ip_address(address)), target.port), timeout=share)
        except OSError:
            continue
    deadline.check()
    raise NoAnswer(_NO_CONNECTION)


def _connection_over(line: socket.socket, target: Target, deadline: _Deadline) -> _Plain | _Safe:
    """Speak HTTP over a line that is there already."""
    if target.scheme == "http":
        plain = _Plain(target.host, target.port, timeout=deadline.check())
        plain.line = line.dup()
        return plain
    context = ssl.create_default_context()
    safe = _Safe(target.host, target.port, timeout=deadline.check(), ssl_context=context)
    safe.line = line.dup()
    return safe


@contextmanager
def _cut_at(line: socket.socket, deadline: _Deadline) -> Iterator[None]:
    """Cut the line when time is up: whoever sends a byte a second never runs into a time-out."""

    def cut() -> None:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    clock = threading.Timer(deadline.check(), cut)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _headers_of(answer: BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _read(answer: BaseHTTPResponse) -> bytes:
    read = b""
    for piece in answer.stream(LARGEST_ANSWER, decode_content=False):
        read += piece
        if len(read) >= LARGEST_ANSWER:
            break
    return read[:LARGEST_ANSWER]
