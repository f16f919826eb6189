"""Styles and scripts of the pages, built again when what they are made from has changed.

Tailwind takes the names of classes from templates, so these are among the sources; which, say the
`@source` lines of the styles. Finding out that nothing has changed costs some milliseconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
import re
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.directory import locks
from leadhub.embedded.node import ensure_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadhub.embedded.node import Node
    from leadhub.embedded.steps import Steps

_MADE = {"node_modules", "dist", "dist.new"}
_MANIFEST = "manifest.json"
_SOURCE_LINE = re.compile(r"""@source\s+(?:not\s+)?["']([^"']+)["']""")
# Pages that were opened before a build still ask for the parts of the build they came from, and a
# server that was started before it still serves them.
_KEPT_FOR = 7 * 24 * 3600.0  # seconds


def ensure_assets(*, root: Path, steps: Steps) -> None:
    """Build styles and scripts, unless those that are there were made from the same sources.

    :raises CannotStart: if a step fails; what was built before is still there then.
    """
    assets = root / "assets"
    if is_built(assets):
        return
    with _alone(assets, steps):
        if is_built(assets):  # another command built them while this one waited
            return
        steps.begin_log()
        digest = digest_of_sources(assets)
        node = ensure_node(root=root, steps=steps)
        _install_packages(assets, node, steps)
        with steps.show("Styles and scripts"):
            _build(assets, node, steps)
            publish(assets / "dist.new", assets / "dist")
            _write(_stamp(assets), digest)


def is_built(assets: Path) -> bool:
    """Tell whether the build that is there was made from the sources as they are now."""
    made = assets / "dist" / _MANIFEST
    return made.exists() and _read(_stamp(assets)) == digest_of_sources(assets)


def digest_of_sources(assets: Path) -> str:
    """Return a digest of everything that the build reads, and of how it is built."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in _sources(assets):
        name = file.relative_to(assets.parent)
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _sources(assets: Path) -> list[Path]:
    own = {file for place in assets.iterdir() if place.name not in _MADE for file in _files(place)}
    styles = [file for file in own if file.suffix == ".css"]
    return sorted(own.union(*(_files(place) for place in _places_named_by(styles))))


def _places_named_by(styles: list[Path]) -> set[Path]:
    """Return what `@source` lines name; a pattern stands for the whole directory it begins with."""
    return {
        (style.parent / re.split(r"[^/]*[*?{\[]", named)[0]).resolve()
        for style in styles
        for named in _SOURCE_LINE.findall(style.read_text("utf-8"))
    }


def _files(place: Path) -> set[Path]:
    """Return the files of a place, without hidden ones and those that Python makes."""
    found = place.rglob("*") if place.is_dir() else [place]
    return {
        file
        for file in found
        if file.is_file() and not file.name.startswith(".") and file.suffix != ".pyc"
    }


def _install_packages(assets: Path, node: Node, steps: Steps) -> None:
    """Install what the lock file names. Scripts of packages are not run: none of them needs any."""
    place = assets / "node_modules"
    digest = hashlib.sha256(f"{sys.platform} {platform.machine()}".encode())
    for name in ("package.json", "package-lock.json"):
        digest.update((assets / name).read_bytes())
    if _read(place / ".leadhub") == digest.hexdigest():
        return
    with steps.show("Packages for styles and scripts"):
        (place / ".leadhub").unlink(missing_ok=True)
        # `npm ci` would refuse a lock file in which packages for other platforms are missing
        command = (*node.npm, "install", "--prefix", str(assets), "--no-save", "--ignore-scripts")
        if not steps.runs("npm", (*command, "--include=dev")):
            raise steps.failure(
                what="The packages for styles and scripts could not be installed",
                remedy="Check that this machine reaches an npm registry "
                "(a mirror can be named in npm's settings)",
                place=assets,
            )
        _write(place / ".leadhub", digest.hexdigest())


def _build(assets: Path, node: Node, steps: Steps) -> None:
    """Build, and put compressed copies beside the files, which WhiteNoise serves."""
    vite = assets / "node_modules" / "vite" / "bin" / "vite.js"
    building = (*node.node, str(vite), "build", str(assets))
    made = str(assets / "dist.new")
    compressing = (sys.executable, "-m", "whitenoise.compress", "--quiet", "--no-brotli", made)
    is_made = steps.runs("vite", building, NODE_ENV="production", NO_COLOR="1")
    if not (is_made and steps.runs("compress", compressing)):
        raise steps.failure(
            what="Styles and scripts could not be built",
            remedy="Mend what stands at the end of the log",
            place=assets,
        )


def publish(made: Path, place: Path) -> None:
    """Move a build to where it is served from, the manifest that names its files last."""
    names = [file.relative_to(made) for file in made.rglob("*") if file.is_file()]
    for name in sorted(names, key=lambda name: name == Path(_MANIFEST)):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).replace(place / name)
    shutil.rmtree(made)
    for file in {file for file in place.rglob("*") if file.is_file()}:
        is_old = file.stat().st_mtime < time.time() - _KEPT_FOR
        if is_old and file.relative_to(place) not in names:
            file.unlink()


@contextmanager
def _alone(assets: Path, steps: Steps) -> Iterator[None]:
    """Let one command build at a time."""
    with (assets / ".lock").open("w", encoding="utf-8") as lock:
        if not locks(lock, fcntl.LOCK_EX):
            steps.terminal.say("… waiting for another leadhub command that builds the styles")
            steps.wait_for(lambda: locks(lock, fcntl.LOCK_EX))
        yield


def _stamp(assets: Path) -> Path:
    return assets / ".built"


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _write(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, "utf-8")
    new.replace(file)
