"""Run in the environment of an installation: makes tables, places and tenants, tells the keys.

``python -m tests.faults.preparing SLUG ...``: everything by the product's own commands; one
process, for Django starts slowly.
"""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

# A TSV of GeoNames, as an operator may bring one: a few places instead of 16,000.
PLACES = (
    ("DE", "80331", "München", "Bayern", "BY", 48.1345, 11.5710),
    ("DE", "85221", "Dachau", "Bayern", "BY", 48.2630, 11.4340),
    ("DE", "10115", "Berlin", "Berlin", "BE", 52.5323, 13.3846),
)


def prepare(slugs: Sequence[str]) -> dict[str, str]:
    """Make all that an empty database needs; returns the API key of each tenant."""
    django.setup()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    file = Path(settings.LEADHUB_DATA) / "places.tsv"
    file.write_text("".join(map(_line, PLACES)), "utf-8")
    call_command("load_postal_codes", file=file, stdout=io.StringIO())
    return {slug: _found(slug) for slug in slugs}


def _line(place: tuple[str, str, str, str, str, float, float]) -> str:
    country, code, name, region, short, latitude, longitude = place
    fields = (country, code, name, region, short, "", "", "", "", latitude, longitude, 4)
    return "\t".join(map(str, fields)) + "\n"


def _found(slug: str) -> str:
    said = io.StringIO()
    # one administrator for all: to make an account takes as long as to hash a password
    call_command(
        "create_manufacturer", slug, name=slug.title(), admin="ada@example.com", stdout=said
    )
    return said.getvalue().split("API key:")[1].split()[0]


if __name__ == "__main__":
    keys = prepare(sys.argv[1:])
    Path(settings.LEADHUB_DATA, "keys.json").write_text(json.dumps(keys), "utf-8")
