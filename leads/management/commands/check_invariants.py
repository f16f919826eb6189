"""Ask the database whether everything that must hold does."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leadhub.core import clock
from leads.invariants.checking import Finding, check_invariants

# Seconds after which somebody at a terminal wants to know what is going on.
TOLD_EVERY = 2.0


class Command(BaseCommand):
    """Invariants, asked for."""

    help = "Check what must hold of all leads; exit with 1 if something does not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--without-timers",
            action="store_true",
            help="leave out what is late, as on a copy where no timers run",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each invariant: that it holds, or how many rows break it and which."""
        self._told_at = self._began_at = monotonic()
        findings = check_invariants(
            at=clock.now(), with_timers=not options["without_timers"], on_part=self._tell
        )
        broken = 0
        for finding in findings:
            self._write(finding)
            broken += finding.rows > 0
        if broken:
            msg = f"{broken} invariants are broken."
            raise CommandError(msg)
        self.stdout.write("Everything that must hold holds.")

    def _tell(self, part: str) -> None:
        """Name what is asked next, if nothing was said for a while."""
        if monotonic() - self._told_at > TOLD_EVERY:
            self.stdout.write(f"        ... {part}")
            self._told_at = monotonic()

    def _write(self, finding: Finding) -> None:
        self._told_at = monotonic()
        seconds = f"({self._told_at - self._began_at:.1f} s)"
        name = finding.invariant.name
        if not finding.rows:
            self.stdout.write(f"holds   {name} {seconds}")
            return
        few = ", ".join(finding.examples)
        more = ", ..." if finding.rows > len(finding.examples) else ""
        self.stdout.write(
            f"BROKEN  {name}: {finding.rows:,} {seconds}\n"
            f"        {finding.invariant.broken}\n        {few}{more}"
        )
