"""`bin/run` as people and programs meet it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.run import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


def options(host: str) -> Options:
    return Options(data=Path("data"), host=host, port=8000, with_demo=True)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "http://[::1]:8000"),
        ("leads.example.com", "http://leads.example.com:8000"),
    ],
)
def test_it_names_an_address_that_a_browser_here_can_open(host: str, address: str) -> None:
    assert options(host).base_url == address


def test_it_answers_to_the_name_it_listens_on() -> None:
    assert "leads.example.com" in options("leads.example.com").allowed_hosts.split(",")


def own_environment() -> dict[str, str]:
    """Return the environment of a shell that knows nothing of leadhub."""
    foreign = ("DATABASE_", "REDIS_", "LEADHUB_", "DJANGO_", "SECRET_KEY")
    return {name: word for name, word in os.environ.items() if not name.startswith(foreign)}


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ROOT / "bin" / "run", *arguments],
        env=own_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def find_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def free_port() -> int:
    return find_port()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "data"


@pytest.fixture(scope="module")
def running(free_port: int, data: Path) -> Iterator[subprocess.Popen[str]]:
    """A leadhub without demo world, stopped at the end."""
    with start("--empty", "--port", str(free_port), "--data", str(data)) as process:
        try:
            shown = []
            assert process.stdout
            for line in process.stdout:
                shown.append(line)
                if line.startswith("leadhub is ready: "):
                    break
            assert shown[-1] == f"leadhub is ready: http://127.0.0.1:{free_port}/\n", shown
            yield process
        finally:
            process.terminate()


def processes_of(data: Path) -> list[str]:
    """Return the command lines of all processes that were started for a directory."""
    mark = f"LEADHUB_STARTED_FOR={data}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.mark.timeout(180)
def test_it_serves_when_it_says_so(running: subprocess.Popen[str], free_port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/healthz/live") as answer:
        assert answer.status == 200
    assert running.poll() is None


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("name", ["gunicorn", "celery", "run_timers", "valkey-server"])
def test_every_part_is_a_process_that_names_it(data: Path, name: str) -> None:
    assert any(name in line for line in processes_of(data))


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("running")
def test_a_taken_port_is_said_in_one_sentence(free_port: int, tmp_path: Path) -> None:
    with start("--port", str(free_port), "--data", str(tmp_path / "other")) as second:
        output, _ = second.communicate(timeout=60)

    assert second.returncode == 1
    assert f"Port {free_port} of 127.0.0.1 is in use" in output
    assert "Traceback" not in output


@pytest.mark.timeout(60)
def test_an_unreachable_database_is_said_in_one_sentence(tmp_path: Path) -> None:
    database = {"DATABASE_URL": "postgres://a:b@127.0.0.1:1/leadhub"}

    done = subprocess.run(
        [ROOT / "bin" / "run", "--port", str(find_port()), "--data", tmp_path / "data"],
        env=own_environment() | database,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "127.0.0.1:1 cannot be reached" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.timeout(180)
def test_it_stops_everything_within_ten_seconds(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with start("--empty", "--port", str(find_port()), "--data", str(data)) as process:
        assert process.stdout
        assert any(line.startswith("leadhub is ready: ") for line in process.stdout)

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=10) == 0
    assert processes_of(data) == []
