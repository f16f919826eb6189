"""A program that leadhub runs as a child process, and the process itself."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.account import Account, become_child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from socket import socket

    Step = Callable[[], None]

ROTATE_AT = 20 * 1024 * 1024  # bytes of a log before it is begun anew; one older file is kept

# Carried by every program of one data directory, so that leftovers can be told from strangers.
MARK = "LEADHUB_STARTED_FOR"


@dataclass(frozen=True)
class Program:
    """How to start and stop one program."""

    name: str
    argv: tuple[str, ...]
    log: Path | None = None  # None: all output goes to the terminal
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    is_shown: bool = False  # what it says goes to the terminal, what went wrong to the log
    executable: Path | None = None  # when argv[0] is only the name to show
    stdin: Path | None = None
    # A directory that the program reaches at a path of its own, whatever lies above it.
    directory: Path | None = None
    clean_up: Step | None = None  # before every start: what a killed one may have left
    outlives_parent: bool = False
    # Sockets that it listens on; they stay open here, so that none who connects is turned away.
    doors: tuple[socket, ...] = ()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own, its output appended to its log."""
        if self.clean_up:
            self.clean_up()
        with ExitStack() as files:
            log = files.enter_context(self.log.open("ab")) if self.log else None
            stdin = files.enter_context((self.stdin or Path(os.devnull)).open("rb"))
            passed = [door.fileno() for door in self.doors]
            argv = list(self.argv)
            if self.directory:
                descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
                files.callback(os.close, descriptor)
                passed.append(descriptor)
                argv = [word.replace("{directory}", f"/proc/self/fd/{descriptor}") for word in argv]
            last_signal = None if self.outlives_parent else self.stop_signal
            prepare = partial(become_child, os.getpid(), self.account, last_signal)
            return subprocess.Popen(  # noqa: S603 - programs of this package
                argv,
                executable=self.executable,
                env=dict(self.environment),
                stdin=stdin,
                stdout=None if self.is_shown else log,
                stderr=log,
                cwd="/" if self.account else None,
                pass_fds=passed,
                start_new_session=True,
                preexec_fn=prepare,  # noqa: PLW1509 - safe: this process has one thread
            )


def signal_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to all that is left of a program: its process and the children of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def rotate(log: Path) -> None:
    """Begin a long log anew; programs keep appending to the same file."""
    with suppress(OSError):
        if log.stat().st_size < ROTATE_AT:
            return
        older = log.with_suffix(".log.1")
        older.write_bytes(log.read_bytes())
        older.chmod(0o600)
        os.truncate(log, 0)
