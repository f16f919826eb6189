"""What keeps leadhub from starting, said in one sentence with what to do about it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT}
_TAIL = 64 * 1024


class CannotStart(Exception):
    """A step failed; the message says which, why, and what to do."""


def disk_is_full(directory: Path) -> CannotStart:
    """Build the refusal for a full disk."""
    return CannotStart(
        f"The disk that holds {directory} is full. "
        f"Free some space (df -h {directory} shows how much is left) and start again."
    )


def unusable(directory: Path, error: OSError) -> CannotStart:
    """Build the refusal for a directory that cannot be written."""
    if error.errno in _OUT_OF_SPACE:
        return disk_is_full(directory)
    return CannotStart(
        f"{error.filename or directory} cannot be used: {error.strerror}. "
        "Make it writable, or name another directory with --data."
    )


def failed_step(*, what: str, log: Path, directory: Path) -> CannotStart:
    """Build the refusal for a program that failed, from what its log tells."""
    if mentions_full_disk(log):
        return disk_is_full(directory)
    return CannotStart(f"{what}. The reason is at the end of {log}; mend it and start again.")


def mentions_full_disk(log: Path) -> bool:
    """Tell whether the end of a log complains about space."""
    words = ("no space left on device", "disk quota exceeded", "diskfull")
    return any(word in log_tail(log).lower() for word in words)


def log_tail(log: Path) -> str:
    """Return the end of a log, empty without one."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
