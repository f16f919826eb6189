"""The processes of the product itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.programs import MARK, Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadhub.embedded.directory import DataDirectory

ROOT = Path(__file__).resolve().parents[2]
WEB = "web"
_SECONDS_FOR_OPEN_REQUESTS = "4"


def application_programs(
    directory: DataDirectory, settings: Mapping[str, str], *, host: str, port: int
) -> list[Program]:
    """Describe web server, worker, schedule and timers, all running on the same settings."""
    environment = marked(settings, directory)
    commands = {
        WEB: web_server(host, port),
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


def web_server(host: str, port: int) -> tuple[str, ...]:
    """Name the web server's command; the one place to change it."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    memory = "/dev/shm"  # noqa: S108 - heartbeats must not wait for a busy disk
    heartbeats = ("--worker-tmp-dir", memory) if os.access(memory, os.W_OK) else ()
    return (
        *("gunicorn", "leadhub.wsgi:application", "--bind", address),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        # one import of the application instead of one per worker: half the time to the first page
        "--preload",
        # should an access log be asked for: the path, without what is asked in the query
        *("--logger-class", "leadhub.core.access_log.DiscreetLogger"),
        *("--access-logformat", '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms %({x-request-id}o)s'),
        *("--graceful-timeout", _SECONDS_FOR_OPEN_REQUESTS, "--no-control-socket"),
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
