"""The way back: a new data directory from a base backup and the log, to its end or to an instant.

Nothing that is there is touched: neither the backups nor any living data directory. The server
that recovers is one of leadhub's own; where the backups are of an operator's server, what it has to
start from is laid out, and the operator starts it.
"""

from __future__ import annotations

import shutil
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import psycopg2

from leadhub.backups.documents import bring_back_files
from leadhub.backups.failures import RestoreFailed
from leadhub.backups.store import Store, place_in_log
from leadhub.backups.taking import verify
from leadhub.backups.tools import find_tool
from leadhub.embedded.failures import log_tail
from leadhub.embedded.roles import connected
from leadhub.embedded.services import choose_services

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from leadhub.backups.store import BaseBackup
    from leadhub.embedded.account import Account
    from leadhub.embedded.directory import DataDirectory
    from leadhub.embedded.postgres import Postgres
    from leadhub.embedded.services import Services

_PARTIAL = ".partial"
_POLL = 0.2  # seconds
_SAY_EVERY = 5.0  # seconds
_ROOM_LEFT = 200 * 1024 * 1024  # bytes that stay free
_BEYOND_THE_END = "recovery ended before configured recovery target was reached"
_RECOVERY = "SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()"


class Recovered(NamedTuple):
    """What a restore came to.

    :ivar last_commit: the latest transaction that is there, by the clock of the lost server;
        ``None`` if none was written since the base backup.
    """

    backup: BaseBackup
    last_commit: datetime | None
    services: Services


@dataclass(frozen=True)
class Restore:
    """One restore.

    :ivar at: the instant to which is restored; ``None`` for all that there is.
    """

    store: Store
    into: DataDirectory
    at: datetime | None
    say: Callable[[str], None]

    def choose(self) -> BaseBackup:
        """Return the newest base backup that serves and is whole.

        :raises RestoreFailed: if none is.
        """
        found = self.store.backups()
        if not found:
            msg = f"{self.store.root} holds no base backup: name the directory given to `backup`."
            raise RestoreFailed(msg)
        serving = [one for one in found if self.at is None or one.finished_at <= self.at]
        if not serving:
            msg = (
                f"The oldest base backup was finished at {found[0].finished_at.isoformat()}: "
                "choose that instant or a later one."
            )
            raise RestoreFailed(msg)
        for backup in reversed(serving):
            self.say(f"… verifying base backup {backup.name}, {backup.size / 1e6:,.0f} MB")
            program = str(find_tool("pg_verifybackup", major=backup.major))
            wrong = verify(backup, program=program)
            if not wrong:
                return backup
            self.say(f"Base backup {backup.name} is damaged, trying the one before: {wrong}")
        msg = f"No base backup in {self.store.root} is whole: nothing can be restored from it."
        raise RestoreFailed(msg)

    def lay_out(self, backup: BaseBackup, place: Path, *, account: Account | None) -> None:
        """Copy base backup and log to where a server finds both.

        :param place: gets `data` and `wal`.
        :raises RestoreFailed: if there is too little room.
        """
        log = self._log_since(backup)
        needed = backup.size + sum(path.stat().st_size for path in log) + _ROOM_LEFT
        place.mkdir(parents=True, mode=0o700, exist_ok=True)
        if (free := shutil.disk_usage(place).free) < needed:
            msg = (
                f"Restoring takes {needed / 1e6:,.0f} MB and {place} has {free / 1e6:,.0f} MB: "
                "free some space, or name a directory on another disk."
            )
            raise RestoreFailed(msg)
        self.say(f"… copying it, and {len(log)} files of the log since")
        shutil.copytree(backup.data, place / "data", copy_function=shutil.copyfile)
        (place / "wal").mkdir(mode=0o700)
        for path in log:
            shutil.copyfile(path, place / "wal" / path.name.removesuffix(_PARTIAL))
        (place / "data" / "recovery.signal").touch()
        for name in bring_back_files(self.store.root, self.into.root):
            self.say(f"The file {name} is damaged in the backups and was left out.")
        _hand_over(place, account)

    def settings(self) -> dict[str, str]:
        """Return what tells the server where its log is and how far to go."""
        chosen = {
            "restore_command": 'cp "../wal/%f" "%p"',
            "recovery_target_timeline": "latest",
            "recovery_target_action": "promote",
        }
        return chosen | ({"recovery_target_time": self.at.isoformat()} if self.at else {})

    def recover(self, backup: BaseBackup) -> Recovered:
        """Have a server of leadhub's own recover, and leave it running.

        :raises RestoreFailed: if it cannot.
        """
        _keep_files(backup, self.into)
        services = choose_services(self.into)
        if services.postgres is None:
            msg = (
                "DATABASE_URL is set, and these are backups of an embedded database: restore with "
                "DATABASE_URL and DATABASE_OWNER_URL unset (look into .env as well)."
            )
            raise RestoreFailed(msg)
        self.lay_out(backup, services.postgres.place, account=services.postgres.account)
        services.postgres.initialise()
        options = [f"-c{name}={value}" for name, value in self.settings().items()]
        program = services.postgres.program()
        started = replace(program, argv=(*program.argv, *options), outlives_parent=True).start()
        last_commit = self._wait(services.postgres, started)
        shutil.rmtree(services.postgres.place / "wal")
        services.ensure_roles()
        return Recovered(backup, last_commit, services)

    def _log_since(self, backup: BaseBackup) -> list[Path]:
        """Return the files of the log that a restore needs; a gap in them is said."""
        first = place_in_log(backup.first_segment)
        names = [name for name in self.store.segments() if place_in_log(name) >= first]
        whole = {name for name in names if not name.endswith(_PARTIAL)}
        names = [
            name for name in names if name.removesuffix(_PARTIAL) not in whole or name in whole
        ]
        numbers = sorted({_number(name) for name in names})
        for one, other in pairwise(numbers):
            if other - one > 1:
                self.say(f"The log has a gap: {other - one - 1} files are missing in it.")
        histories = sorted(self.store.wal.glob("*.history")) if self.store.wal.exists() else []
        return histories + [self.store.wal / name for name in names]

    def _wait(self, postgres: Postgres, process: subprocess.Popen[bytes]) -> datetime | None:
        """Wait until the server has recovered; return when the last transaction was committed."""
        said = time.monotonic()
        while True:
            if process.poll() is not None:
                raise self._failed(postgres)
            recovering, last = _progress(postgres.admin_url)
            if recovering is False:
                return last
            if last and time.monotonic() - said > _SAY_EVERY:
                said = time.monotonic()
                self.say(f"… recovered up to {last.isoformat(timespec='seconds')}")
            time.sleep(_POLL)

    def _failed(self, postgres: Postgres) -> RestoreFailed:
        if _BEYOND_THE_END in log_tail(postgres.log):
            return RestoreFailed(
                f"The log ends before {self.at}. Remove {self.into.root} and restore without --at: "
                "you get all that there is."
            )
        return RestoreFailed(
            f"The server could not recover; its reasons are at the end of {postgres.log}. "
            f"Remove {self.into.root} before trying again."
        )


def _progress(url: str) -> tuple[bool | None, datetime | None]:
    with suppress(psycopg2.Error), closing(connected(url)) as asked, asked.cursor() as cursor:
        cursor.execute(_RECOVERY)
        is_recovering, last = cursor.fetchone() or (None, None)
        return is_recovering, last
    return None, None


def _keep_files(backup: BaseBackup, into: DataDirectory) -> None:
    for source in backup.files.rglob("*"):
        if source.is_file():
            target = into.root / source.relative_to(backup.files)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(source, target)
            target.chmod(0o600)


def _hand_over(place: Path, account: Account | None) -> None:
    """Let the account of the server own everything, and nobody else read it."""
    for path in (place, *place.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        if account:
            shutil.chown(path, account.uid, account.gid)


def _number(segment: str) -> int:
    """Return the number of a file of the log; 256 of 16 MB share the middle part of their name."""
    place = place_in_log(segment)
    return int(place[:8], 16) * 256 + int(place[8:], 16)
