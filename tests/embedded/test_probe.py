"""A container counts as well while it does its work, not while it merely exists."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.probe import loop_turns, timers_keep_up, web_is_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBE = Path(__file__).resolve().parents[2] / "leadhub" / "embedded" / "probe.py"
TURNS = "import time\nprint(flush=True)\nwhile True: time.sleep(0.05)"
HANGS = "import threading\nprint(flush=True)\nthreading.Event().wait()"


class Answering(BaseHTTPRequestHandler):
    """Answers as leadhub does: only to a name it knows, and only when its database does."""

    is_ready = True
    path_known = "/healthz/ready"

    def do_GET(self) -> None:
        is_known = self.headers["Host"] == "leads.example.com" and self.path == self.path_known
        self.send_response(200 if is_known and self.is_ready else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(handler: type[Answering]) -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "names", ["leads.example.com", "leads.example.com,127.0.0.1", ".leads.example.com"]
)
def test_a_web_server_is_asked_by_a_name_it_knows(
    names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", names)

    with served(Answering) as port:
        assert web_is_ready(port)


def test_a_web_server_without_its_database_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "leads.example.com")

    with served(type("Waiting", (Answering,), {"is_ready": False})) as port:
        assert not web_is_ready(port)


@pytest.mark.parametrize(("is_on_time", "is_well"), [(True, True), (False, False)])
def test_timers_keep_up_as_long_as_nothing_is_late(
    is_on_time: bool,  # noqa: FBT001
    is_well: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "leads.example.com")

    answers = {"is_ready": is_on_time, "path_known": "/healthz/timers"}
    with served(type("Asked", (Answering,), answers)) as port:
        assert timers_keep_up("127.0.0.1", port) is is_well


def test_timers_are_not_blamed_for_a_web_server_that_is_away() -> None:
    assert timers_keep_up("127.0.0.1", 1)


def test_a_web_server_that_is_away_is_not_well() -> None:
    assert not web_is_ready(1)


@pytest.mark.parametrize(("code", "is_well"), [(TURNS, True), (HANGS, False)])
def test_a_loop_is_well_as_long_as_it_turns(code: str, is_well: bool) -> None:  # noqa: FBT001
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            process.stdout.readline()  # it has started,
            time.sleep(0.3)  # and come to where it turns or hangs

            assert loop_turns(process.pid, within=0.5) is is_well
        finally:
            process.kill()


def test_a_process_that_is_gone_is_not_well() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

    assert not loop_turns(process.pid, within=0)


@pytest.mark.parametrize(("is_ready", "status"), [(True, 0), (False, 1)])
def test_the_script_says_it_by_its_exit_status(is_ready: bool, status: int) -> None:  # noqa: FBT001
    with served(type("Handler", (Answering,), {"is_ready": is_ready})) as port:
        command = [sys.executable, str(PROBE), "web", str(port)]
        done = subprocess.run(command, env={"ALLOWED_HOSTS": "leads.example.com"}, check=False)

    assert done.returncode == status
