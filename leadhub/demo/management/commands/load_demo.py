"""Load the demo world: two invented manufacturers with their networks and three months of leads."""

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from leadhub.core import clock
from leadhub.core.postal_codes import is_loaded
from leadhub.demo.describing import read_description, write_description
from leadhub.demo.helping import HelperFailed
from leadhub.demo.places import COUNTRIES
from leadhub.demo.size import Size
from leadhub.demo.world import is_complete, make_world

LINE_EVERY = 5.0  # seconds, where there is no terminal


class Command(BaseCommand):
    """Loads once; afterwards it only sees to it that the description is there."""

    help = "Load the demo world, unless it is there, and describe it in a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        whole = Size()
        parser.add_argument("--base-url", required=True, help="where leadhub answers")
        parser.add_argument("--write", required=True, metavar="FILE", help="the description")
        parser.add_argument("--partners", type=int, default=whole.partners, help="of each network")
        parser.add_argument("--leads", type=int, default=whole.leads, help="of each network")
        parser.add_argument(
            "--one-process", action="store_true", help="take twice as long, on one processor"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or say what is missing."""
        path, base_url = Path(options["write"]), options["base_url"].rstrip("/")
        description = read_description(path)
        if description is not None and is_complete():
            if description.get("base_url") != base_url:
                write_description(path, {**description, "base_url": base_url})
            self.stdout.write("The demo world is loaded already.")
            return
        if not is_loaded(country for country, _ in COUNTRIES):
            msg = "Postal codes are missing: run `load_postal_codes` first."
            raise CommandError(msg)
        with showing_progress(options.get("stdout") or sys.stdout) as progress:
            try:
                manufacturers = make_world(
                    size=Size(partners=options["partners"], leads=options["leads"]),
                    now=clock.now(),
                    progress=progress,
                    with_helper=not options["one_process"] and (os.cpu_count() or 1) > 1,
                )
            except HelperFailed as error:
                msg = "The second process failed; what it said stands above. Nothing was loaded."
                raise CommandError(msg) from error
        write_description(path, {"base_url": base_url, "manufacturers": manufacturers})
        self.stdout.write(f"The demo world is loaded and described in {path}.")


@contextmanager
def showing_progress(stream: TextIO) -> Iterator[Callable[[str, float], None]]:
    """Show how far each manufacturer is: bars on a terminal, else a line now and then."""
    if not stream.isatty():
        yield _Lines(stream)
        return
    with Progress(console=Console(file=stream), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(name: str, done: float) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=1)
            bars.update(tasks[name], completed=done)

        yield show


class _Lines:
    """Writes how far the work is, every few seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._done: dict[str, float] = {}
        self._written_at = time.monotonic()

    def __call__(self, name: str, done: float) -> None:
        """Note how far one manufacturer is."""
        self._done[name] = done
        if time.monotonic() - self._written_at >= LINE_EVERY:
            self._written_at = time.monotonic()
            parts = ", ".join(f"{name} {done:.0%}" for name, done in sorted(self._done.items()))
            self._stream.write(f"demo world: {parts}\n")
            self._stream.flush()
