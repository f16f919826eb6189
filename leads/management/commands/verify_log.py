"""Recompute the log's digests and say whether anybody has changed it."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from leads.audit import Verdict, verify_log
from partners.memberships import all_manufacturers, manufacturer_by_slug


class Command(BaseCommand):
    """Tamper evidence, asked for."""

    help = "Verify that no event was changed, moved or deleted; exit with 1 if one was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--manufacturer", metavar="SLUG", help="one instead of all")

    def _verify(self, manufacturer_id: UUID, slug: str) -> Verdict:
        """Verify one log, with a line now and then on the way, and say what came of it."""
        started = monotonic()

        def speed(verdict: Verdict) -> str:
            return f"{verdict.events / max(monotonic() - started, 0.001):,.0f} events/s"

        def say(verdict: Verdict) -> None:
            self.stdout.write(f"{slug}: {verdict.events:,} events so far, {speed(verdict)}")

        verdict = verify_log(manufacturer_id, on_progress=say)
        found = (
            f"BROKEN at {verdict.broken}"
            if verdict.broken
            else f"whole: {verdict.leads} leads, {verdict.events} events,"
            f" {verdict.checkpoints} checkpoints; {speed(verdict)}"
        )
        self.stdout.write(f"{slug}: {found}")
        return verdict

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each manufacturer: what was verified, or the first break."""
        slug = options["manufacturer"]
        manufacturers = [manufacturer_by_slug(slug)] if slug else all_manufacturers()
        if None in manufacturers:
            msg = f"There is no manufacturer {slug}."
            raise CommandError(msg)
        broken = 0
        for manufacturer in manufacturers:
            assert manufacturer is not None  # noqa: S101 - looked at above
            verdict = self._verify(manufacturer.id, manufacturer.slug)
            broken += verdict.broken is not None
        if broken:
            msg = f"The log of {broken} manufacturers is not as it was written."
            raise CommandError(msg)
