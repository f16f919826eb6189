"""`bin/run`: everything leadhub needs, started in order, kept running, stopped in order.

SIGHUP renews it: what has changed is built and migrated, a new web server is let in beside the old
one, which answers what it was asked and leaves, and worker, schedule and timers start anew.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadhub.embedded import valkey
from leadhub.embedded.application import (
    SECONDS_FOR_OPEN_REQUESTS,
    WEB,
    backup_program,
    hands,
    marked,
    preparation,
    web_program,
)
from leadhub.embedded.build import ensure_built
from leadhub.embedded.directory import DataDirectory
from leadhub.embedded.doors import answers, open_door, open_side_door
from leadhub.embedded.failures import CannotStart, disk_is_full, failed_step
from leadhub.embedded.fingerprint import fingerprint
from leadhub.embedded.leftovers import end_leftovers
from leadhub.embedded.services import (
    Services,
    choose_services,
    running_services,
    settings_environment,
)
from leadhub.embedded.steps import Steps
from leadhub.embedded.supervisor import Stopped, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from socket import socket

    from leadhub.embedded.programs import Program
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
# A predecessor that is renewed may take longer: nobody waits for it.
_PATIENCE_PREDECESSOR = SECONDS_FOR_OPEN_REQUESTS + 5.0


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
    supervisor = Supervisor(lambda line: terminal.say(line, "yellow"), renews=True)
    waiting = "… waiting for a bin/manage command to end"
    with (
        closing(open_door(options.host, options.port)) as door,
        directory.held_by_run(lambda: terminal.say(waiting)),
        supervisor.watching(),
    ):
        try:
            running = _Running(supervisor, directory, options, terminal, door)
            running.start()
            supervisor.run(running.renew)
        except Stopped:
            pass
        finally:
            _stop(supervisor, terminal)
    return 0


@dataclass(frozen=True)
class _Running:
    """What is started for one data directory, and may be renewed while it runs."""

    supervisor: Supervisor
    directory: DataDirectory
    options: Options
    terminal: Terminal
    door: socket

    def start(self) -> None:
        """Start everything.

        :raises CannotStart: if a step fails.
        """
        _check_space(self.directory)
        if end_leftovers(self.directory):
            self.terminal.say("✓ Ended what a killed leadhub had left running")
        self._build()
        # what processes counted that ran before, as leadhub.core.metrics keeps it
        shutil.rmtree(self.directory.root / "metrics", ignore_errors=True)
        services = choose_services(self.directory)
        settings = self._settings(services)
        with self.terminal.step(services.names):
            _start_services(self.supervisor, services, self.directory)
            settings |= services.ensure_roles()
        _prepare(self.supervisor, self.directory, settings, self.options)
        with self.terminal.step("Web server, worker, schedule, timers"):
            # the web server has the processors for itself until it answers
            side_door = open_side_door()
            self.supervisor.start(self._web(settings, side_door))
            _wait(self.supervisor, WEB, self.directory, lambda: self._answers(side_door))
            for program in hands(self.directory, settings):
                self.supervisor.start(program)
        self._back_up(settings | services.backup_address())
        if self.options.with_demo and self.directory.demo_file.exists():
            self.terminal.show_log_ins(self.directory.demo_file)
        base_url = self.options.base_url
        self.terminal.say(f"API document: {base_url}/api/docs/   Stop with Ctrl-C.")
        self.terminal.exact(f"leadhub is ready: {base_url}/")

    def renew(self) -> None:
        """Take up what has changed in the checkout; whatever fails leaves what runs as it is."""
        self.terminal.say("… taking up what has changed")
        try:
            self._build()
            settings = self._settings(running_services(self.directory))
            _prepare(self.supervisor, self.directory, settings, self.options)
            self._renew_web(settings)
        except (CannotStart, OSError) as failure:
            self.terminal.say(f"{failure} What ran before goes on.", "red")
            return
        for program in hands(self.directory, settings):
            self.supervisor.stop([program.name], patience=_PATIENCE_APPLICATION)
            self.supervisor.start(program)
        self.terminal.exact(f"leadhub is renewed: {self.options.base_url}/")

    def _renew_web(self, settings: Mapping[str, str]) -> None:
        side_door = open_side_door()
        has_followed = self.supervisor.follow(
            self._web(settings, side_door),
            is_ready=lambda: self._answers(side_door),
            timeout=_START_TIME,
            patience=_PATIENCE_PREDECESSOR,
        )
        if not has_followed:
            side_door.close()
            log = self.directory.log_of(WEB)
            what = "The new web server does not start"
            raise failed_step(what=what, log=log, directory=self.directory.root)

    def _back_up(self, settings: Mapping[str, str]) -> None:
        """Receive the log for as long as the database runs, where there is a place for backups."""
        if place := os.environ.get("LEADHUB_BACKUPS"):
            self.supervisor.start(backup_program(self.directory, settings, backups=place))
            self.terminal.say(f"Backups: {place}   Log: {self.directory.log_of('backup')}")

    def _build(self) -> None:
        ensure_built(Steps(self.supervisor, self.terminal, self.directory.log_of("build")))

    def _settings(self, services: Services) -> dict[str, str]:
        return settings_environment(
            self.directory,
            services,
            base_url=self.options.base_url,
            hosts=self.options.allowed_hosts,
        )

    def _web(self, settings: Mapping[str, str], side_door: socket) -> Program:
        return web_program(self.directory, settings, doors=(self.door, side_door))

    def _answers(self, side_door: socket) -> bool:
        return answers(side_door, self.options.base_url)


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


def _check_space(directory: DataDirectory) -> None:
    is_begun = directory.postgres.exists()
    if shutil.disk_usage(directory.root).free < (_SPACE_TO_GO_ON if is_begun else _SPACE_TO_BEGIN):
        raise disk_is_full(directory.root)
