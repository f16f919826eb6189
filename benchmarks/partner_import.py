"""How long 5,000 partners take from a sheet of Excel to the last row, and to be taken back.

The sheet has the columns of a real list: number, name, street, place, phone, product lines, level
with its last day, areas, caps. It is read, checked and stored step by step as a worker does it, row
security on; then every partner changed by a second sheet, and that import taken back.
"""

import argparse
import random
import sys
from io import BytesIO
from typing import Any

from benchmarks.history import counts_of, until_idle
from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

SECONDS_AT_MOST = 30.0
PARTNERS = 5_000
HEADINGS = (
    *("Nummer", "Firma", "Straße", "PLZ", "Land", "Telefon", "E-Mail", "Umkreis"),
    *("Produktlinien", "Stufe", "gültig bis", "PLZ-Gebiete", "max offene Leads"),
)


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    partners = 300 if parser.parse_args().quick else PARTNERS
    with throw_away_world():
        figures = _measure(partners)
    return tell(f"{partners:,} partners from a sheet", figures)


def _measure(partners: int) -> list[Figure]:
    from benchmarks.networks import found_network  # noqa: PLC0415 - Django is set up by now
    from leadhub.core.clock import now  # noqa: PLC0415
    from partners.imports.jobs import undo_import  # noqa: PLC0415
    from partners.memberships import administrator_of  # noqa: PLC0415

    by = administrator_of(found_network(slug="import", partners=1).manufacturer)
    _, new = _import(by, _sheet(partners, "GmbH"))
    job, changed = _import(by, _sheet(partners, "KG"))
    assert counts_of(job) == {"CHANGED": partners}  # noqa: S101 - else the figures mean nothing
    undo_import(job=job, by=by, at=now())
    undone, _ = until_idle()
    return [
        at_most("new partners, sheet to last row", sum(new), "s", SECONDS_AT_MOST),
        Figure("of it reading", new[0], "s"),
        Figure("of it checking", new[1], "s"),
        Figure("a partner stored", new[2] / partners * 1e3, "ms"),
        at_most("all of them changed", sum(changed), "s", SECONDS_AT_MOST),
        at_most("that taken back", undone, "s", SECONDS_AT_MOST),
    ]


def _import(by: Any, content: bytes) -> tuple[Any, tuple[float, float, float]]:
    """Import a sheet; seconds to read, check and store it."""
    from leadhub.core.clock import now  # noqa: PLC0415
    from leadhub.core.ids import new_id  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from partners.imports.fields import guess_fields  # noqa: PLC0415
    from partners.imports.jobs import check_import, start_import, store_import  # noqa: PLC0415

    job = start_import(
        kind="PARTNERS",
        file_name="partners.xlsx",
        content=content,
        upload_key=new_id(),
        by=by,
        at=now(),
    )
    read, _ = until_idle()
    with tenant_context(by.manufacturer_id):
        job.refresh_from_db()
    mapping = {"columns": guess_fields(job.columns), "country": "DE"}
    check_import(job=job, mapping=mapping, by=by, at=now())
    checked, _ = until_idle()
    store_import(job=job, by=by, at=now())
    stored, _ = until_idle()
    return job, (read, checked, stored)


def _sheet(partners: int, kind: str) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415

    from benchmarks.networks import LINES  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415

    chance = random.Random(7)
    places = list(PostalCode.objects.filter(country="DE").order_by("code"))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Partner")
    sheet.append(HEADINGS)
    for number in range(partners):
        place = chance.choice(places)
        carried = chance.sample(LINES, chance.randrange(1, 4))
        level = chance.choice(("", "bronze", "silver", "gold"))
        sheet.append(
            [
                *(10_000 + number, f"Heizung {place.name} {kind}", f"Hauptstraße {number % 90}"),
                *(place.code, "DE", f"089 {1_000_000 + number}", f"p{number}@firma.example"),
                *(chance.choice((25, 50, 80)), "; ".join(carried), level),
                *("31.12.2028" if level else "", f"{place.code[:2]}; {place.code[:3]}", 10),
            ]
        )
    content = BytesIO()
    book.save(content)
    return content.getvalue()


if __name__ == "__main__":
    sys.exit(main())
