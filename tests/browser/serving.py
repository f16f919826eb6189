"""The application as it is served, in a thread of the tests and on their database."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served() -> Iterator[str]:
    """Serve every address of the application for the time of the block; yield where.

    Each connection of a browser has a thread, and with it a database connection, of its own: only
    what a test has committed is seen.
    """
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
