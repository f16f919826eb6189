"""The processes of the product itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.programs import MARK, Program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from socket import socket

    from leadhub.embedded.directory import DataDirectory

ROOT = Path(__file__).resolve().parents[2]
WEB = "web"
# For answering what was asked before a web server was told to end.
SECONDS_FOR_OPEN_REQUESTS = 30


def web_program(
    directory: DataDirectory, settings: Mapping[str, str], *, doors: tuple[socket, ...]
) -> Program:
    """Describe the web server, listening on sockets that were opened for it."""
    return Program(
        name=WEB,
        argv=(sys.executable, "-m", *web_server(*(f"fd://{door.fileno()}" for door in doors))),
        log=directory.log_of(WEB),
        environment=marked(settings, directory),
        doors=doors,
    )


def hands(directory: DataDirectory, settings: Mapping[str, str]) -> list[Program]:
    """Describe worker, schedule and timers: what is done without being asked by a request."""
    environment = marked(settings, directory)
    commands = {
        "worker": (
            *("celery", "--app", "leadhub", "worker", "--loglevel", "WARNING"),
            *("--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        "beat": (
            *("celery", "--app", "leadhub", "beat", "--loglevel", "WARNING", "--pidfile="),
            *("--schedule", str(directory.state / "beat-schedule")),
        ),
        "timers": (str(ROOT / "manage.py"), "run_timers"),
    }
    return [
        Program(
            name=name,
            # as modules: the scripts of a virtual environment break when it is moved
            argv=(sys.executable, *(() if name == "timers" else ("-m",)), *command),
            log=directory.log_of(name),
            environment=environment,
        )
        for name, command in commands.items()
    ]


def backup_program(
    directory: DataDirectory, settings: Mapping[str, str], *, backups: str
) -> Program:
    """Describe what receives the log and takes base backups, while the others run."""
    return Program(
        name="backup",
        argv=(sys.executable, str(ROOT / "manage.py"), "backup", backups, "--stay"),
        log=directory.log_of("backup"),
        environment=marked(settings, directory),
    )


def web_server(*addresses: str) -> tuple[str, ...]:
    """Name the web server's command; the one place to change it.

    :param addresses: where it listens: ``host:port``, or ``fd://`` and the number of a socket.
    """
    memory = "/dev/shm"  # noqa: S108 - heartbeats must not wait for a busy disk
    heartbeats = ("--worker-tmp-dir", memory) if os.access(memory, os.W_OK) else ()
    return (
        *("gunicorn", "leadhub.wsgi:application"),
        *(word for address in addresses for word in ("--bind", address)),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        # one import of the application instead of one per worker: half the time to the first page
        "--preload",
        # should an access log be asked for: the path, without what is asked in the query
        *("--logger-class", "leadhub.core.access_log.DiscreetLogger"),
        *("--access-logformat", '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms %({x-request-id}o)s'),
        *("--graceful-timeout", str(SECONDS_FOR_OPEN_REQUESTS), "--no-control-socket"),
        *heartbeats,
    )


def preparation(
    directory: DataDirectory, settings: Mapping[str, str], *, with_demo: bool
) -> Program:
    """Describe the step between the database and the application: tables, places, demo world."""
    return Program(
        name="prepare",
        argv=(sys.executable, "-m", "leadhub.embedded.preparation", *(["--demo"] * with_demo)),
        log=directory.log_of("prepare"),
        environment=marked(settings, directory),
        is_shown=True,
    )


def marked(settings: Mapping[str, str], directory: DataDirectory) -> dict[str, str]:
    """Return the environment of a process that belongs to this data directory."""
    return {**settings, MARK: str(directory.root)}
