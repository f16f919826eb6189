"""Restore a backup into a new data directory, and say what is there and what is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from leadhub.backups.failures import BackupFailed, RestoreFailed
from leadhub.backups.restoring import Recovered, Restore
from leadhub.backups.store import BaseBackup, Store
from leadhub.embedded.application import ROOT
from leadhub.embedded.directory import DataDirectory
from leadhub.embedded.failures import CannotStart
from leadhub.embedded.services import settings_environment

if TYPE_CHECKING:
    from argparse import ArgumentParser

# What is asked of the restored database, and what it means if the answer is no.
_CHECKS = (
    (("migrate", "--check", "--database", "owner"), "is of another version of leadhub"),
    (("check_invariants", "--without-timers"), "breaks an invariant"),
    (("verify_log",), "has a log that is not as it was written"),
)


class Command(BaseCommand):
    """The way back from a backup."""

    help = (
        "Restore the backups in BACKUPS into a new directory: to the end of the log, or to an "
        "instant. Nothing that is there is touched."
    )
    requires_system_checks = ()  # they ask a database that may be gone

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "backups", metavar="BACKUPS", type=Path, help="directory given to `backup`"
        )
        parser.add_argument(
            "--into", metavar="DIR", type=Path, required=True, help="a new data directory"
        )
        parser.add_argument(
            "--at", type=_instant, metavar="TIME", help="such as 2026-11-23T10:15:00+01:00"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, check, and say what to do next."""
        started = time.monotonic()
        into: Path = options["into"].absolute()
        if into.exists() and any(into.iterdir()):
            msg = f"{into} is not empty: name a new directory, nothing living is written over."
            raise CommandError(msg)
        restore = Restore(
            store=Store(options["backups"].absolute()),
            into=DataDirectory(into),
            at=options["at"],
            say=self._say,
        )
        try:
            backup = restore.choose()
            DataDirectory.open(into)
            if backup.is_embedded:
                broken = self._start(restore, backup)
            else:
                broken = self._lay_out(restore, backup)
        except (BackupFailed, RestoreFailed, CannotStart) as failure:
            raise CommandError(str(failure)) from failure
        except OSError as error:
            msg = (
                f"{error.filename or into} cannot be used ({error.strerror}): mend that, remove "
                f"{into} and try again. The backups are as they were."
            )
            raise CommandError(msg) from error
        self._say(f"Restored in {time.monotonic() - started:.0f} s.")
        if broken:
            msg = f"The restored database {', '.join(broken)}: see above."
            raise CommandError(msg)

    def _start(self, restore: Restore, backup: BaseBackup) -> list[str]:
        """Recover, check, stop; return what is wrong."""
        recovered = restore.recover(backup)
        postgres = recovered.services.postgres
        try:
            self._tell_loss(recovered, restore)
            environment = settings_environment(
                restore.into, recovered.services, base_url=settings.LEADHUB_BASE_URL
            )
            broken = [words for command, words in _CHECKS if not _succeeds(command, environment)]
        finally:
            if postgres:
                postgres.end_leftover()
        place = restore.into.root
        self._say(f"Start it with `bin/run --empty --data {place}`. {_AFTERWARDS}")
        return broken

    def _lay_out(self, restore: Restore, backup: BaseBackup) -> list[str]:
        """Write what an operator's own server starts from."""
        place = restore.into.root / "postgres"
        restore.lay_out(backup, place, account=None)
        lines = [f"{name} = '{_quoted(value)}'\n" for name, value in restore.settings().items()]
        with (place / "data" / "postgresql.auto.conf").open("a", encoding="utf-8") as conf:
            conf.writelines(lines)
        checks = "; ".join(f"manage.py {' '.join(command)}" for command, _ in _CHECKS)
        self._say(
            f"Let PostgreSQL {backup.major} own {place} and start it on {place / 'data'}: it "
            "recovers and then takes connections. Point DATABASE_URL and DATABASE_OWNER_URL to it "
            f"and run: {checks}. Then delete {place / 'wal'}. {_AFTERWARDS}"
        )
        return []

    def _tell_loss(self, recovered: Recovered, restore: Restore) -> None:
        last = recovered.last_commit or recovered.backup.finished_at
        self._say(
            f"Recovered: all that was committed up to {last.isoformat(timespec='milliseconds')}. "
            + (
                "What was written after the instant asked for is not in it."
                if restore.at
                else "What the lost server committed later, if anything, is lost."
            )
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


_AFTERWARDS = (
    "Messages sent after that instant leave again, with the ids they had; what was erased after it "
    "has to be erased again. Back it up into a new directory, or go on with this one."
)


def _succeeds(command: tuple[str, ...], environment: dict[str, str]) -> bool:
    done = subprocess.run(  # noqa: S603 - a command of ours
        [sys.executable, str(ROOT / "manage.py"), *command], env=environment, check=False
    )
    return done.returncode == 0


def _instant(word: str) -> datetime:
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        msg = f"{word!r} is no instant with its time zone, such as 2026-11-23T10:15:00+01:00"
        raise ArgumentTypeError(msg)
    return at


def _quoted(value: str) -> str:
    return value.replace("'", "''")
