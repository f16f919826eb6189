"""`bin/run`: everything leadhub needs, started in order, kept running, stopped in order."""

from __future__ import annotations

import shutil
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING

from leadhub.embedded import valkey
from leadhub.embedded.application import WEB, application_programs, marked, preparation
from leadhub.embedded.build import ensure_built
from leadhub.embedded.directory import DataDirectory, is_free
from leadhub.embedded.failures import CannotStart, disk_is_full, failed_step
from leadhub.embedded.fingerprint import fingerprint
from leadhub.embedded.leftovers import end_leftovers
from leadhub.embedded.services import Services, choose_services, settings_environment
from leadhub.embedded.steps import Steps
from leadhub.embedded.supervisor import Stopped, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from leadhub.embedded.terminal import Terminal

_SERVICES = ("valkey", "postgres")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
_START_TIME = 60.0  # seconds for one server; recovery after a crash takes a while
_DEATHS = 3  # in a row, before the first answer: it will not start at all
# Bytes that must be free: for a new database with its demo world, and for going on with one.
_SPACE_TO_BEGIN = 400 * 1024 * 1024
_SPACE_TO_GO_ON = 50 * 1024 * 1024

# Together below the ten seconds that a stop may take.
_PATIENCE_APPLICATION = 5.5
_PATIENCE_SERVICES = 3.0


@dataclass(frozen=True)
class Options:
    """What `bin/run` was asked for."""

    data: Path
    host: str
    port: int
    with_demo: bool

    @property
    def base_url(self) -> str:
        """The address to type into a browser on this machine."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def allowed_hosts(self) -> str:
        """Host names under which requests may arrive."""
        if self.host in _EVERYWHERE:
            return "*"  # whatever this machine is called from elsewhere
        name = f"[{self.host}]" if ":" in self.host else self.host
        return ",".join(dict.fromkeys((name, "127.0.0.1", "localhost", "[::1]")))


def run(options: Options, terminal: Terminal) -> int:
    """Start everything, look after it until a signal asks to stop, stop everything.

    :raises CannotStart: if a step of the start fails; nothing is left running then.
    """
    directory = DataDirectory.open(options.data)
    terminal.say(f"leadhub   data and logs: {directory.root}")
    _check_port(options)
    supervisor = Supervisor(lambda line: terminal.say(line, "yellow"))
    waiting = "… waiting for a bin/manage command to end"
    with directory.held_by_run(lambda: terminal.say(waiting)), supervisor.watching():
        try:
            _start(supervisor, directory, options, terminal)
            supervisor.run()
        except Stopped:
            pass
        finally:
            _stop(supervisor, terminal)
    return 0


def _start(
    supervisor: Supervisor, directory: DataDirectory, options: Options, terminal: Terminal
) -> None:
    _check_space(directory)
    if end_leftovers(directory):
        terminal.say("✓ Ended what a killed leadhub had left running")
    ensure_built(Steps(supervisor, terminal, directory.log_of("build")))
    # what processes counted that ran before, as leadhub.core.metrics keeps it
    shutil.rmtree(directory.root / "metrics", ignore_errors=True)
    services = choose_services(directory)
    settings = settings_environment(
        directory, services, base_url=options.base_url, hosts=options.allowed_hosts
    )
    with terminal.step(services.names):
        _start_services(supervisor, services, directory)
        settings |= services.ensure_roles()
    _prepare(supervisor, directory, settings, options)
    programs = application_programs(directory, settings, host=options.host, port=options.port)
    with terminal.step("Web server, worker, schedule, timers"):
        # the web server has the processors for itself until it answers
        for program in sorted(programs, key=lambda program: program.name != WEB):
            supervisor.start(program)
            if program.name == WEB:
                _wait(supervisor, WEB, directory, lambda: _answers(options.base_url))
    if options.with_demo and directory.demo_file.exists():
        terminal.show_log_ins(directory.demo_file)
    terminal.say(f"API document: {options.base_url}/api/docs/   Stop with Ctrl-C.")
    terminal.exact(f"leadhub is ready: {options.base_url}/")


def _prepare(
    supervisor: Supervisor,
    directory: DataDirectory,
    settings: Mapping[str, str],
    options: Options,
) -> None:
    """Set up tables, postal codes and the demo world, unless just that has been done before."""
    asked_for = [options.base_url, str(options.with_demo)]
    if directory.fingerprint_file.exists():
        done = directory.fingerprint_file.read_text("utf-8")
        if done and done == fingerprint(settings["DATABASE_URL"], asked_for):
            return
    if supervisor.run_once(preparation(directory, settings, with_demo=options.with_demo)):
        log = directory.log_of("prepare")
        raise failed_step(what="Setting up the database failed", log=log, directory=directory.root)
    directory.fingerprint_file.write_text(fingerprint(settings["DATABASE_URL"], asked_for), "utf-8")


def _start_services(supervisor: Supervisor, services: Services, directory: DataDirectory) -> None:
    if services.postgres:
        services.postgres.initialise()
        supervisor.start(services.postgres.program())
    if services.valkey:
        environment = marked(valkey.environment(), directory)
        supervisor.start(services.valkey.program(environment))
        _wait(supervisor, "valkey", directory, services.valkey.is_ready)
    if services.postgres:
        _wait(supervisor, "postgres", directory, services.postgres.is_ready)


def _wait(
    supervisor: Supervisor, name: str, directory: DataDirectory, is_ready: Callable[[], bool]
) -> None:
    """Wait for a program's first answer.

    :raises CannotStart: if it keeps dying, or says nothing for a minute.
    """
    log = directory.log_of(name)
    came = supervisor.wait_until(
        lambda: is_ready() or supervisor.deaths_of(name) >= _DEATHS, timeout=_START_TIME
    )
    if supervisor.deaths_of(name) >= _DEATHS or not came:
        raise failed_step(what=f"{name} does not start", log=log, directory=directory.root)


def _stop(supervisor: Supervisor, terminal: Terminal) -> None:
    """Stop those that use the services first, so that none of them sees its service go."""
    if not supervisor.names:
        return
    terminal.say("… stopping")
    others = [name for name in supervisor.names if name not in _SERVICES]
    supervisor.stop(others, patience=_PATIENCE_APPLICATION)
    supervisor.stop(_SERVICES, patience=_PATIENCE_SERVICES)
    terminal.say("✓ leadhub has stopped")


def _answers(base_url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{base_url}/healthz/live", timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


def _check_space(directory: DataDirectory) -> None:
    is_begun = directory.postgres.exists()
    if shutil.disk_usage(directory.root).free < (_SPACE_TO_GO_ON if is_begun else _SPACE_TO_BEGIN):
        raise disk_is_full(directory.root)


def _check_port(options: Options) -> None:
    address = f"{options.host or '*'}:{options.port}"
    try:
        is_ours = is_free(options.host, options.port)
    except OSError as error:
        msg = f"leadhub cannot listen on {address} ({error.strerror}): choose another address."
        raise CannotStart(msg) from error
    if not is_ours:
        msg = (
            f"Port {options.port} of {options.host} is in use by another program: "
            "stop that one or choose another with --port."
        )
        raise CannotStart(msg)
