"""Stays: receives the log as it is written, and takes a base backup whenever one is due.

``pg_receivewal`` writes and syncs what it receives at once, and a replication slot keeps the server
from dropping what was not received. So what is lost with the server is what it had committed in the
last moment, or since the receiver went away.
"""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from leadhub.backups.documents import keep_new_files
from leadhub.backups.failures import BackupFailed
from leadhub.backups.server import SLOT
from leadhub.backups.taking import forget_log, take_base_backup
from leadhub.embedded.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from leadhub.backups.server import Server
    from leadhub.backups.store import BaseBackup, Store
    from leadhub.embedded.directory import DataDirectory

# Seconds between looks at the receiver, which is started again when it has ended.
_PAUSE, _PAUSE_AFTER_FAILURE = 1.0, 5.0
_LOOK = 30.0  # seconds between looks whether a base backup is due
_LOOK_AGAIN = 300.0  # after one that failed
_PATIENCE = 5.0  # seconds for the receiver to end in order


@dataclass
class Keeper:
    """Keeps a directory of backups up to date until it is told to stop.

    :ivar every: from one base backup to the next.
    :ivar keep: how many base backups are kept.
    """

    store: Store
    server: Server
    every: timedelta
    keep: int
    say: Callable[[str], None]
    files_of: DataDirectory | None = None
    stop: Event = field(default_factory=Event)
    _receiver: subprocess.Popen[bytes] | None = None
    _look_at: float = 0.0
    _is_log_new: bool = False  # what is received begins after the newest base backup

    def run(self) -> None:
        """Receive and take backups until a signal says stop.

        :raises BackupFailed: if that cannot even begin.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        self.store.prepare(self.server.identify())
        with self.store.taken_by("wal") as is_ours:
            if not is_ours:
                msg = f"Another process receives the log into {self.store.root}: one is enough."
                raise BackupFailed(msg)
            try:
                while not self.stop.is_set():
                    self.stop.wait(_PAUSE if self._turn() else _PAUSE_AFTER_FAILURE)
            finally:
                self._end_receiver()

    def _turn(self) -> bool:
        """Do what is to be done now; ``False`` if it failed, which is said."""
        try:
            if self._receiver is None or self._receiver.poll() is not None:
                self._begin_receiver()
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + _LOOK_AGAIN
                self._take_what_is_due()
                self._look_at = time.monotonic() + _LOOK
        except (BackupFailed, OSError) as failure:
            self.say(f"{failure} Trying again.")
            return False
        return True

    def _begin_receiver(self) -> None:
        if self._receiver is not None:
            self.say("The receiver of the log has ended; starting it again.")
            self._receiver = None
        identity = self.server.identify()
        self.store.prepare(identity)
        slot = self.server.slot()
        if slot and slot.is_lost:
            self.say(
                "The server could not keep the log any longer until it was received: there is a "
                "gap in it. A new base backup begins anew; older ones reach up to the gap."
            )
            self._tool("--drop-slot")
        if not slot or slot.is_lost:
            self._tool("--create-slot", "--if-not-exists")
            self._look_at = 0.0
            self._is_log_new = True
        self._receiver = Program(
            name="pg_receivewal",
            argv=(*self._command(identity.major), "--synchronous", "--no-loop"),
            environment=self.server.environment,
            stop_signal=signal.SIGINT,
        ).start()
        self.say("Receiving the log.")

    def _take_what_is_due(self) -> None:
        if self.files_of:
            keep_new_files(self.files_of.root, self.store.root)
        if not self._is_log_new and self._is_newest_young():
            return
        backup = take_base_backup(self.store, self.server, files_of=self.files_of, is_watched=False)
        self._is_log_new = False
        self.say(describe(backup))
        clear_up(self.store, self.server, keep=self.keep, say=self.say, major=backup.major)

    def _is_newest_young(self) -> bool:
        found = self.store.backups()
        return bool(found) and self.server.identify().now - found[-1].started_at < self.every

    def _command(self, major: int) -> tuple[str, ...]:
        return (
            *(self.server.tool("pg_receivewal", major), "--no-password"),
            *("--dbname", self.server.address, "--slot", SLOT, "--directory", str(self.store.wal)),
        )

    def _tool(self, *what: str) -> None:
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL
            [*self._command(self.server.identify().major), *what],
            env=dict(self.server.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            msg = f"The server refuses a replication slot: {done.stderr.strip()}"
            raise BackupFailed(msg)

    def _end_receiver(self) -> None:
        if self._receiver is None:
            return
        self._receiver.send_signal(signal.SIGINT)
        try:
            self._receiver.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._receiver.kill()
            self._receiver.wait()


def clear_up(
    store: Store, server: Server, *, keep: int, major: int, say: Callable[[str], None]
) -> None:
    """Delete all but the newest base backups, and the log that none of them needs.

    :raises BackupFailed: if that fails.
    """
    for gone in store.prune(keep=keep):
        say(f"Deleted base backup {gone.name}: {keep} are kept.")
    forget_log(store, server, major=major)


def describe(backup: BaseBackup) -> str:
    """Say of a base backup what one wants to know."""
    took = (backup.finished_at - backup.started_at).total_seconds()
    return (
        f"Base backup {backup.name}: {backup.size / 1e6:,.0f} MB, verified, taken in {took:.1f} s."
    )
