"""A whole installation of a test's own: real services on its own data, and the product's processes.

Each part is started, killed, hung and started again alone. Nothing outlives the block: what was
started is ended, by its process id, however the block is left.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2

from leadhub.embedded import valkey
from leadhub.embedded.account import service_account
from leadhub.embedded.application import (
    ROOT,
    WEB,
    hands,
    marked,
    web_server,
)
from leadhub.embedded.directory import DataDirectory
from leadhub.embedded.postgres import Postgres
from leadhub.embedded.programs import Program
from leadhub.embedded.services import Services, settings_environment
from tests.faults.calling import Caller
from tests.faults.networks import Network
from tests.faults.parts import Part

PRODUCT = "leadhub.wsgi:application"
TENANTS = tuple(f"tenant{number}" for number in range(12))
# What the shell of the tests says about another database, broker or instance.
FOREIGN = ("DATABASE_", "REDIS_", "LEADHUB_", "DJANGO_", "SECRET_KEY", "EMAIL_", "PYTEST_")
# Counting requests is part of what they cost; being refused is not.
ENOUGH = {f"RATE_LIMIT_{kind}": "1000000/1000000" for kind in ("KEY", "TENANT", "ACCOUNT")}


class Installation:
    """Services with a prepared database, and whatever processes of the product a test starts.

    :ivar environment: what every part of the product is told besides, at its start: put an address
        of a proxy here before starting one. A single part has an ``environment`` of its own.
    """

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._exits = ExitStack()
        self._parts: list[Part] = []

    def __enter__(self) -> Self:
        place = Path(self._exits.enter_context(_directory()))
        try:
            self._open(place)
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exits.close()

    def _open(self, place: Path) -> None:
        root = _copy_of_template(place / "data")
        self.directory = DataDirectory.open(root)
        self._keys: dict[str, str] = json.loads((root / "keys.json").read_text("utf-8"))
        self.services = services_in(self.directory)
        self.web_port = self.directory.claim_ports("web")["web"]
        self.postgres = self._postgres()
        self.valkey = self._valkey()
        self._exits.callback(self.postgres.end, signal.SIGQUIT)  # quick, and leaves nothing behind
        self.set_right()

    def set_right(self) -> None:
        """Let both services run, whatever a test has done to them."""
        for part in (self.postgres, self.valkey):
            part.environment.clear()
            part.go_on()
            if not part.is_alive:
                part.start()

    @property
    def settings(self) -> dict[str, str]:
        """The environment in which every part of the product runs."""
        url = f"http://127.0.0.1:{self.web_port}"
        mark = marked(settings_of(self.directory, self.services, base_url=url), self.directory)
        return {**mark, **ENOUGH, **self.environment}

    def web(self, application: str = PRODUCT) -> Part:
        """Start the product's web server at ``web_port``, and wait until it answers.

        :param application: another WSGI application, with a planted fault.
        """
        command = [application if word == PRODUCT else word for word in self._web_command()]
        program = self._program(WEB, (sys.executable, "-m", *command))
        return self._start(program, is_ready=self.answers)

    def worker(self) -> Part:
        """Start a Celery worker."""
        return self._start(self._named("worker"))

    def beat(self) -> Part:
        """Start Celery's schedule."""
        return self._start(self._named("beat"))

    def timers(self) -> Part:
        """Start one more loop of timers, which needs no broker."""
        return self._start(self._named("timers"))

    def run(self, program: Program) -> Part:
        """Start another program, in the environment of the product."""
        return self._start(replace(program, environment={**self.settings, **program.environment}))

    def log_of(self, name: str) -> Path:
        """Where a program of this name writes what it says."""
        return self.directory.log_of(name)

    def manage(self, *arguments: str) -> str:
        """Run a management command; returns what it says.

        :raises AssertionError: if it fails.
        """
        return _run([sys.executable, str(ROOT / "manage.py"), *arguments], self.settings)

    def python(self, module: str, *arguments: str, told: str = "") -> str:
        """Run a module in the environment of the product; returns what it says.

        :param told: what it reads from its standard input.
        :raises AssertionError: if it fails.
        """
        return _run([sys.executable, "-m", module, *arguments], self.settings, told=told)

    def check_invariants(self) -> None:
        """Ask the product whether what must hold of all rows does; timers need not be running.

        :raises AssertionError: if something does not.
        """
        self.manage("check_invariants", "--without-timers")

    def network(
        self, *, dealers: int = 3, waves: Sequence[dict[str, Any]] = ({},), **policy: Any
    ) -> Network:
        """Set up a tenant that no other test uses; the web server has to run."""
        slug = next(iter(self._keys))
        network = Network(slug, self._keys.pop(slug), port=self.web_port)
        network.set_up(dealers=dealers, waves=waves, **policy)
        return network

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read from the database past every policy, as nobody of the product can."""
        with closing(psycopg2.connect(self.administration)) as asked, asked.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def change(self, sql: str, *parameters: object) -> None:
        """Change the database behind the product's back."""
        with closing(psycopg2.connect(self.administration)) as asked, asked.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            asked.commit()

    @property
    def administration(self) -> str:
        """Address of the database for its superuser."""
        postgres = self.services.postgres
        assert postgres is not None
        return postgres.url("postgres", postgres.password)

    def answers(self) -> bool:
        """Tell whether the web server answers, with its database."""
        with Caller(self.web_port, is_fresh=True) as anybody:
            answer = anybody.try_to("GET", "/healthz/ready")
        return answer is not None and answer.status == HTTPStatus.OK

    def _web_command(self) -> tuple[str, ...]:
        return web_server(f"127.0.0.1:{self.web_port}")

    def _named(self, name: str) -> Program:
        programs = hands(self.directory, self.settings)
        (found,) = (program for program in programs if program.name == name)
        return self._program(name, found.argv)

    def _program(self, name: str, argv: tuple[str, ...]) -> Program:
        return Program(name=name, argv=argv, log=self.log_of(name), environment=self.settings)

    def _start(self, program: Program, *, is_ready: Callable[[], bool] | None = None) -> Part:
        part = self._part(program, is_ready=is_ready)
        part.start()
        return part

    def _part(self, program: Program, *, is_ready: Callable[[], bool] | None = None) -> Part:
        part = Part(program, is_ready=is_ready)
        self._exits.callback(part.kill)
        self._parts.append(part)
        return part

    def _postgres(self) -> Part:
        server = self.services.postgres
        assert server is not None
        server.initialise()
        return self._part(server.program(), is_ready=server.is_ready)

    def _valkey(self) -> Part:
        server = self.services.valkey
        assert server is not None
        program = server.program(marked(valkey.environment(), self.directory))
        return self._part(program, is_ready=server.is_ready)

    def end_product(self) -> None:
        """Kill all processes that were started but the two services, the newest first."""
        for part in reversed(self._parts):
            if part not in {self.postgres, self.valkey}:
                part.kill()
        self._parts = [self.postgres, self.valkey]


def services_in(directory: DataDirectory, *, durable: bool = True) -> Services:
    """Describe a PostgreSQL that keeps its promises on disk, and a Valkey, at free ports."""
    ports = directory.claim_ports("postgres", "valkey")
    secrets, account = directory.secrets(), service_account()
    return Services(
        secrets=secrets,
        postgres=Postgres(
            place=directory.postgres,
            log=directory.log_of("postgres"),
            port=ports["postgres"],
            password=secrets.postgres,
            account=account,
            durable=durable,
        ),
        valkey=valkey.Valkey(
            settings=directory.state / "valkey.conf",
            log=directory.log_of("valkey"),
            port=ports["valkey"],
            password=secrets.valkey,
            account=account,
        ),
        given={},
    )


def settings_of(directory: DataDirectory, services: Services, *, base_url: str) -> dict[str, str]:
    """Return the product's environment on these services, without what the tests' shell says."""
    chosen = settings_environment(directory, services, base_url=base_url)
    ours = {"LEADHUB_BASE_URL": base_url, "SECRET_KEY": services.secrets.secret_key}
    own = ("DJANGO_SETTINGS_MODULE", "LEADHUB_DATA", *services.addresses())
    kept = {name: word for name, word in chosen.items() if not name.startswith(FOREIGN)}
    return {**kept, **{name: chosen[name] for name in own}, **ours}


def _run(command: Sequence[str], environment: Mapping[str, str], *, told: str = "") -> str:
    done = subprocess.run(
        command,
        env=environment,
        input=told,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def _directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="leadhub-faults-", ignore_cleanup_errors=True)


_KEPT = ExitStack()  # what lives as long as the process


@cache
def _template() -> Path:
    """Prepare a data directory once for all installations of this process."""
    place = Path(_KEPT.enter_context(_directory())) / "data"
    directory = DataDirectory.open(place)
    services = services_in(directory, durable=False)
    assert services.postgres is not None
    services.postgres.initialise()
    server = Part(services.postgres.program(), is_ready=services.postgres.is_ready)
    try:
        server.start()
        services.ensure_roles()
        _run(
            [sys.executable, "-m", "tests.faults.preparing", *TENANTS],
            settings_of(directory, services, base_url="http://127.0.0.1"),
        )
    finally:
        server.end()
    return place


def _copy_of_template(place: Path) -> Path:
    source = _template()
    shutil.copytree(source, place, copy_function=_copy)
    for found in (source, *source.rglob("*")):  # the account that runs the servers owns its files
        if os.geteuid() == 0:
            was = found.stat()
            os.chown(place / found.relative_to(source), was.st_uid, was.st_gid)
    (place / "state" / "ports.json").unlink(missing_ok=True)
    return place


def _copy(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))
