"""`bin/manage collect_texts`: brings the German texts up to date with the code and templates."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from leadhub.core.texts import bring_up_to_date, catalogue_path


class Command(BaseCommand):
    """Collects the texts; what has no translation yet is listed, to be written into the file."""

    help = "Collects the texts of code and templates for translation."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the language."""
        parser.add_argument("--language", default="de")

    def handle(self, *args: Any, language: str, **options: Any) -> None:
        """Write the file and say what is missing."""
        missing = bring_up_to_date(language)
        for text in missing:
            self.stdout.write(f"no translation: {text}")
        self.stdout.write(f"{catalogue_path(language)}: {len(missing)} texts without translation.")
