"""What the person at the terminal sees of a start; readable in a log file as well."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WIDTH = 110  # columns where the output is no terminal
_SHOWN_PARTNERS = 2  # per manufacturer; demo.json has them all


class _Patient(Console):
    """A console whose reader may leave: what nobody reads is not worth stopping for."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Terminal:
    """Steps, lines and the log-ins."""

    def __init__(self, file: TextIO | None = None) -> None:
        """Take the stream to write to, by default the standard output."""
        self._file = file or sys.stdout
        width = None if self._file.isatty() else _WIDTH
        self._console = _Patient(
            file=self._file, highlight=False, soft_wrap=True, width=width, emoji=False
        )

    def say(self, line: str, style: str = "") -> None:
        """Show a line. A full disk or a closed terminal must not stop what runs well."""
        with suppress(OSError):
            self._console.print(line, style=style or None, markup=False)

    @contextmanager
    def step(self, label: str, *, announced: bool = False) -> Iterator[None]:
        """Show that a step is done, and how long it took; announce the long ones."""
        started = time.monotonic()
        if announced:
            self.say(f"… {label}", "dim")
        yield
        self.say(f"✓ {label}   {time.monotonic() - started:.1f} s")

    def exact(self, line: str) -> None:
        """Write a line that programs wait for, at once and without any decoration."""
        with suppress(OSError):
            self._file.write(line + "\n")
            self._file.flush()

    def show_log_ins(self, demo_file: Path) -> None:
        """Show who may enter the demo world."""
        table = Table(title="Log-ins of the demo world", title_justify="left", box=None)
        for heading in ("network", "person"):
            table.add_column(heading)
        # What somebody has to type stands whole and in one line, however narrow the terminal.
        for heading in ("e-mail", "password"):
            table.add_column(heading, no_wrap=True)
        for row in _log_ins(demo_file):
            table.add_row(*row)
        with suppress(OSError):
            self._console.print(table)
        self.say("Manufacturers' people type a code as well: bin/manage demo_code E-MAIL shows it.")
        self.say(f"API keys and all other log-ins: {demo_file}")


def _log_ins(demo_file: Path) -> list[tuple[str, str, str, str]]:
    rows = []
    for network in json.loads(demo_file.read_text("utf-8"))["manufacturers"]:
        people = [(network["name"], user) for user in network["users"]]
        partners = [partner for partner in network["partners"] if partner["users"]]
        for partner in partners[:_SHOWN_PARTNERS]:
            people += [(partner["name"], user) for user in partner["users"][:1]]
        rows += [
            (network["name"], f"{user['role']}, {place}", user["email"], user["password"])
            for place, user in people
        ]
    return rows
