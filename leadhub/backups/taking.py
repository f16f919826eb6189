"""Takes one base backup: copied, verified byte by byte, and only then called a backup."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from leadhub.backups.documents import keep_new_files
from leadhub.backups.failures import BackupFailed
from leadhub.backups.store import BaseBackup, first_segment_of, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from leadhub.backups.server import Server
    from leadhub.backups.store import Store
    from leadhub.embedded.directory import DataDirectory

# Without these a restored database is of no use: they open what is sealed, and browsers know them.
_KEPT_FILES = ("state/secrets.json", "vapid.pem", "demo.json")
_LAST_LINES = 12


def take_base_backup(
    store: Store, server: Server, *, files_of: DataDirectory | None, is_watched: bool
) -> BaseBackup:
    """Copy the running database and verify the copy.

    :param files_of: the data directory whose secrets belong to the database.
    :param is_watched: show a person how far it is.
    :raises BackupFailed: if there is no new backup; what was begun is gone then.
    """
    before = server.identify()
    store.prepare(before)
    with store.taken_by("base") as is_ours:
        if not is_ours:
            msg = f"Another backup into {store.root} is being taken: wait for it."
            raise BackupFailed(msg)
        for remains in store.base.glob("*.new"):
            shutil.rmtree(remains)
        place = store.place_of(before.now)
        new = place.with_name(f"{place.name}.new")
        new.mkdir(mode=0o700)
        try:
            _copy(server, new, major=before.major, is_watched=is_watched)
            if files_of:
                _keep_files(files_of, new / "files")
                keep_new_files(files_of.root, store.root)
            backup = BaseBackup(
                place=new,
                started_at=before.now,
                finished_at=server.identify().now,
                size=size_of(new / "data"),
                first_segment=first_segment_of(new / "data"),
                major=before.major,
                is_embedded=server.is_embedded,
            )
            backup.write()
        except OSError as error:
            msg = f"{error.filename or store.root} cannot be written ({error.strerror})."
            raise BackupFailed(msg) from error
        finally:
            if (new / "backup.json").exists():
                new.rename(place)
            else:
                shutil.rmtree(new, ignore_errors=True)
        return BaseBackup.read(place)


def verify(backup: BaseBackup, *, program: str) -> str:
    """Compare each file of a backup with what was noted of it when it was taken.

    :returns: what is wrong, empty for nothing.
    """
    return _complaint([program, "--quiet", "--exit-on-error", str(backup.data)])


def forget_log(store: Store, server: Server, *, major: int) -> None:
    """Delete the log that is older than the oldest base backup, which nothing needs."""
    oldest = store.backups()[0].first_segment
    program = server.tool("pg_archivecleanup", major)
    if complaint := _complaint([program, str(store.wal), oldest]):
        msg = f"The log before {oldest} could not be deleted: {complaint}"
        raise BackupFailed(msg)


def _copy(server: Server, new: Path, *, major: int, is_watched: bool) -> None:
    program = server.tool("pg_basebackup", major)
    command = [
        *(program, "--no-password", "--dbname", server.address, "--pgdata", str(new / "data")),
        # the log of the time of copying lies in it: it can be restored without any other
        *("--wal-method=stream", "--checkpoint=fast", "--label=leadhub"),
        "--manifest-checksums=SHA256",
        *(["--progress"] * is_watched),
    ]
    if complaint := _complaint(command, server, is_watched=is_watched):
        msg = f"The database could not be copied: {complaint}"
        raise BackupFailed(msg)
    checker = server.tool("pg_verifybackup", major)
    if complaint := _complaint([checker, "--quiet", "--exit-on-error", str(new / "data")]):
        msg = f"The copy is not what was sent, so it was thrown away: {complaint}"
        raise BackupFailed(msg)


def _keep_files(directory: DataDirectory, place: Path) -> None:
    for name in _KEPT_FILES:
        if (source := directory.root / name).exists():
            (target := place / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(source, target)
            target.chmod(0o600)


def _complaint(
    command: Sequence[str], server: Server | None = None, *, is_watched: bool = False
) -> str:
    """Run a program and return what it complains of, empty if it succeeded."""
    done = subprocess.run(  # noqa: S603 - programs of PostgreSQL
        command,
        env=dict(server.environment) if server else None,
        stdin=subprocess.DEVNULL,
        stdout=None if is_watched else subprocess.PIPE,
        stderr=None if is_watched else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    said = (done.stdout or "see above").strip().splitlines()[-_LAST_LINES:]
    return "\n".join(said) or f"status {done.returncode}"
