"""Back up the database: once, or for good."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from leadhub.backups.checking import shortcomings
from leadhub.backups.failures import BackupFailed
from leadhub.backups.receiving import Keeper, clear_up, describe
from leadhub.backups.server import Server
from leadhub.backups.store import Store
from leadhub.backups.taking import take_base_backup
from leadhub.embedded.directory import DataDirectory

if TYPE_CHECKING:
    from argparse import ArgumentParser

_SHORTEST_PAUSE = 60.0  # seconds between two base backups


class Command(BaseCommand):
    """Base backups and the log, by PostgreSQL's own tools."""

    help = (
        "Take a verified base backup of the running database into DIR. With --stay, receive the "
        "log as it is written as well, and take a base backup whenever one is due."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("directory", metavar="DIR", type=Path, help="on another disk, at best")
        parser.add_argument(
            "--stay", action="store_true", help="go on until stopped; lose seconds, not hours"
        )
        parser.add_argument(
            "--check", action="store_true", help="only say what there is; exit with 1 if too little"
        )
        parser.add_argument(
            "--keep", type=_count, default=7, metavar="N", help="base backups to keep (%(default)s)"
        )
        parser.add_argument(
            "--every",
            type=_hours,
            default=_hours("24"),
            metavar="HOURS",
            help="from one base backup to the next, with --stay and --check (24)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the three; what fails is said with what to do about it."""
        store = Store(options["directory"].absolute())
        try:
            server = _server()
            if options["check"]:
                self._check(store, server, options["every"])
            elif options["stay"]:
                self._stay(store, server, options)
            else:
                self._take(store, server, keep=options["keep"])
        except BackupFailed as failure:
            raise CommandError(str(failure)) from failure
        except OSError as error:
            msg = (
                f"{error.filename or store.root} cannot be used ({error.strerror}): mend that or "
                "name another directory. Backups that were there are as they were."
            )
            raise CommandError(msg) from error

    def _take(self, store: Store, server: Server, *, keep: int) -> None:
        backup = take_base_backup(
            store,
            server,
            files_of=DataDirectory(settings.LEADHUB_DATA),
            is_watched=sys.stderr.isatty(),
        )
        self._say(describe(backup))
        clear_up(store, server, keep=keep, major=backup.major, say=self._say)
        slot = server.slot()
        if slot is None or not slot.is_active:
            self._say(
                "Nobody receives the log: what is written from now on is not in it. "
                "`backup DIR --stay` receives it, and takes a base backup every day."
            )

    def _stay(self, store: Store, server: Server, options: dict[str, Any]) -> None:
        Keeper(
            store=store,
            server=server,
            every=options["every"],
            keep=options["keep"],
            say=self._say,
            files_of=DataDirectory(settings.LEADHUB_DATA),
        ).run()

    def _check(self, store: Store, server: Server, every: timedelta) -> None:
        found = shortcomings(store, server, every=every, say=self._say)
        if found:
            raise CommandError(" ".join(found))
        self._say("Backups are as they should be.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _server() -> Server:
    url = settings.DATABASE_BACKUP_URL
    if not url:
        msg = (
            "DATABASE_BACKUP_URL is not set: name the database with a role that has LOGIN and "
            "REPLICATION (docs/operating.md, Backups)."
        )
        raise BackupFailed(msg)
    parts = urlsplit(url)
    kept = DataDirectory(settings.LEADHUB_DATA).kept_ports().get("postgres")
    is_embedded = kept is not None and (parts.hostname, parts.port) == ("127.0.0.1", kept)
    return Server(url=url, is_embedded=is_embedded)


def _count(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        msg = f"{word!r} is no number of backups: at least 1"
        raise ArgumentTypeError(msg)
    return int(word)


def _hours(word: str) -> timedelta:
    try:
        return timedelta(seconds=max(float(word) * 3_600, _SHORTEST_PAUSE))
    except (ValueError, OverflowError) as error:
        msg = f"{word!r} is no number of hours"
        raise ArgumentTypeError(msg) from error
