"""Imports past leads of a manufacturer from a CSV or JSON file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kpis.history import Imported, RawRow, UnreadableHistory, import_history, read_csv, read_json
from leadhub.core import clock
from leadhub.core.actors import system_actor
from partners.memberships import manufacturer_by_slug


class Command(BaseCommand):
    """Exits with 0 when every row is stored or was known already, else with 1."""

    help = "Import past leads from a CSV or JSON file, so that there are figures of the past."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and the manufacturer."""
        parser.add_argument("file", type=Path, metavar="FILE", help="*.json is JSON, else CSV")
        parser.add_argument("--manufacturer", required=True, metavar="SLUG")

    def handle(self, *, file: Path, manufacturer: str, **options: Any) -> None:
        """Read the file, import its rows, tell what became of them."""
        tenant = manufacturer_by_slug(manufacturer)
        if tenant is None:
            message = f"There is no manufacturer {manufacturer!r}."
            raise CommandError(message)
        rows = _read(file)
        columns = (
            TextColumn("Importing history"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("rows", total=len(rows))
            imported = import_history(
                rows=rows,
                by=system_actor(tenant.id, "import_history"),
                at=clock.now(),
                report_progress=lambda done: progress.update(task, completed=done),
            )
        self._report(imported)

    def _report(self, imported: Imported) -> None:
        for refusal in imported.refused:
            self.stdout.write(refusal)
        self.stdout.write(
            f"{imported.stored} stored, {imported.known} known already, "
            f"{len(imported.refused)} refused"
        )
        if imported.refused:
            message = "Correct the refused rows and import the file again; nothing is stored twice."
            raise CommandError(message)


def _read(file: Path) -> list[RawRow]:
    try:
        content = file.read_bytes()
        return read_json(content) if file.suffix.lower() == ".json" else read_csv(content)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}."
        raise CommandError(message) from error
    except UnreadableHistory as error:
        message = f"{file}: {error}"
        raise CommandError(message) from error
