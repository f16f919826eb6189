"""The application as it is served, in a thread of the tests and on their database."""

from __future__ import annotations

import threading
import zlib
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Application:
    """The application, and how many requests it is answering."""

    def __init__(self) -> None:
        self._answer = get_wsgi_application()
        self._running = 0
        self._changed = threading.Condition()
        self._overheard: Any = deque(maxlen=0)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self._count(1)
        try:
            answer = Answer(self._answer(environ, start_response), lambda: self._count(-1))
        except BaseException:
            self._count(-1)
            raise
        self._overheard.append(answer)
        return answer

    @contextmanager
    def overheard(self) -> Iterator[list[Answer]]:
        """Keep what is answered while the block lasts."""
        self._overheard = []
        try:
            yield self._overheard
        finally:
            self._overheard = deque(maxlen=0)

    def settle(self, seconds: float) -> None:
        """Wait until no request is being answered.

        A browser that is closed lets go of requests that it made; here they go on, hold locks, and
        write what the next test would find.
        """
        with self._changed:
            assert self._changed.wait_for(lambda: self._running == 0, seconds), "a request hangs"

    def _count(self, change: int) -> None:
        with self._changed:
            self._running += change
            self._changed.notify_all()


class Answer:
    """An answer that says when it was sent."""

    def __init__(self, response: Any, when_sent: Callable[[], None]) -> None:
        self._response = response
        self._when_sent = when_sent
        self._sent = b""

    def __iter__(self) -> Iterator[bytes]:
        for part in self._response:
            self._sent += part
            yield part

    @property
    def text(self) -> str:
        """What was sent so far, headers and all, as a browser reads it."""
        is_packed = self._sent.startswith(b"\x1f\x8b")
        body = zlib.decompressobj(31).decompress(self._sent) if is_packed else self._sent
        return f"{getattr(self._response, 'headers', '')}\n{body.decode(errors='replace')}"

    def close(self) -> None:
        try:
            self._response.close()
        finally:
            self._when_sent()


@contextmanager
def served(application: Application) -> Iterator[str]:
    """Serve every address of the application for the time of the block; yield where.

    Each connection of a browser has a thread, and with it a database connection, of its own: only
    what a test has committed is seen.
    """
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
