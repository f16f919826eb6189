"""The real server for measurements: throw-away services, a web server, and what it all costs."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import psutil

from leadhub.embedded.application import web_server
from leadhub.embedded.checks import throw_away_services
from leadhub.embedded.supervisor import Supervisor

SERVERS = ("gunicorn", "granian")
# Counting requests is part of what they cost; being refused is not.
ENOUGH = {f"RATE_LIMIT_{kind}": "1000000/1000000" for kind in ("KEY", "TENANT", "ACCOUNT")}


@contextmanager
def throw_away_world() -> Iterator[None]:
    """Start a database that keeps its promises on disk, migrate it, and set Django up on it."""
    supervisor = Supervisor(print)
    with supervisor.watching(), throw_away_services(supervisor, is_durable=True) as settings:
        os.environ.update(settings)
        os.environ.update(ENOUGH)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")
        import django  # noqa: PLC0415 - only now is the environment there
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        call_command("migrate", database="owner", verbosity=0)
        call_command("load_postal_codes")
        yield


@contextmanager
def web(server: str, *, threads: int = 0) -> Iterator[tuple[int, int]]:
    """Run the web server with the bare endpoint beside the product; yields port and process id.

    :param threads: of each worker, for measurements with more than the product has.
    """
    port = _free_port()
    with Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", *_command(server, port, threads)], stdout=nowhere, stderr=nowhere
        )
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def _command(server: str, port: int, threads: int) -> Sequence[str]:
    application = "benchmarks.wsgi:application"
    if server == "gunicorn":
        words = web_server(f"127.0.0.1:{port}")
        words = tuple(application if word == "leadhub.wsgi:application" else word for word in words)
        # The last of two holds.
        return (*words, "--threads", str(threads)) if threads else words
    return (
        *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "4", "--no-ws", application),
    )


def cpu_seconds(server_pid: int) -> tuple[float, float]:
    """Sum the CPU time of the web server's processes, and of PostgreSQL's, in seconds."""
    web_server_used, database_used = (
        sum(map(_cpu, [psutil.Process(pid), *psutil.Process(pid).children()]))
        for pid in (server_pid, _postmaster())
    )
    return web_server_used, database_used


def _postmaster() -> int:
    """Find PostgreSQL's first process: the parent of any of its backends."""
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    postmaster: int = psutil.Process(backend).ppid()
    connections["owner"].close()
    return postmaster


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    used: float = times.user + times.system
    return used


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz/live")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    msg = "The web server does not answer."
    raise TimeoutError(msg)
