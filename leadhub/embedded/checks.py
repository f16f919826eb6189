"""`bin/test`: every check and test, against a throw-away database and broker of their own.

With arguments only pytest runs, with these: `bin/test tests/leads -k accept`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded import roles, valkey
from leadhub.embedded.application import ROOT
from leadhub.embedded.browsers import ensure_browsers, is_needed
from leadhub.embedded.build import LOG, ensure_built
from leadhub.embedded.directory import DataDirectory
from leadhub.embedded.failures import failed_step
from leadhub.embedded.postgres import DATABASE
from leadhub.embedded.programs import Program
from leadhub.embedded.services import choose_services, settings_environment
from leadhub.embedded.steps import Steps
from leadhub.embedded.supervisor import Stopped, Supervisor
from leadhub.embedded.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from leadhub.embedded.directory import Secrets

_START_TIME = 60.0  # seconds
_PATIENCE = 3.0
# Tests bring their own world; what the caller's shell says about another one is not for them.
_FOREIGN = (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "LEADHUB_DATA"),
    *("LEADHUB_BASE_URL", "EMAIL_URL", "DEBUG", "ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL"),
    "SECRET_KEY_FALLBACKS",
    *("DJANGO_SETTINGS_MODULE", "LOG_LEVEL", "PYTEST_ADDOPTS"),
)
_DJANGO = ("manage.py",)
# Each processor takes the files one by one, with a database of its own (see ``tests.workers``).
_ALL_TESTS = (
    *("--quiet", "--numprocesses", "logical", "--dist", "loadfile"),
    # in the order of tests.conftest, which has its reasons
    "--no-loadscope-reorder",
)


@dataclass(frozen=True)
class Check:
    """One command that has to succeed: a Python module, or a script, with its arguments."""

    name: str
    words: tuple[str, ...]
    is_script: bool = False

    def argv(self) -> tuple[str, ...]:
        """Name the command, by this interpreter."""
        return (sys.executable, *(() if self.is_script else ("-m",)), *self.words)


def checks_of(root: Path) -> list[Check]:
    """List the checks before the tests, quickest first."""
    found = [
        Check("style", ("ruff", "check", "--output-format", "concise", ".")),
        Check("format", ("ruff", "format", "--check", "--output-format", "concise", ".")),
        Check("imports", (str(Path(sys.executable).with_name("lint-imports")),), is_script=True),
        Check("dependencies", ("deptry", ".")),
        Check("system checks", (*_DJANGO, "check", "--fail-level", "WARNING"), is_script=True),
        Check("migrations", (*_DJANGO, "makemigrations", "--check", "--dry-run"), is_script=True),
        Check(
            "API document",
            (*_DJANGO, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull),
            is_script=True,
        ),
        Check("types", ("mypy", ".")),
    ]
    if any((root / "templates").rglob("*.html")):
        found.insert(2, Check("templates", ("djlint", "templates", "--lint", "--quiet")))
    return found


def check(arguments: Sequence[str]) -> int:
    """Run everything, say at the end what failed; pytest's own summary comes last.

    :raises CannotStart: if the pages cannot be built, or the services for the tests not be started.
    """
    terminal = Terminal()
    supervisor = Supervisor(lambda line: terminal.say(line, "yellow"))
    forget_foreign_settings()
    os.chdir(ROOT)
    with supervisor.watching():
        try:
            ensure_built(Steps(supervisor, terminal, LOG))
            if is_needed(arguments, root=ROOT):
                ensure_browsers(Steps(supervisor, terminal, LOG.with_name("browsers.log")))
            with throw_away_services(supervisor) as settings:
                return _run_all(supervisor, settings, arguments, terminal)
        except Stopped:
            return 130


def forget_foreign_settings() -> None:
    """Forget what the caller's shell says about another database, broker or instance."""
    for name in _FOREIGN:
        os.environ.pop(name, None)


def _run_all(
    supervisor: Supervisor,
    settings: Mapping[str, str],
    arguments: Sequence[str],
    terminal: Terminal,
) -> int:
    def run(wanted: Check) -> bool:
        terminal.say(f"── {wanted.name}", "bold")
        started = time.monotonic()
        program = Program(
            name=wanted.name,
            argv=wanted.argv(),
            environment=settings,
            is_shown=True,
        )
        succeeded = supervisor.run_once(program) == 0
        mark = "✓" if succeeded else "✗"
        terminal.say(
            f"{mark} {wanted.name}   {time.monotonic() - started:.1f} s",
            "green" if succeeded else "red",
        )
        return succeeded

    failed = [] if arguments else [wanted.name for wanted in checks_of(ROOT) if not run(wanted)]
    words = ("pytest", *(arguments or _ALL_TESTS))
    if failed:
        terminal.say(f"✗ failed before the tests: {', '.join(failed)}", "red")
    terminal.say("── tests", "bold")
    tests = Program(name="tests", argv=Check("", words).argv(), environment=settings, is_shown=True)
    status = supervisor.run_once(tests)
    if failed:
        terminal.say(f"✗ failed besides the tests: {', '.join(failed)}", "red")
    return status or bool(failed)


@contextmanager
def throw_away_services(
    supervisor: Supervisor, *, is_durable: bool = False
) -> Iterator[Mapping[str, str]]:
    """Start services for the time of the block, their data gone afterwards; yield the settings.

    :param is_durable: wait for the disk at each commit, as a measurement of real cost must.
    """
    with tempfile.TemporaryDirectory(prefix="leadhub-test-") as place:
        yield from _services_in(supervisor, DataDirectory.open(Path(place)), is_durable=is_durable)


def _services_in(
    supervisor: Supervisor, directory: DataDirectory, *, is_durable: bool
) -> Iterator[Mapping[str, str]]:
    services = choose_services(directory, durable=is_durable)
    postgres, broker = services.postgres, services.valkey
    if postgres is None or broker is None:
        msg = "Tests need services of their own."
        raise RuntimeError(msg)
    postgres.initialise()
    try:
        supervisor.start(postgres.program())
        supervisor.start(broker.program(valkey.environment()))
        _wait(supervisor, postgres.is_ready, postgres.log)
        _wait(supervisor, broker.is_ready, broker.log)
        _make_roles(postgres.admin_url, services.secrets)
        yield {
            **settings_environment(directory, services, base_url="http://127.0.0.1:8000"),
            # for tests that make roles of their own
            "LEADHUB_TEST_ADMIN_URL": postgres.admin_url,
        }
    finally:
        supervisor.stop(supervisor.names, patience=_PATIENCE)


def _wait(supervisor: Supervisor, is_ready: Callable[[], bool], log: Path) -> None:
    if not supervisor.wait_until(is_ready, timeout=_START_TIME):
        raise failed_step(what=f"{log.stem} does not start", log=log, directory=log.parent)


def _make_roles(admin_url: str, secrets: Secrets) -> None:
    roles.ensure_roles(
        admin_url,
        database=DATABASE,
        owner=roles.Role(roles.OWNER, secrets.owner),
        runtime=roles.Role(roles.RUNTIME, secrets.app),
    )
