"""The browsers in which the tests look at pages: the machine's own, or installed from Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.failures import CannotStart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadhub.embedded.steps import Steps

_TESTS = Path("tests/browser")


@dataclass(frozen=True)
class Kind:
    """A browser.

    :ivar programs: what it is called on a PATH, the first that is there.
    :ivar package: what Debian calls it.
    """

    name: str
    programs: tuple[str, ...]
    package: str

    def find(self) -> str | None:
        """Return the program that the PATH names."""
        return next((found for name in self.programs if (found := shutil.which(name))), None)

    @property
    def instructions(self) -> str:
        """Say how to come by it."""
        return (
            f"Tests of pages need {self.name}, and none is on the PATH. Install it (on Debian, as "
            f"root: apt-get update && apt-get install --no-install-recommends {self.package}) and "
            "start again."
        )


CHROMIUM = Kind("Chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium")
FIREFOX = Kind("Firefox", ("firefox-esr", "firefox"), "firefox-esr")


def ensure_browsers(steps: Steps) -> None:
    """Install what is missing where this account may; else say what to do.

    Without Chromium the tests of pages fail, without Firefox those of its own are left out.
    """
    missing = [kind for kind in (CHROMIUM, FIREFOX) if not kind.find()]
    if not missing:
        return
    try:
        _install(steps, missing)
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


def _install(steps: Steps, missing: Sequence[Kind]) -> None:
    rights = _rights()
    if rights is None:
        raise CannotStart(" ".join(kind.instructions for kind in missing))
    apt = (*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes")
    names = " and ".join(kind.name for kind in missing)
    packages = [kind.package for kind in missing]
    steps.begin_log()
    with steps.show(f"{names}, for the tests of pages"):
        for words in (("update",), ("install", "--no-install-recommends", *packages)):
            if not steps.runs("apt-get", (*apt, *words)):
                raise steps.failure(
                    what=f"{names}, in which pages are tested, could not be installed",
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
