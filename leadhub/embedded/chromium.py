"""Chromium, in which the tests look at pages: the machine's own, or installed from Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.failures import CannotStart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadhub.embedded.steps import Steps

INSTRUCTIONS = (
    "The tests of pages need Chromium, and none is on the PATH. Install it (on Debian, as root: "
    "apt-get update && apt-get install --no-install-recommends chromium) and start again."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_TESTS = Path("tests/browser")


def find_chromium() -> str | None:
    """Return the browser that the PATH names."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def ensure_chromium(steps: Steps) -> None:
    """Install the browser where there is none and this account may; else say what to do.

    The tests of pages fail without it, all others run.
    """
    if find_chromium():
        return
    try:
        _install(steps)
    except CannotStart as failure:
        steps.terminal.say(str(failure), "yellow")


def is_needed(arguments: Sequence[str], *, root: Path) -> bool:
    """Tell whether tests of pages are among those that pytest's arguments choose."""
    places = [root / word.partition("::")[0] for word in arguments if not word.startswith("-")]
    chosen = [place for place in places if place.exists()]
    pages = root / _TESTS
    return not chosen or any(
        place.is_relative_to(pages) or pages.is_relative_to(place) for place in chosen
    )


def _install(steps: Steps) -> None:
    rights = _rights()
    if rights is None:
        raise CannotStart(INSTRUCTIONS)
    apt = (*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes")
    steps.begin_log()
    with steps.show("Chromium, for the tests of pages"):
        for words in (("update",), ("install", "--no-install-recommends", "chromium")):
            if not steps.runs("apt-get", (*apt, *words)):
                raise steps.failure(
                    what="Chromium, in which pages are tested, could not be installed",
                    remedy="Install it yourself",
                    place=Path("/var/cache/apt"),
                )


def _rights() -> tuple[str, ...] | None:
    """Return what to put before apt-get, None where this account may not use it."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    question = [sudo, "-n", "true"]
    is_allowed = subprocess.run(question, capture_output=True, check=False).returncode == 0  # noqa: S603
    return (sudo, "-n") if is_allowed else None
