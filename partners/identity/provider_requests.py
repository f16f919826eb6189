"""Requests to a manufacturer's provider: the one place by which they leave.

Allauth asks by ``requests``; what it asks goes out as every request to an address that a tenant
named does, to the very address that was checked.

Somebody waits for the answer, and holds up a thread of the web server meanwhile. So few ask at a
time, and fewer still one provider: one that is slow must not stop everybody's pages.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from leadhub.core.outgoing import LARGEST_ANSWER, AddressRefused, NoAnswer, send_request

TIME_LIMIT = 5.0  # seconds
# Of a process, which answers four at a time.
AT_ONCE, AT_ONCE_OF_ONE = 3, 2
PATIENCE = 0.2  # seconds to wait for a slot
# How a body is packed and a line is kept open is not the caller's to say.
_OURS = ("accept-encoding", "connection")


class NotAsked(requests.RequestException):
    """The address leads inside, or no answer came that is to be trusted."""


class ConcurrencyLimit:
    """Who asks at the moment, and how many may.

    :param at_once: how many ask at a time; ``at_once_of_one`` of them the same host.
    :param patience: seconds to wait for a slot.
    """

    def __init__(self, at_once: int, at_once_of_one: int, patience: float) -> None:
        self._at_once, self._at_once_of_one = at_once, at_once_of_one
        self._patience = patience
        self._asked: Counter[str] = Counter()
        self._free = threading.Condition()

    @contextmanager
    def slot(self, host: str) -> Iterator[None]:
        """Ask a host while the block runs.

        :raises NotAsked: if too many others do.
        """
        with self._free:
            if not self._free.wait_for(lambda: self._is_free(host), timeout=self._patience):
                reason = "too many ask at the moment"
                raise NotAsked(reason)
            self._asked[host] += 1
        try:
            yield
        finally:
            with self._free:
                self._asked -= Counter([host])
                self._free.notify_all()

    def _is_free(self, host: str) -> bool:
        return self._asked[host] < self._at_once_of_one and self._asked.total() < self._at_once


_limit = ConcurrencyLimit(AT_ONCE, AT_ONCE_OF_ONE, PATIENCE)


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
        """Send a request, and read the whole answer.

        :raises NotAsked: if it may not be sent, others are before it, or the answer is a redirect,
            too long or none.
        """
        headers = {
            str(name): str(value)
            for name, value in request.headers.items()
            if name.lower() not in _OURS
        }
        try:
            with _limit.slot(urlsplit(str(request.url)).netloc):
                answer = send_request(
                    str(request.method),
                    str(request.url),
                    body=_bytes_of(request.body),
                    headers=headers,
                    seconds=TIME_LIMIT,
                )
        except (AddressRefused, NoAnswer) as refusal:
            raise NotAsked(type(refusal).__name__) from refusal
        if "location" in answer.headers or len(answer.body) >= LARGEST_ANSWER:
            reason = "a redirect, or too much"
            raise NotAsked(reason)
        return self.build_response(
            request,
            HTTPResponse(
                body=BytesIO(answer.body),
                # Nobody asked for a packed body: one is not unpacked, whatever it would become.
                headers={k: v for k, v in answer.headers.items() if k != "content-encoding"},
                status=answer.status,
                preload_content=False,
            ),
        )


def _bytes_of(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")
