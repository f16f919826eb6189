"""A program of a manufacturer's on this machine, that listens to webhooks and answers as told."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from socket import socket
from typing import Any

import time_machine
from standardwebhooks import Webhook as PublishedLibrary

from tests.core.listening import Listener, listening


@dataclass
class Heard:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def verified_by(self, secret: str, *, at: datetime) -> Any:
        """Let the library that others use check it, at the hour of the test."""
        with time_machine.travel(at, tick=False):
            return PublishedLibrary(secret).verify(self.body, self.headers)


@dataclass
class Reply:
    """What the program answers."""

    status: int = 200
    headers: Mapping[str, str] = ()  # type: ignore[assignment]
    body: bytes = b"thanks"

    def __call__(self, line: socket) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in dict(self.headers).items())
        length = f"Content-Length: {len(self.body)}\r\n\r\n"
        line.sendall(f"HTTP/1.1 {self.status} X\r\n{head}{length}".encode() + self.body)


class Sink:
    """Answers as it is told, the last way for all that follow.

    :ivar replies: each writes an answer onto the line.
    """

    def __init__(self, listener: Listener, replies: list[Callable[[socket], None]]) -> None:
        self.url = f"http://127.0.0.1:{listener.port}/hook?from=leadhub"
        self.listener = listener
        self.replies = replies
        self.heard: list[Heard] = []

    def answer(self, line: socket) -> None:
        """Read a request whole, if there is one, and answer it."""
        head, _, body = self.listener.heard[-1].partition(b"\r\n\r\n")
        if not head:  # whoever connected was killed before they said anything
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += line.recv(65_536)
        self.heard.append(Heard(first.split()[1], headers, body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        reply(line)


@contextmanager
def webhook_sink(*replies: Callable[[socket], None]) -> Iterator[Sink]:
    """Run one for the length of a test; it takes everything unless told otherwise."""
    made: list[Sink] = []
    with listening(lambda line: made[0].answer(line)) as listener:  # noqa: PLW0108 - made only then
        made.append(Sink(listener, list(replies) or [Reply()]))
        yield made[0]
