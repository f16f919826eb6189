"""The account that the embedded servers run as when leadhub is started by root.

PostgreSQL refuses root, and a broker has no business with it. The directories above the data
directory and the virtual environment may be closed to every other account (/root, a private
temporary directory). Their permissions are left as they are: data is reached through an open
file descriptor, and the servers' programs are copied to where the account may run them.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from leadhub.embedded.failures import CannotStart, unusable

# The administrator's choice first; the other one exists everywhere.
NAMES = ("leadhub", "nobody")
PROGRAMS = Path("/var/cache/leadhub")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """A system account, by its numbers."""

    name: str
    uid: int
    gid: int

    def may_reach(self, path: Path) -> bool:
        """Tell whether the account may enter every directory on the way to `path`."""
        return all(self._may_enter(place.stat()) for place in path.resolve().parents)

    def _may_enter(self, place: os.stat_result) -> bool:
        if place.st_uid == self.uid:
            return bool(place.st_mode & stat.S_IXUSR)
        if place.st_gid == self.gid:
            return bool(place.st_mode & stat.S_IXGRP)
        return bool(place.st_mode & stat.S_IXOTH)


def service_account() -> Account | None:
    """Return the account for the servers; None means the account that leadhub runs as.

    :raises CannotStart: if root has no account to hand over to.
    """
    if os.geteuid() != 0:
        return None
    for name in NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    msg = (
        "PostgreSQL does not run as root and there is no account to run it as: "
        "create one with `useradd --system leadhub` and start again."
    )
    raise CannotStart(msg)


def runnable_programs(source: Path, parts: tuple[str, ...], account: Account | None) -> Path:
    """Return a directory from which the account can run programs: `source`, or a copy of it.

    `parts` are the files and directories below `source` that the programs need.
    """
    if account is None or account.may_reach(source / parts[0]):
        return source
    files = [file for part in parts for file in _files_below(source / part)]
    listing = "\n".join(f"{file.relative_to(source)} {file.stat().st_size}" for file in files)
    place = PROGRAMS / hashlib.sha256(listing.encode()).hexdigest()[:16]
    if not place.exists():
        try:
            _copy(source, files, place)
        except OSError as error:
            raise unusable(PROGRAMS, error) from error
    return place


def _files_below(path: Path) -> list[Path]:
    return sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]


def _copy(source: Path, files: list[Path], place: Path) -> None:
    """Copy under another name first, so that a copy is whole or absent."""
    PROGRAMS.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=PROGRAMS))
    for file in files:
        target = new / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
    for directory in (new, *(path for path in new.rglob("*") if path.is_dir())):
        directory.chmod(0o755)
    try:
        new.rename(place)
    except OSError:
        shutil.rmtree(new)
        if not place.exists():  # else another start was faster
            raise


def _load_libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


_libc = _load_libc()  # loaded before any fork: nothing may be loaded in between


def become_child(parent: int, account: Account | None, last_signal: signal.Signals | None) -> None:
    """Prepare the new process between fork and exec: drop rights, and end with the parent.

    `last_signal` reaches it when the parent dies, however that happens; None lets it live. The
    order matters: a change of rights forgets the signal for the parent's death.
    """
    if account:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
        os.umask(0o077)
    if _libc and last_signal:
        _libc.prctl(_PR_SET_PDEATHSIG, last_signal)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
