"""The application as it is served, in a thread of the tests and on their database."""

from __future__ import annotations

import threading
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

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self._count(1)
        try:
            return _Answer(self._answer(environ, start_response), lambda: self._count(-1))
        except BaseException:
            self._count(-1)
            raise

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


class _Answer:
    """An answer that says when it was sent."""

    def __init__(self, response: Any, when_sent: Callable[[], None]) -> None:
        self._response = response
        self._when_sent = when_sent

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._response)

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
