"""How fast overdue waves move on, with a million open deadlines of which a tenth is due.

The whole of it: wave closed, partners found and ranked, next wave, facts and notices written,
committed to a disk that keeps its promises. Sweepers as they run for good, each a process of its
own. Beside the claim, in the same run, the limit: the same ids claimed by bare SQL. What was
claimed is read by a statement of its own, which is part of the whole and is told beside the claim.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any, NamedTuple

from benchmarks.report import Figure, at_least_share, at_most, tell
from benchmarks.server import cpu_seconds, throw_away_world

SWEEPERS = 2
RATE = 250  # leads a second of both together
TURNS = 5  # in which ours and the limit take turns
TO_GET_WARM = 50  # leads of each sweeper that are not counted


class Sizes(NamedTuple):
    """How much there is, and how much of it is measured.

    :ivar moved: leads moved on by both sweepers, once without and once with an old snapshot open.
    :ivar claimed: leads claimed in a turn.
    :ivar dead: rows that died before those that are due, since the old snapshot was opened.
    """

    networks: int
    partners: int
    leads: int
    due: int
    moved: int
    claimed: int
    dead: int


REAL = Sizes(10, 1_000, 1_000_000, 100_000, 6_000, 5_000, 30_000)
QUICK = Sizes(2, 200, 10_000, 2_000, 200, 200, 200)


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    sizes = QUICK if options.quick else REAL
    with throw_away_world():
        from benchmarks.deadlines import found_networks, write_deadlines  # noqa: PLC0415

        found_networks(sizes.networks, partners=sizes.partners)
        at = write_deadlines(leads=sizes.leads, due=sizes.due)
        figures = measure(sizes, at)
    return tell(
        f"{sizes.leads:,} open deadlines, {sizes.due:,} of them due, {SWEEPERS} sweepers", figures
    )


def measure(sizes: Sizes, at: datetime) -> list[Figure]:
    """Measure on deadlines that are there."""
    from leads.escalation import sweep  # noqa: PLC0415 - Django is set up by now

    long_before = at - timedelta(days=1)
    idle = statistics.median(_milliseconds(sweep, at=long_before) for _ in range(50))
    claims = [
        (_claims(sizes, at), _claims(sizes, at, is_read=True), _bare_claims(sizes, at))
        for _ in range(TURNS)
    ]
    ours, with_rows, bare = (statistics.median(rates) for rates in zip(*claims, strict=True))
    moved, cpu = _rate(sizes.moved, at)
    with old_snapshot():
        _let_rows_die(sizes.dead, at)
        claimed_behind = statistics.median(_claims(sizes, at) for _ in range(TURNS))
        moved_behind, _ = _rate(sizes.moved, at)
    return [
        Figure("leads moved on", moved, "/s", None, f"at least {RATE} /s", moved >= RATE),
        Figure("CPU for each, of both and of the database", cpu, "ms"),
        Figure("leads moved on by two processors that do nothing else", 2e3 / cpu, "/s"),
        at_least_share("the same with an old snapshot", moved_behind, "/s", limit=moved, share=0.5),
        at_least_share("leads claimed", ours, "/s", limit=bare, share=0.5),
        Figure("the same with the rows read", with_rows, "/s", bare),
        Figure("leads claimed with an old snapshot", claimed_behind, "/s", ours),
        at_most("a sweep with nothing due, p50", idle, "ms", 2),
    ]


def _milliseconds(act: Any, **arguments: Any) -> float:
    started = time.perf_counter()
    act(**arguments)
    return (time.perf_counter() - started) * 1e3


def _rate(count: int, at: datetime) -> tuple[float, float]:
    """Let the sweepers move leads on; leads a second, and CPU milliseconds for each lead."""
    context = get_context("spawn")
    ready, start = context.Barrier(SWEEPERS + 1), context.Barrier(SWEEPERS + 1)
    sweepers = [
        context.Process(target=_sweep, args=(count // SWEEPERS, at, ready, start))
        for _ in range(SWEEPERS)
    ]
    for sweeper in sweepers:
        sweeper.start()
    ready.wait()
    before = _cpu(sweepers)
    start.wait()
    began = time.perf_counter()
    ready.wait()
    took = time.perf_counter() - began
    used = _cpu(sweepers) - before
    start.wait()
    for sweeper in sweepers:
        sweeper.join()
    return count / took, used * 1e3 / count


def _cpu(sweepers: Any) -> float:
    return sum(cpu_seconds(sweeper.pid)[0] for sweeper in sweepers) + cpu_seconds(os.getpid())[1]


def _sweep(count: int, at: datetime, ready: threading.Barrier, start: threading.Barrier) -> None:
    import django  # noqa: PLC0415 - in a process of its own

    django.setup()
    from leads.escalation import sweep  # noqa: PLC0415

    sweep(at=at, limit=TO_GET_WARM)
    ready.wait()
    start.wait()
    left = count
    while left > 0:
        moved = sweep(at=at, limit=min(left, 500))
        if not moved:
            msg = "There was too little to do."
            raise RuntimeError(msg)
        left -= moved
    ready.wait()
    start.wait()


def _claims(sizes: Sizes, at: datetime, *, is_read: bool = False) -> float:
    """Claim batch after batch as the sweep does, and let go; leads a second.

    :param is_read: read the leads as well, as the sweep does before it works on them.
    """
    from leadhub.core.tenancy.context import system_context  # noqa: PLC0415
    from leads.escalation import AT_ONCE  # noqa: PLC0415
    from leads.locks import FIRST, claim_overdue_leads, read_claimed_leads  # noqa: PLC0415

    after, count, began = FIRST, 0, time.perf_counter()
    while count < sizes.claimed:
        with system_context("benchmark"):
            claimed = claim_overdue_leads(at=at, limit=AT_ONCE, after=after)
            if is_read:
                read_claimed_leads([one.place.id for one in claimed])
        count += len(claimed)
        after = claimed[-1].place
    return count / (time.perf_counter() - began)


def _bare_claims(sizes: Sizes, at: datetime) -> float:
    """Claim the same by SQL that knows of nothing else."""
    from leads.escalation import AT_ONCE  # noqa: PLC0415

    with _bare_connection() as connection:
        cursor = connection.cursor()
        after, claimed, began = (at - timedelta(days=30), None), 0, time.perf_counter()
        while claimed < sizes.claimed:
            cursor.execute(_BARE_CLAIM, [at, *after, AT_ONCE])
            rows = cursor.fetchall()
            connection.commit()
            claimed += len(rows)
            after = rows[-1]
        return claimed / (time.perf_counter() - began)


_BARE_CLAIM = """
    SELECT due_at, id FROM leads_lead
    WHERE status = 'OFFERED' AND due_at <= %s AND (due_at, id) > (%s, coalesce(%s,
        '00000000-0000-0000-0000-000000000000'::uuid))
    ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""


@contextmanager
def old_snapshot() -> Iterator[None]:
    """Keep a snapshot open, as a long report does: what dies meanwhile cannot be cleared away."""
    with _bare_connection() as report:
        cursor = report.cursor()
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM partners_manufacturer")
        yield
        report.rollback()


def _let_rows_die(count: int, at: datetime) -> None:
    """Put off those that are due first, which leaves dead rows where the claim begins."""
    with _bare_connection() as connection:
        cursor = connection.cursor()
        cursor.execute(
            "UPDATE leads_lead SET due_at = %s WHERE id IN (SELECT id FROM leads_lead"
            " WHERE status = 'OFFERED' AND due_at <= %s ORDER BY due_at, id LIMIT %s)",
            [at + timedelta(days=1), at, count],
        )
        connection.commit()


@contextmanager
def _bare_connection() -> Iterator[Any]:
    """Connect past the product and row security."""
    import psycopg2  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    name = connections["owner"].settings_dict["NAME"]
    connection = psycopg2.connect(os.environ["LEADHUB_TEST_ADMIN_URL"], dbname=name)
    try:
        yield connection
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
