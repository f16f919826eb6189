"""Makes what figures are counted from anew from the log, or proves that it equals the log."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from leadhub.core.tenancy.context import system_context
from leads.picks import compare_picks, count_leads, rebuild_picks
from partners.memberships import manufacturer_by_slug
from partners.models import Manufacturer

NAMED_AT_MOST = 200


class Command(BaseCommand):
    """Exits with 0 when all is as the log says, or was made so; with 1 if ``--check`` finds else.

    Work may go on meanwhile.
    """

    help = "Make what figures are counted from anew from the log, or compare it with the log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare whose, and whether to compare only."""
        parser.add_argument("--manufacturer", metavar="SLUG", help="only this one; else all")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; name each pick that differs"
        )

    def handle(self, *, manufacturer: str | None, check: bool, **options: Any) -> None:
        """Compare or make anew, one manufacturer after the other."""
        tenants = _chosen(manufacturer)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        differing = 0
        with Progress(*columns, console=Console(stderr=True)) as progress:
            for tenant in tenants:
                task = progress.add_task(tenant.slug, total=count_leads(tenant.id))

                def on_progress(leads: int, task: Any = task) -> None:
                    progress.advance(task, leads)

                if check:
                    for found in compare_picks(tenant.id, on_progress=on_progress):
                        differing += 1
                        if differing <= NAMED_AT_MOST:
                            self.stdout.write(f"{tenant.slug}: {found}")
                else:
                    differing += rebuild_picks(tenant.id, on_progress=on_progress)
        if not check:
            self.stdout.write(f"{differing} picks were not what the log says; now all are.")
        elif differing:
            message = (
                f"{differing} picks are not what the log says. Run rebuild_figures without --check"
                " to make them anew, and find out who wrote them."
            )
            raise CommandError(message)
        else:
            self.stdout.write("All picks are what the log says.")


def _chosen(slug: str | None) -> list[Manufacturer]:
    if slug is None:
        with system_context("rebuild_figures"):
            return list(Manufacturer.objects.order_by("slug"))
    tenant = manufacturer_by_slug(slug)
    if tenant is None:
        message = f"There is no manufacturer {slug!r}."
        raise CommandError(message)
    return [tenant]
