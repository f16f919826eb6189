"""A push service on this machine, and a browser that reads what comes by it."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import socket
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.core.listening import Listener, listening


@dataclass
class Browser:
    """Holds the keys of a subscription, which nobody else has."""

    key: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))
    secret: bytes = b"0123456789abcdef"

    @property
    def keys(self) -> dict[str, str]:
        """What it tells of them when it subscribes."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": in_base64url(point), "auth": in_base64url(self.secret)}

    def read(self, body: bytes) -> Any:
        """Decrypt what was sent to it."""
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret))


@dataclass
class Request:
    """What the push service was asked."""

    path: str
    headers: dict[str, str]
    body: bytes


class PushService:
    """Answers requests with the statuses that it is told, the last one for all that follow.

    :ivar origin: what its subscriptions begin with.
    """

    def __init__(self, listener: Listener, statuses: list[int]) -> None:
        self.origin = f"http://127.0.0.1:{listener.port}"
        self.statuses = statuses
        self.requests: list[Request] = []
        self._listener = listener

    def answer(self, line: socket) -> None:
        """Read a request whole and answer it."""
        head, _, body = self._listener.heard[-1].partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += line.recv(65_536)
        self.requests.append(Request(first.split()[1], headers, body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        line.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())


@contextmanager
def push_service(*statuses: int) -> Iterator[PushService]:
    """Run one for the length of a test; it takes everything unless told otherwise."""
    made: list[PushService] = []
    with listening(lambda line: made[0].answer(line)) as listener:  # noqa: PLW0108 - made only then
        made.append(PushService(listener, list(statuses) or [201]))
        yield made[0]


def in_base64url(value: bytes) -> str:
    """Write bytes as browsers do."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
