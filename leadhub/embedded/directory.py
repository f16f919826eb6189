"""The data directory: where everything is kept, and who may use it at the same time."""

from __future__ import annotations

import errno
import fcntl
import json
import secrets
import socket
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TextIO

from leadhub.embedded.failures import CannotStart, unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Below the range from which systems take the ports of outgoing connections (32768 on Linux),
# so that a kept port is still free when its server is started again.
_PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class Secrets:
    """Random values of one data directory, made once."""

    secret_key: str
    postgres: str
    owner: str
    app: str
    valkey: str
    backup: str

    @classmethod
    def make(cls) -> Secrets:
        """Draw new values, of characters that need no quoting in an address."""
        return cls(secrets.token_urlsafe(50), *(secrets.token_hex(20) for _ in range(5)))


@dataclass(frozen=True)
class DataDirectory:
    """The paths below one DIR; other files in it are left alone."""

    root: Path

    @classmethod
    def open(cls, root: Path) -> DataDirectory:
        """Create what is missing.

        :raises CannotStart: if the directory cannot be used.
        """
        directory = cls(root)
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for place in (directory.log, directory.state, directory.mail):
                place.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise unusable(root, error) from error
        return directory

    @property
    def log(self) -> Path:
        """Logs, one per program."""
        return self.root / "log"

    @property
    def mail(self) -> Path:
        """Mails as files, unless EMAIL_URL names a server."""
        return self.root / "mail"

    @property
    def state(self) -> Path:
        """Small files of the running leadhub: secrets, ports, locks."""
        return self.root / "state"

    @property
    def postgres(self) -> Path:
        """Place of the embedded database, owned by the account that runs it."""
        return self.root / "postgres"

    @property
    def demo_file(self) -> Path:
        """Description of the demo world, for people and programs."""
        return self.root / "demo.json"

    @property
    def fingerprint_file(self) -> Path:
        """What the database was last set up from."""
        return self.state / "fingerprint"

    def log_of(self, name: str) -> Path:
        """Name the log of one program."""
        return self.log / f"{name}.log"

    def secrets(self) -> Secrets:
        """Return the secrets, drawn and stored when there are none yet."""
        path = self.state / "secrets.json"
        with self._lock_file("secrets.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
            made = Secrets(**(asdict(Secrets.make()) | kept))
            if asdict(made) != kept:  # none yet, or of a leadhub that needed fewer
                _write_private(path, json.dumps(asdict(made)))
            return made

    def kept_ports(self) -> dict[str, int]:
        """Return the ports in use by the embedded servers, empty before the first start."""
        try:
            kept: dict[str, int] = json.loads((self.state / "ports.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept

    def claim_ports(self, *names: str) -> dict[str, int]:
        """Return a free port per name, the kept one where it is still free."""
        kept = self.kept_ports()
        ports = dict(kept)
        for name in names:
            if name not in kept or not is_free("127.0.0.1", kept[name]):
                ports[name] = _free_port(excluding=set(ports.values()))
        if ports != kept:
            _write_private(self.state / "ports.json", json.dumps(ports))
        return ports

    @contextmanager
    def held_by_run(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the directory for `bin/run`: alone, after commands that use it have ended.

        `waiting` is called once when there is such a command to wait for.

        :raises CannotStart: if another `bin/run` holds it.
        """
        with self._lock_file("in-use.lock") as lock:
            if not locks(lock, fcntl.LOCK_EX):
                if not locks(lock, fcntl.LOCK_SH):
                    msg = (
                        f"leadhub is running already with {self.root}: stop it first, or start "
                        "this one beside it with another --data DIR and another --port."
                    )
                    raise CannotStart(msg)
                waiting()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def shared(self) -> Iterator[TextIO | None]:
        """Hold the directory for a command, beside others; None while `bin/run` holds it."""
        with self._lock_file("in-use.lock") as lock:
            yield lock if locks(lock, fcntl.LOCK_SH) else None

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Let one command at a time start or stop the embedded database."""
        with self._lock_file("starting.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _lock_file(self, name: str) -> Iterator[TextIO]:
        try:
            file = (self.state / name).open("w", encoding="utf-8")
        except OSError as error:
            raise unusable(self.root, error) from error
        with file:
            yield file


def is_last_user(lock: TextIO) -> bool:
    """Tell whether nobody else shares the directory; this one holds it alone from then on."""
    return locks(lock, fcntl.LOCK_EX)


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there.

    :raises OSError: if nobody could: a foreign address, a port that takes more rights.
    """
    try:
        _listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise
    return True


def _listen(host: str, port: int) -> None:
    family, kind, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen()


def _free_port(*, excluding: set[int]) -> int:
    while True:
        port = secrets.choice(_PORTS)
        if port not in excluding and is_free("127.0.0.1", port):
            return port


def locks(file: TextIO, how: int) -> bool:
    """Take a lock, unless somebody else holds one that stands against it."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_private(path: Path, text: str) -> None:
    """Write a file for the owner's eyes, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text, "utf-8")
    new.replace(path)
