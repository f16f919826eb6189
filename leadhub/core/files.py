"""Files that tenants give, kept below the data directory by what they contain.

A file is named by the SHA-256 of its content, in a directory of its tenant's own, so that nobody
learns whether another tenant has the same one. It is written beside its place, synced, and only
then moved there: a file that is there is whole, whenever the power went. The row that names it is
committed after that, so a row never names a file that is not there; one whose row was rolled back
is used by the next that is the same.

Nothing personal belongs here: rows are erased in one transaction, files are not.
"""

import logging
import os
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop

from leadhub.core.errors import NotVisible, StateConflict

logger = logging.getLogger(__name__)

FOLDER = "files"
# Files of one directory stay few enough to be listed.
_PREFIX = 2


class CannotKeep(StateConflict):
    """There is no room for a file, or it cannot be written."""

    code = "file_not_kept"
    message = gettext_noop("The file could not be stored. Nothing was changed; try again later.")


def keep_file(*, owner: UUID, content: bytes) -> bytes:
    """Keep a file; the same content again is the same file.

    :returns: the digest by which it is read again, 32 bytes.
    :raises CannotKeep: if the disk is full or refuses.
    """
    digest = sha256(content).digest()
    place = _place_of(owner, digest)
    if place.exists():
        return digest
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(place, content)
    except OSError as error:
        logger.exception("a file of %s cannot be kept", owner)
        raise CannotKeep from error
    return digest


def read_file(*, owner: UUID, digest: bytes) -> bytes:
    """Read a file.

    :raises NotVisible: if it is gone, which is logged: a row promised it.
    """
    try:
        return _place_of(owner, digest).read_bytes()
    except FileNotFoundError:
        logger.error("the file %s of %s is missing", digest.hex(), owner)  # noqa: TRY400 - no fault of the code
        raise NotVisible from None


def _place_of(owner: UUID, digest: bytes) -> Path:
    name = digest.hex()
    root: Path = settings.LEADHUB_DATA
    return root / FOLDER / str(owner) / name[:_PREFIX] / name


def _write(place: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole or not at all, also after a crash."""
    with NamedTemporaryFile(dir=place.parent, prefix=".new-", delete=False) as new:
        try:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).rename(place)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
    for folder in (place.parent, place.parent.parent, place.parent.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Let the directory itself reach the disk: until then a new name in it may be lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
