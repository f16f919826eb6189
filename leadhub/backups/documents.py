"""Files that tenants gave, beside the backups of the database that names them.

They are never changed and named by their content, so all base backups share one directory of them:
what is new is copied, and each copy is compared with its name. A file is there before the row that
names it is committed; copied after the database, none is missing that the base backup names.
"""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

from leadhub.backups.failures import BackupFailed
from leadhub.core.files import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def keep_new_files(data: Path, backups: Path) -> int:
    """Copy the files that are not in the backups yet.

    :param data: a data directory.
    :param backups: the directory of backups.
    :returns: how many were copied.
    :raises BackupFailed: naming a file whose content is not what its name says.
    """
    copied = 0
    for source in files_in(data):
        target = backups / source.relative_to(data)
        if not target.exists():
            _copy(source, target)
            copied += 1
    return copied


def bring_back_files(backups: Path, data: Path) -> list[str]:
    """Copy every file into a data directory.

    :returns: those that are damaged in the backups, which are left out.
    """
    damaged = []
    for source in files_in(backups):
        try:
            _copy(source, data / source.relative_to(backups))
        except BackupFailed:
            damaged.append(source.name)
    return damaged


def files_in(root: Path) -> Iterator[Path]:
    """Find the files below a data directory or a directory of backups, whole ones only."""
    folder = root / FOLDER
    found = folder.glob("*/*/*") if folder.exists() else ()
    yield from sorted(path for path in found if not path.name.startswith("."))


def _copy(source: Path, target: Path) -> None:
    """Copy a file so that it is there as a whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = target.with_name(f".new-{target.name}")
    shutil.copyfile(source, new)
    new.chmod(0o600)
    with new.open("rb") as written:
        os.fsync(written.fileno())
        digest = sha256(written.read()).hexdigest()
    if digest != target.name:
        new.unlink()
        msg = f"{source} is not what its name says it is: that disk changes what it stores."
        raise BackupFailed(msg)
    new.rename(target)
