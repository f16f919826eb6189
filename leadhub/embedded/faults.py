"""`bin/faults`: what docs/promises.md promises of faults, tried in the sizes that it names.

The tests are those of ``tests/faults``, which `bin/test` runs in a short form. They make whole
installations of their own and tell a figure for each promise; figures of tests that succeeded are
written into the table of ``docs/promises.md``, with the date. With words as arguments only the
promises of these numbers (``P1``), or tests with such a word in their name, are tried.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.application import ROOT
from leadhub.embedded.build import LOG, ensure_built
from leadhub.embedded.checks import forget_foreign_settings
from leadhub.embedded.programs import Program
from leadhub.embedded.steps import Steps
from leadhub.embedded.supervisor import Stopped, Supervisor
from leadhub.embedded.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGE = ROOT / "docs" / "promises.md"
_PYTEST = (
    *("pytest", "tests/faults", "--full", "--quiet", "--tb=short"),
    # one after the other, in the order of their files: they measure, and need the machine
    *("-p", "no:randomly", "-p", "no:cacheprovider", "--durations=0", "--durations-min=1"),
)
_ROW = re.compile(r"^(\| (?P<number>P\d+) \| .+ \| )(?P<figure>[^|]+)( \|)$", re.MULTILINE)


def try_faults(arguments: Sequence[str]) -> int:
    """Try what the arguments mean, write the figures; return pytest's status."""
    terminal = Terminal()
    supervisor = Supervisor(lambda line: terminal.say(line, "yellow"))
    forget_foreign_settings()
    with (
        supervisor.watching(),
        chdir(ROOT),
        tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as place,
    ):
        try:
            ensure_built(Steps(supervisor, terminal, LOG))
            told = Path(place) / "figures"
            told.touch()
            status = supervisor.run_once(_tests(arguments, told, Path(place)))
        except Stopped:
            return 130
        figures = read_figures(told)
    if figures:
        text = PAGE.read_text("utf-8")
        PAGE.write_text(written_into(text, figures, day=time.strftime("%Y-%m-%d")), "utf-8")
    for number in figures:
        terminal.say(f"{number}: {'; '.join(figures[number])}")
    return status


def _tests(words: Sequence[str], told: Path, place: Path) -> Program:
    about = [word for about in words for word in ("--about", about)]
    return Program(
        name="faults",
        argv=(sys.executable, "-m", *_PYTEST, "--figures", str(told), *about),
        environment={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "leadhub.settings",
            # pytest itself needs a database of nobody: every installation has its own
            "SECRET_KEY": "of tests",
            "LEADHUB_DATA": str(place),
            # whatever is left behind where this is stopped half-way goes with the directory
            "TMPDIR": str(place),
        },
        is_shown=True,
    )


def read_figures(told: Path) -> dict[str, list[str]]:
    """Read what the tests told, by the number of the promise.

    A promise of which one test failed, or was left out, has no figures.
    """
    figures: dict[str, list[str | None]] = {}
    for line in told.read_text("utf-8").splitlines():
        found = json.loads(line)
        figures.setdefault(found["promise"], []).append(found["figure"])
    return {
        number: [figure for figure in of_one if figure is not None]
        for number, of_one in sorted(figures.items())
        if None not in of_one
    }


def written_into(page: str, figures: Mapping[str, Sequence[str]], *, day: str) -> str:
    """Return the page with other figures in the rows of these promises, and the day they are of.

    Numbers that the page does not promise are left out.
    """

    def write(row: re.Match[str]) -> str:
        told = figures.get(row["number"])
        return f"{row[1]}{'; '.join(told)} ({day}){row[4]}" if told else row[0]

    return _ROW.sub(write, page)
