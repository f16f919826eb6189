"""How long 100,000 past leads take from a file to the last row, as somebody at the desk sees it.

The file is CSV of the fixed form, three of four rows with an offer, an acceptance and all that
followed; every hundredth row is refused. It is read, checked and stored step by step as a worker
does it, row security on; then the same file once more, of which every row is known. The limit is
what the database takes to write the same rows into bare tables without an index.
"""

import argparse
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

SECONDS_AT_MOST = 60.0
ROWS, PARTNERS = 100_000, 2_500
FIRST = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
TABLES = ("lead", "leadproductline", "leadoffer", "assignment", "leadevent")


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    rows, partners = (2_000, 200) if options.quick else (ROWS, PARTNERS)
    with throw_away_world():
        figures = _measure(rows, partners)
    return tell(f"{rows:,} past leads of {partners:,} partners", figures)


def _measure(rows: int, partners: int) -> list[Figure]:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import found_network  # noqa: PLC0415
    from leadhub.core.clock import now  # noqa: PLC0415
    from leadhub.core.ids import new_id  # noqa: PLC0415
    from partners.imports.jobs import start_import, store_import  # noqa: PLC0415
    from partners.memberships import administrator_of  # noqa: PLC0415

    tenant = found_network(slug="history", partners=partners).manufacturer
    by, content = administrator_of(tenant), _file(rows, partners)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    def send() -> Any:
        return start_import(
            kind="HISTORY",
            file_name="history.csv",
            content=content,
            upload_key=new_id(),
            by=by,
            at=now(),
        )

    job = send()
    checked, first_longest = until_idle()
    store_import(job=job, by=by, at=now())
    stored, longest = until_idle()
    counts = counts_of(job)
    limit = _write_bare_rows()
    job = send()
    again, _ = until_idle()
    known = counts_of(job)
    assert counts["NEW"] == known["UNCHANGED"] > rows * 0.98  # noqa: S101 - else the figures mean nothing
    return [
        at_most("file to last row", checked + stored, "s", SECONDS_AT_MOST, limit=limit),
        Figure("of it reading and checking", checked, "s"),
        Figure("a lead stored", stored / counts["NEW"] * 1e3, "ms"),
        Figure("longest step", max(longest, first_longest), "s"),
        at_most("the same file once more", again, "s", SECONDS_AT_MOST),
        Figure("rows refused", counts["REFUSED"], ""),
        Figure("size of the file", len(content) / 1e6, "MB"),
    ]


def until_idle() -> tuple[float, float]:
    """Go on until nothing is left; seconds in all, and of the longest step."""
    from leadhub.core.clock import now  # noqa: PLC0415
    from partners.imports.jobs import go_on_with_imports  # noqa: PLC0415

    started, longest = time.perf_counter(), 0.0
    while True:
        begun = time.perf_counter()
        if not go_on_with_imports(at=now()):
            return time.perf_counter() - started, longest
        longest = max(longest, time.perf_counter() - begun)


def counts_of(job: Any) -> dict[str, int]:
    """Tell what became of the rows, by verdict."""
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from partners.models import Import  # noqa: PLC0415

    with tenant_context(job.manufacturer_id):
        counts: dict[str, int] = Import.objects.get(id=job.id).counts
    return counts


def _write_bare_rows() -> float:
    """Write what was stored once more, without index, key or policy; seconds."""
    from django.db import connections  # noqa: PLC0415

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('leadhub.system', 'benchmark', false)")
        begun = time.perf_counter()
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bare_{table} AS SELECT * FROM leads_{table}")
        seconds = time.perf_counter() - begun
        for table in TABLES:
            cursor.execute(f"DROP TABLE bare_{table}")
        cursor.execute("SELECT set_config('leadhub.system', '', false)")
    return seconds


def _file(rows: int, partners: int) -> bytes:
    """Write past leads as a spreadsheet would."""
    from benchmarks.networks import LINES  # noqa: PLC0415
    from kpis.history import COLUMNS  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415

    chance = random.Random(5)
    places = list(PostalCode.objects.order_by("country", "code").values_list("country", "code"))
    lines = [",".join(COLUMNS)]
    for number in range(rows):
        country, code = chance.choice(places)
        received = FIRST + timedelta(minutes=5 * number)
        row = {
            "external_id": f"H-{number}",
            "partner_external_id": f"P{chance.randrange(partners)}",
            "product_line": "sofas" if number % 100 == 0 else chance.choice(LINES),
            "country": country,
            "postal_code": code,
            "source": chance.choice(("website", "fair", "campaign")),
            "temperature": chance.choice(("HOT", "WARM", "COLD", "")),
            "received_at": _text(received),
            "offered_at": _text(received + timedelta(minutes=2)),
        }
        if chance.random() < 0.75:  # noqa: PLR2004 - as many are accepted
            accepted = received + timedelta(minutes=chance.randrange(3, 600))
            won = chance.random() < 0.3  # noqa: PLR2004 - as many of them won
            row |= {
                "accepted_at": _text(accepted),
                "contacted_at": _text(accepted + timedelta(minutes=30)),
                "first_feedback_at": _text(accepted + timedelta(hours=20)),
                "closed_at": _text(accepted + timedelta(days=9)),
                "outcome": "WON" if won else "LOST",
                "value": f"{chance.randrange(3_000, 30_000)}.00" if won else "",
            }
        lines.append(",".join(row.get(name, "") for name in COLUMNS))
    return "\n".join(lines).encode()


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    sys.exit(main())
