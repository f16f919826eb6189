"""`bin/manage`: a management command on the state of a data directory, running or not."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from leadhub.embedded.application import ROOT
from leadhub.embedded.directory import DataDirectory, is_last_user
from leadhub.embedded.failures import failed_step
from leadhub.embedded.services import (
    ROOT_SETTINGS,
    Services,
    choose_services,
    running_services,
    settings_environment,
)
from leadhub.embedded.translations import compile_translations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from leadhub.embedded.postgres import Postgres

_START_TIME = 60.0  # seconds
_BASE_URL = "http://127.0.0.1:8000"
# They make a database of their own; the one that is lost must not be made anew for them.
_WITHOUT_SERVICES = ("restore",)


def manage(data: Path, arguments: Sequence[str]) -> int:
    """Run the command and return its exit status.

    The embedded database is started for it unless it runs, and stopped by the last command that
    uses it. The broker is not: a command needs none.

    :raises CannotStart: if a translation cannot be read, or the database not be reached.
    """
    compile_translations(ROOT)
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    if arguments[0] in _WITHOUT_SERVICES:
        return _run(command, _environment_without_services())
    directory = DataDirectory.open(data)
    with _services(directory) as services:
        settings = settings_environment(directory, services, base_url=_BASE_URL)
        settings |= services.backup_address()
        if services.postgres is None:
            settings |= services.ensure_roles()
        return _run(command, settings)


def _environment_without_services() -> dict[str, str]:
    """Return an environment in which Django starts, and nothing is signed or asked."""
    defaults = {"SECRET_KEY": secrets.token_hex(), "DJANGO_SETTINGS_MODULE": ROOT_SETTINGS}
    return defaults | dict(os.environ)


@contextmanager
def _services(directory: DataDirectory) -> Iterator[Services]:
    with directory.shared() as lock:
        if lock is None:  # bin/run looks after the services
            services = running_services(directory)
            if services.postgres:
                _wait_for(services.postgres, directory)
            yield services
            return
        with directory.starting():
            services = running_services(directory)
            if services.postgres and not services.postgres.is_ready():
                services = choose_services(directory)
                _start(services, directory)
        try:
            yield services
        finally:
            with directory.starting():
                if services.postgres and is_last_user(lock):
                    services.postgres.end_leftover()


def _start(services: Services, directory: DataDirectory) -> None:
    if services.postgres is None:
        return
    is_new = not services.postgres.data.exists()
    services.postgres.initialise()
    # it may serve other commands after this one has ended
    replace(services.postgres.program(), outlives_parent=True).start()
    _wait_for(services.postgres, directory)
    services.ensure_roles()
    if is_new:
        settings = settings_environment(directory, services, base_url=_BASE_URL)
        command = [sys.executable, "-m", "leadhub.embedded.preparation", "--to-stderr"]
        log = directory.log_of("prepare")
        if _run(command, settings):
            raise failed_step(
                what="Setting up the database failed", log=log, directory=directory.root
            )


def _wait_for(postgres: Postgres, directory: DataDirectory) -> None:
    deadline = time.monotonic() + _START_TIME
    while not postgres.is_ready():
        if time.monotonic() > deadline:
            raise failed_step(
                what="postgres does not start", log=postgres.log, directory=directory.root
            )
        time.sleep(0.05)


def _run(command: Sequence[str], settings: Mapping[str, str]) -> int:
    """Run a command on this terminal; Ctrl-C is its own business, and it ends before this."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            env=dict(settings),
            preexec_fn=_hear_interrupts,  # noqa: PLW1509 - safe: this process has one thread
        )
        status = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return status if status >= 0 else 128 - status


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
