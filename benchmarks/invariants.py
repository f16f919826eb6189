"""How long it takes to check what must hold of a million leads, and how much that is of reading.

The leads are those of the demo world, in every state, written again and again under other ids. The
limit is reading each row of the tables once.
"""

import argparse
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.copies import COPIED, copy_leads
from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

MADE = 500
MINUTES = 10.0
MEGABYTES = 300.0


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    leads = 20_000 if parser.parse_args().quick else 1_000_000
    with throw_away_world():
        from django.core.management import call_command  # noqa: PLC0415 - Django is set up by now

        with TemporaryDirectory() as place:
            options = {"partners": 40, "leads": MADE, "base_url": "http://127.0.0.1:8000"}
            call_command("load_demo", write=str(Path(place) / "demo.json"), **options)
        copy_leads(leads // (2 * MADE))
        figures = measure()
    return tell(f"Checking what must hold of {leads:,} leads", figures)


def measure() -> list[Figure]:
    """Check everything in the database that Django is set up on."""
    from leadhub.core import clock  # noqa: PLC0415 - as above
    from leads.invariants.checking import check_invariants  # noqa: PLC0415

    rows, limit = _read_everything()
    at, took = clock.now(), {}
    process = psutil.Process()
    before = process.memory_info().rss
    began_at = last = time.perf_counter()
    for finding in check_invariants(at=at, with_timers=False):
        assert not finding.rows, str(finding)  # noqa: S101 - otherwise the figures mean nothing
        now = time.perf_counter()
        took[finding.invariant.name], last = now - last, now
    slowest = max(took, key=lambda name: took[name])
    return [
        Figure("rows of leads", rows, ""),
        at_most("everything", (last - began_at) / 60, "min", MINUTES, limit=limit / 60),
        Figure(f"the longest: {slowest}", took[slowest], "s"),
        Figure("each lead's facts, replayed", took["state_as_told"], "s"),
        at_most("memory", (process.memory_info().rss - before) / 2**20, "MB", MEGABYTES),
    ]


def _read_everything() -> tuple[int, float]:
    """Count every row of the tables of leads, by reading it; tell in how many seconds."""
    from django.db import connection  # noqa: PLC0415

    from leadhub.core.tenancy.context import system_context  # noqa: PLC0415

    started, rows = time.perf_counter(), 0
    with system_context("benchmark"), closing(connection.cursor()) as cursor:
        for table in COPIED:
            cursor.execute(f"SELECT count(t.*) FROM {table} t")
            rows += cursor.fetchone()[0]
    return rows, time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
