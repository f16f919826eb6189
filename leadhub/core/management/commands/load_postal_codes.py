"""Load postal codes, so that leads and partners can be placed on the map."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leadhub.core.postal_codes import NoPostalCodes, is_loaded, load_postal_codes


class Command(BaseCommand):
    """Loads once; a file or --again loads anew."""

    help = "Load postal codes (GeoNames, CC BY 4.0) with their centres and federal states."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--countries", nargs="+", default=["DE", "AT", "CH"], metavar="CODE")
        parser.add_argument("--file", type=Path, help="a GeoNames postal code file (TSV)")
        parser.add_argument("--again", action="store_true", help="load even if codes are known")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how many codes are known."""
        countries = [country.upper() for country in options["countries"]]
        if not options["file"] and not options["again"] and is_loaded(countries):
            self.stdout.write("Postal codes are loaded already.")
            return
        try:
            loaded = load_postal_codes(countries=countries, source=options["file"])
        except (NoPostalCodes, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{loaded} postal codes of {', '.join(countries)} are known.")
