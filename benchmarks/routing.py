"""From a lead to its committed offers, in process: set-up read, partners found, everything written.

Row security on, a database that keeps its promises on disk. Beside the writes, in the same run, the
limit: the bare SQL transaction of the same rows, one INSERT for each table, all in one message.
"""

import argparse
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

LINES = ("heat-pumps", "boilers", "solar", "storage", "ventilation")


class Statement(NamedTuple):
    """SQL and its values."""

    sql: str
    values: list[Any]


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    partners, leads = (500, 60) if options.quick else (10_000, 600)
    with throw_away_world():
        figures = _measure(partners, leads)
    return tell(f"Routing among {partners:,} partners, in process", figures)


def _measure(partners: int, leads: int) -> list[Figure]:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import found_network  # noqa: PLC0415
    from leadhub.core.actors import Actor  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415

    tenant = found_network(slug="routing", partners=partners).manufacturer
    by = Actor(manufacturer_id=tenant.id, label="system:benchmark")
    german = PostalCode.objects.filter(country="DE").order_by("code")
    codes = list(german.values_list("code", flat=True))
    chance = random.Random(7)
    for _ in range(leads // 4):
        _receive(_enquiry(chance, codes), by)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    whole, ours, bare = [], [], []
    for _ in range(leads):
        whole.append(_receive(_enquiry(chance, codes), by))
        ours.append(_write(_enquiry(chance, codes), by, is_bare=False))
        bare.append(_write(_enquiry(chance, codes), by, is_bare=True))
    whole.sort()
    written, limit = statistics.median(ours), statistics.median(bare)
    return [
        at_most("lead to committed offers, p50", statistics.median(whole), "ms", 8),
        Figure("lead to committed offers, p99", whole[int(leads * 0.99)], "ms"),
        Figure(
            *("the writes and their commit, p50", written, "ms", limit),
            *("at most 2.5 times", written <= 2.5 * limit),
        ),
    ]


def _receive(new: Any, by: Any) -> float:
    from leadhub.core import clock  # noqa: PLC0415
    from leads.intake import receive_lead  # noqa: PLC0415

    at = clock.now()
    started = time.perf_counter()
    receive_lead(new=new, by=by, at=at)
    return (time.perf_counter() - started) * 1e3


def _write(new: Any, by: Any, *, is_bare: bool) -> float:
    """Decide as intake does, and time no more than the writing: as the product does, or bare."""
    from django.db import connection  # noqa: PLC0415

    from leadhub.core import clock  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads import intake  # noqa: PLC0415

    at = clock.now()
    with tenant_context(by.manufacturer_id):
        # the part before the writes
        contact, setup = intake._read_what_it_touches(new, by, at)  # noqa: SLF001
        _, log = intake._new_lead(new, contact, setup, by, at)  # noqa: SLF001
        if not is_bare:
            started = time.perf_counter()
            log.close()
        else:
            statements = _bare_statements(log)
            with connection.cursor() as cursor:
                bare = b"; ".join(cursor.mogrify(*statement) for statement in statements)
                started = time.perf_counter()
                cursor.execute(bare.decode().replace("%", "%%"), [])
    return (time.perf_counter() - started) * 1e3


def _bare_statements(log: Any) -> Sequence[Statement]:
    """Write out the rows of a lead as one plain INSERT for each table."""
    from django.db import connection  # noqa: PLC0415

    from leads.events import _standings  # noqa: PLC0415

    log.seal()
    rows_of = defaultdict(list)
    for row in (log.lead, *log.entries, *log.rows):
        rows_of[type(row)].append(row)
    statements = []
    for model, rows in rows_of.items():
        fields = [f for f in model._meta.concrete_fields if not f.has_db_default()]  # noqa: SLF001
        values = [
            field.get_db_prep_save(getattr(row, field.attname), connection)
            for row in rows
            for field in fields
        ]
        places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
        columns = ", ".join(field.column for field in fields)
        table = model._meta.db_table  # noqa: SLF001 - the documented name
        statements.append(Statement(f"INSERT INTO {table} ({columns}) VALUES {places}", values))
    return [*statements, *(Statement(*also) for also in _standings([log]))]


def _enquiry(chance: random.Random, codes: Sequence[str]) -> Any:
    from leads.intake import Contact, NewLead  # noqa: PLC0415

    return NewLead(
        external_id=f"CRM-{time.time_ns()}",
        source="website",
        product_lines=[chance.choice(LINES)],
        country="DE",
        postal_code=chance.choice(codes),
        contact=Contact(
            first_name="Erika",
            last_name="Beispiel",
            email="Erika@example.com",
            phone="+49 89 99998123",
            street="Musterweg 1",
        ),
        temperature="HOT",
        evidence="Configured a heat pump and asked for a quote",
        wish="12 kW, visit in the afternoon",
        wish_summary="Heat pump, 12 kW",
        expected_value=Decimal(18_000),
        currency="EUR",
    )


if __name__ == "__main__":
    sys.exit(main())
