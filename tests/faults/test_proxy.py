"""The wire that fails does so as it is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults.calling import Caller
from tests.faults.proxy import Proxy


class Counting(BaseHTTPRequestHandler):
    """Answers everything, and counts it."""

    protocol_version = "HTTP/1.1"
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    Counting.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with Proxy(server.server_port) as made:
            yield made
        server.shutdown()
        thread.join()


def test_passes_everything_on(proxy: Proxy) -> None:
    with Caller(proxy.port) as caller:
        answers = [caller.try_to("GET", f"/{number}") for number in range(20)]

    assert all(answer is not None and answer.status == 200 for answer in answers)
    assert proxy.answers == len(Counting.asked) == 20


def test_loses_answers_of_requests_that_went_through(proxy: Proxy) -> None:
    proxy.drops = 0.3

    with Caller(proxy.port) as caller:
        answers = [caller.try_to("GET", f"/{number}") for number in range(200)]

    assert len(Counting.asked) == 200
    assert answers.count(None) == proxy.dropped
    assert 30 < proxy.dropped < 90


def test_lets_nobody_through_while_it_is_down(proxy: Proxy) -> None:
    with Caller(proxy.port) as caller:
        caller.call("GET", "/before")

        with proxy.down():
            refused = caller.try_to("GET", "/meanwhile")

        assert refused is None
        assert caller.call("GET", "/after").status == 200
    assert Counting.asked == ["/before", "/after"]
