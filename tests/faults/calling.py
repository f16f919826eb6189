"""Calls over HTTP as a program makes them, which may never learn what became of them."""

import json
import select
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Any, Self

_PATIENCE = 60.0  # seconds for an answer
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem; empty for a success."""
        return str(self.json["code"]) if self.status >= 400 else ""


class Caller:
    """A program with a key; one connection, opened anew whenever it was lost.

    :param is_fresh: every call has a connection of its own.
    """

    def __init__(self, port: int, key: str = "", *, is_fresh: bool = False) -> None:
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._is_fresh = is_fresh
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def try_to(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = _NONE
    ) -> Answer | None:
        """Call ``/api/v1/`` + path, or a path that begins with a slash, once.

        :returns: ``None`` where no whole answer came: what the call did is not known then.
        """
        try:
            return self._call(method, path, body, headers)
        except (OSError, HTTPException):
            self._connection.close()
            return None

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = _NONE
    ) -> Answer:
        """Call once where an answer has to come.

        :raises AssertionError: if none comes, or one of 5xx.
        """
        answer = self.try_to(method, path, body, headers)
        assert answer is not None, f"{method} {path} was not answered"
        assert answer.status < 500, f"{method} {path}: {answer.status} {answer.body[:500]!r}"
        return answer

    def get(self, path: str) -> Any:
        """Read something that is there."""
        return self._successful("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """Do something that is granted."""
        return self._successful("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """Set something that may be set."""
        return self._successful("PUT", path, body)

    def _successful(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:500]!r}"
        return answer.json

    def _drop_stale(self) -> None:
        """Let go of a kept connection that the server has closed, as every HTTP library does.

        A server closes connections that rested for some seconds; nothing was lost then.
        """
        kept = self._connection.sock
        if kept is not None and select.select([kept], [], [], 0)[0]:
            self._connection.close()

    def _call(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        sent = {**self._headers, **headers}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        if self._is_fresh:
            sent["Connection"] = "close"
        place = path if path.startswith("/") else f"/api/v1/{path}"
        self._drop_stale()
        try:
            self._connection.request(method, place, data, sent)
            response = self._connection.getresponse()
            return Answer(response.status, response.read(), dict(response.headers))
        finally:
            if self._is_fresh:
                self._connection.close()
