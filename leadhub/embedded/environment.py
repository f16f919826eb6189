"""The Python environment: made on the first start, brought up to date when the lock files change.

Runs on the system's Python before anything is installed, so it uses the standard library only
and imports nothing of leadhub. Afterwards it becomes the command that was asked for.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ("base", "dev")  # every level holds the packages of those before it
INSTALLER = "uv"
HELD_BACK = (signal.SIGTERM, signal.SIGINT)

_OUT_OF_SPACE = ("no space left on device", "disk quota exceeded", "errno 28")


class SetUpFailed(Exception):
    """The environment could not be made; the message says why and what to do."""


class Stamp(NamedTuple):
    """What an environment was made from; equal stamps mean nothing needs to be installed."""

    level: str
    place: str
    python: str
    locks: dict[str, str]

    def covers(self, wanted: Stamp) -> bool:
        """Tell whether an environment with this stamp serves for the wanted one."""
        return (
            (self.place, self.python) == (wanted.place, wanted.python)
            and LEVELS.index(self.level) >= LEVELS.index(wanted.level)
            and wanted.locks.items() <= self.locks.items()
        )


def wanted_stamp(*, root: Path, level: str) -> Stamp:
    """Describe the environment that the lock files of this checkout ask for."""
    names = (INSTALLER, *LEVELS[: LEVELS.index(level) + 1])
    return Stamp(
        level=level,
        # scripts and links of an environment name its place: a copied one must be made anew
        place=str(root / ".venv"),
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        locks={name: _digest(_lock_file(root, name)) for name in names},
    )


def read_stamp(root: Path) -> Stamp | None:
    """Return the stamp of the environment that is there, None without a usable one."""
    try:
        stamp = Stamp(**json.loads((root / ".venv" / "leadhub.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return stamp if stamp.level in LEVELS and python_of(root).exists() else None


def python_of(root: Path) -> Path:
    """Name the interpreter of the environment."""
    return root / ".venv" / "bin" / "python"


def ensure_environment(*, root: Path, level: str, log_file: Path) -> None:
    """Make the environment, or bring it up to date, unless it already covers the level.

    :raises SetUpFailed: if a step fails; `log_file` then holds its output.
    """
    if _is_covered(root, level):
        return
    with _locked(root):
        found = read_stamp(root)
        if _is_covered(root, level):  # another command made it while this one waited
            return
        if found and LEVELS.index(found.level) > LEVELS.index(level):
            level = found.level  # bin/run takes nothing away from bin/test
        _make(root=root, wanted=wanted_stamp(root=root, level=level), found=found, log=log_file)


def _is_covered(root: Path, level: str) -> bool:
    found = read_stamp(root)
    return found is not None and found.covers(wanted_stamp(root=root, level=level))


def _make(*, root: Path, wanted: Stamp, found: Stamp | None, log: Path) -> None:
    started = time.monotonic()
    _say(f"… Python packages: installing into {root / '.venv'}")
    place = root / ".venv"
    (place / "leadhub.json").unlink(missing_ok=True)
    if not found or (found.place, found.python) != (wanted.place, wanted.python):
        if place.exists():
            shutil.rmtree(place)
        if not _runs([sys.executable, "-m", "venv", str(place)], log):
            raise SetUpFailed(_reason(log, "The Python environment could not be made"))
    _install(root=root, level=wanted.level, log=log)
    stamp = place / "leadhub.json.new"
    stamp.write_text(json.dumps(wanted._asdict()), "utf-8")
    stamp.replace(place / "leadhub.json")
    _say(f"✓ Python packages   {time.monotonic() - started:.1f} s")


def _install(*, root: Path, level: str, log: Path) -> None:
    """Install what the lock files name, hashes checked; by uv, or by pip where uv finds no index.

    A mirror is often set for pip alone, and pip is ten times slower: hence both.
    """
    python = str(python_of(root))
    installer, packages = str(_lock_file(root, INSTALLER)), str(_lock_file(root, level))
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["--require-hashes", "--no-deps", "-r"]
    uv = [python, "-m", "uv", "pip", "sync", "--python", python, "--require-hashes"]
    if _runs([*pip, installer], log) and _runs([*uv, packages, installer], log):
        return
    if not _runs([*pip, packages], log):
        raise SetUpFailed(_reason(log, "The Python packages could not be installed"))


def _runs(command: Sequence[str], log: Path) -> bool:
    """Run a command, its output added to the log, and tell whether it succeeded."""
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(command)}\n".encode())
        output.flush()
        done = subprocess.run(  # noqa: S603 - commands of this file, with paths of this checkout
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    return done.returncode == 0


def _reason(log: Path, what: str) -> str:
    """Say what failed and what to do, as far as the log tells."""
    text = log.read_text("utf-8", "replace").lower()
    if any(words in text for words in _OUT_OF_SPACE):
        return f"{what}: the disk is full. Free some space and start again; details: {log}"
    return (
        f"{what}. Check that this machine reaches a Python package index "
        f"(a mirror can be named in pip's settings) and start again; details: {log}"
    )


def _lock_file(root: Path, name: str) -> Path:
    return root / "requirements" / f"{name}.txt"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / ".venv.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("… Python packages: waiting for another leadhub command that installs them")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def lock_packages(*, root: Path, arguments: Sequence[str]) -> int:
    """Write requirements/*.txt anew from pyproject.toml, for every platform, naming no host."""
    compiler = [str(python_of(root)), "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    compiler += ["--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header"]
    sources = {
        INSTALLER: ["requirements/uv.in"],
        "node": ["requirements/node.in"],
        "base": ["pyproject.toml"],
        "dev": ["pyproject.toml", "--group", "dev", "--constraint", "requirements/base.txt"],
    }
    for name, source in sources.items():
        command = [*compiler, *source, *arguments, "--output-file", f"requirements/{name}.txt"]
        if subprocess.run(command, cwd=root, check=False).returncode:  # noqa: S603
            return 1
    return 0


def _log_file(root: Path, arguments: Sequence[str]) -> Path:
    """Name the log of the installation: among the logs of the data directory of the command."""
    data = root / ".leadhub"
    for index, word in enumerate(arguments):
        if word == "--data" and index + 1 < len(arguments):
            data = Path(arguments[index + 1])
        elif word.startswith("--data="):
            data = Path(word.removeprefix("--data="))
    place = data.absolute() / "log"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.mkdir(exist_ok=True, mode=0o700)
    return place / "install.log"


def _stop(_number: int, _frame: object) -> None:
    sys.exit(0)  # ends what is running on the way


def _become(command: str, arguments: Sequence[str]) -> None:
    """Replace this process by the command itself, in the environment."""
    paths = (str(ROOT), os.environ.get("PYTHONPATH", ""))
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    python = str(python_of(ROOT))
    # held back until the command is ready to hear them
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)
    os.execv(python, [python, "-m", "leadhub.embedded", command, *arguments])  # noqa: S606


def main(command: str, arguments: Sequence[str]) -> int:
    """Make sure the environment is there, then become the command."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        ensure_environment(
            root=ROOT,
            level="base" if command in {"run", "manage", "build"} else "dev",
            log_file=_log_file(ROOT, arguments if command in {"run", "manage"} else ()),
        )
    except SetUpFailed as failure:
        _say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        _say(
            f"{error.filename or ROOT} cannot be used ({error.strerror}): "
            "mend that, or name another directory with --data, and start again."
        )
        return 1
    if command == "lock":
        return lock_packages(root=ROOT, arguments=arguments)
    _become(command, arguments)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
