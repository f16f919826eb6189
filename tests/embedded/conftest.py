"""Fixtures: steps of a set-up as a command runs them, and a PATH of its own for what they call."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.steps import Steps
from leadhub.embedded.supervisor import Supervisor
from leadhub.embedded.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shown() -> io.StringIO:
    """What the person at the terminal sees."""
    return io.StringIO()


@pytest.fixture
def steps(tmp_path: Path, shown: io.StringIO) -> Iterator[Steps]:
    supervisor = Supervisor(print)
    with supervisor.watching():
        yield Steps(supervisor, Terminal(shown), tmp_path / "log" / "build.log")


class Programs:
    """A directory that is the whole PATH: what is not put there is not on the machine."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    def put(self, name: str, code: str) -> Path:
        """Put a program there, written in Python."""
        program = self.place / name
        program.write_text(
            f"#!{sys.executable}\nimport os, sys\nfrom pathlib import Path\n{code}\n"
        )
        program.chmod(0o755)
        return program


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(made.place))
    return made
