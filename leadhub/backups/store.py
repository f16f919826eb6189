"""A directory of backups: what lies where, who may write, and what is kept.

::

    DIR/
      backups.json              whose backups these are
      base/20261123T043500Z/    one base backup: taken whole and verified, or not there
        data/                   what a server starts from, as pg_basebackup wrote it
        files/                  small files of the data directory without which it is no use
        backup.json             when, how much, from which place of the log on
      files/                    files that tenants gave, named by their content
      wal/                      the log since the oldest base backup, as pg_receivewal writes it
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leadhub.backups.failures import BackupFailed
from leadhub.embedded.directory import locks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadhub.backups.server import Identity

_LABEL = re.compile(r"^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)$", re.MULTILINE)
_SEGMENT = re.compile(r"^([0-9A-F]{8})([0-9A-F]{16})(\.partial)?$")
_NAME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class BaseBackup:
    """One copy of the whole database.

    :ivar started_at: when it was begun, by the clock of the server.
    :ivar finished_at: from when on it can be restored to any instant.
    :ivar size: bytes of `data`.
    :ivar first_segment: the file of the log with which a restore begins.
    :ivar is_embedded: whether the server was one that leadhub runs.
    """

    place: Path
    started_at: datetime
    finished_at: datetime
    size: int
    first_segment: str
    major: int
    is_embedded: bool

    @property
    def name(self) -> str:
        """How people name it."""
        return self.place.name

    @property
    def data(self) -> Path:
        """What a server starts from."""
        return self.place / "data"

    @property
    def files(self) -> Path:
        """Small files of the data directory."""
        return self.place / "files"

    def write(self) -> None:
        """Write what is known of it beside it."""
        known = {name: _plain(value) for name, value in asdict(self).items() if name != "place"}
        (self.place / "backup.json").write_text(json.dumps(known, indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, place: Path) -> BaseBackup:
        """Read what is known of it."""
        known: dict[str, Any] = json.loads((place / "backup.json").read_text("utf-8"))
        for name in ("started_at", "finished_at"):
            known[name] = datetime.fromisoformat(known[name])
        return cls(place=place, **known)


@dataclass(frozen=True)
class Store:
    """A directory of backups."""

    root: Path

    @property
    def base(self) -> Path:
        """The base backups."""
        return self.root / "base"

    @property
    def wal(self) -> Path:
        """The log."""
        return self.root / "wal"

    def prepare(self, identity: Identity) -> None:
        """Create what is missing, for one cluster alone.

        :raises BackupFailed: if the directory holds something else, or backups of another one.
        """
        whose = self.root / "backups.json"
        if self.root.exists() and not whose.exists() and any(self.root.iterdir()):
            msg = f"{self.root} holds other files than backups: name an empty or a new directory."
            raise BackupFailed(msg)
        for place in (self.root, self.base, self.wal):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not whose.exists():
            whose.write_text(json.dumps({"cluster": identity.cluster}) + "\n", "utf-8")
        if json.loads(whose.read_text("utf-8"))["cluster"] != identity.cluster:
            msg = f"{self.root} holds backups of another database: name a directory of its own."
            raise BackupFailed(msg)
        newest = max((int(name[:8], 16) for name in self.segments()), default=0)
        if newest > identity.timeline:
            msg = (
                f"{self.root} holds the log of a database that was restored from this one: "
                "name another directory for the older of the two."
            )
            raise BackupFailed(msg)

    def backups(self) -> list[BaseBackup]:
        """Return the base backups, oldest first."""
        places = self.base.glob("*/backup.json")
        return sorted(
            (BaseBackup.read(place.parent) for place in places), key=lambda one: one.started_at
        )

    def segments(self) -> list[str]:
        """Name the files of the log, oldest first; the one that is being written ends otherwise."""
        if not self.wal.exists():
            return []
        return sorted(path.name for path in self.wal.iterdir() if _SEGMENT.match(path.name))

    def place_of(self, started_at: datetime) -> Path:
        """Name the place of a new base backup."""
        return self.base / started_at.strftime(_NAME)

    def prune(self, *, keep: int) -> list[BaseBackup]:
        """Delete all but the newest base backups; return what went."""
        gone = self.backups()[:-keep]
        for backup in gone:
            # without this file it is none, however far the deletion gets
            (backup.place / "backup.json").unlink()
            shutil.rmtree(backup.place)
        return gone

    @contextmanager
    def taken_by(self, what: str) -> Iterator[bool]:
        """Hold the right to do something here; ``False`` if another process does it."""
        with (self.root / f"{what}.lock").open("w", encoding="utf-8") as lock:
            yield locks(lock, fcntl.LOCK_EX)


def first_segment_of(data: Path) -> str:
    """Read in a base backup with which file of the log a restore begins."""
    found = _LABEL.search((data / "backup_label").read_text("utf-8"))
    if not found:
        msg = f"{data / 'backup_label'} does not say where the log begins."
        raise BackupFailed(msg)
    return found[1]


def place_in_log(segment: str) -> str:
    """Return what orders files of the log, whatever life of the server they are of."""
    return segment[8:24]


def size_of(directory: Path) -> int:
    """Add up the bytes of the files below a directory."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
