"""How fast a log is verified, and in how much memory: one manufacturer with a million events.

In process, row security on. Leads have the dozen facts of one that was offered to three partners
and won. The limit is reading the same rows without looking at them.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psutil

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
# Types of a lead's facts, in order, each with data of the size that it has.
FACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lead.received", {"source": "website", "is_test": False}),
    ("lead.wave_opened", {"wave": 1, "step": 0, "partners": 3, "policy": "0" * 36}),
    *(("lead.offered", {"offer": "0" * 36, "wave": 1, "rank": rank}) for rank in (1, 2, 3)),
    ("offer.viewed", {"offer": "0" * 36, "wave": 1}),
    ("offer.accepted", {"offer": "0" * 36, "wave": 1, "is_late": False}),
    *(("offer.withdrawn", {"offer": "0" * 36, "because": "taken"}) for _ in (1, 2)),
    ("contact.made", {}),
    ("feedback.given", {"status": "WON", "as_described": True}),
    ("lead.won", {"value": "4800.00", "currency": "EUR"}),
)
LEADS_AT_ONCE = 500
# Memory may grow by so much between the first tenth and the end: nothing is kept of what was read.
GROWTH_MB = 16.0
MINUTES = 3.0


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    events = 120_000 if parser.parse_args().quick else 1_000_000
    with throw_away_world():
        figures = _measure(events)
    return tell(f"Verifying a log of {events:,} events", figures)


def _measure(events: int) -> list[Figure]:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import found_network  # noqa: PLC0415
    from leads import audit  # noqa: PLC0415

    tenant = found_network(slug="log", partners=3).manufacturer
    written = _write(tenant.id, events // len(FACTS))
    audit.take_checkpoints(at=NOON, settled=timedelta(0))
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    limit = written / _seconds_to_read(tenant.id)
    process, megabytes = psutil.Process(), []
    audit.TOLD_EVERY = max(events // 10, 1)
    started = time.perf_counter()
    verdict = audit.verify_log(
        tenant.id, on_progress=lambda _: megabytes.append(process.memory_info().rss / 2**20)
    )
    seconds = time.perf_counter() - started
    assert verdict.broken is None  # noqa: S101 - otherwise the figures mean nothing
    return [
        Figure("events verified", verdict.events, ""),
        Figure("speed", verdict.events / seconds, "events/s", limit),
        at_most("time for a million", 1e6 / verdict.events * seconds / 60, "min", MINUTES),
        at_most("growth of memory", megabytes[-1] - megabytes[0], "MB", GROWTH_MB),
        Figure("memory at the end", megabytes[-1], "MB"),
    ]


def _seconds_to_read(manufacturer_id: UUID) -> float:
    """Read the columns that a digest covers, and do nothing with them."""
    from django.db import connection  # noqa: PLC0415

    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.models import LeadEvent  # noqa: PLC0415

    started = time.perf_counter()
    with tenant_context(manufacturer_id):
        query = LeadEvent.objects.order_by("lead_id", "sequence").values_list()
        sql, parameters = query.query.sql_with_params()
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql, parameters)
            while cursor.fetchmany(2_000):
                pass
    return time.perf_counter() - started


def _write(manufacturer_id: UUID, leads: int) -> int:
    """Write so many leads with their facts, sealed as the product seals them."""
    from leadhub.core.bulk import insert_together  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415

    rows: list[Any] = []
    for number in range(1, leads + 1):
        rows += _lead_with_facts(manufacturer_id, number)
        if number % LEADS_AT_ONCE == 0 or number == leads:
            with tenant_context(manufacturer_id):
                insert_together(rows)
            rows = []
    return leads * len(FACTS)


def _lead_with_facts(manufacturer_id: UUID, number: int) -> Iterator[Any]:
    from leadhub.core.actors import system_actor  # noqa: PLC0415
    from leadhub.core.bulk import new_row  # noqa: PLC0415
    from leads.events import LeadLog  # noqa: PLC0415
    from leads.models import EventType, Lead  # noqa: PLC0415

    at = NOON + timedelta(seconds=number)
    lead = new_row(
        Lead,
        manufacturer_id=manufacturer_id,
        external_id=str(number),
        source="website",
        temperature="WARM",
        country="DE",
        wish_summary="Heat pumps",
        currency="EUR",
        status=Lead.Status.WITHDRAWN,
        received_at=at,
    )
    log = LeadLog(lead, by=system_actor(manufacturer_id, "benchmark"))
    for type_, data in FACTS:
        log.add(EventType(type_), at=at, **data)
    log.seal()
    yield lead
    yield from log.entries


if __name__ == "__main__":
    sys.exit(main())
