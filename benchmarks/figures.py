"""How fast figures are with ten million picks of fifty manufacturers, and what writing them costs.

Five figures with mean, median and p90 by partner for ninety days, of the largest, a middle and the
smallest manufacturer, as the role that row level security binds. The limits, in the same run: the
same statement over the same rows without an index, and DuckDB over the same columns of them. Then
what a fact costs with the triggers and without, and the cockpit of the largest over HTTP.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world, web

LATELY = timedelta(days=90)
# A part of what reading all rows takes, and milliseconds where there is such a goal.
GOALS = {"largest": (1 / 5, 250.0), "middle": (1 / 15, 40.0), "smallest": (1 / 60, None)}
WRITE_GOAL = 1.6
COCKPIT_GOAL = 400.0
# Of somebody who does not exist.
EMAIL, PASSWORD = "ada@figures.example", "benchmark-of-figures"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105


class Sizes(NamedTuple):
    """How much there is, and how often it is measured."""

    picks: int
    tenants: int
    turns: int
    writes: int
    visits: int


REAL = Sizes(10_000_000, 50, 11, 2_000, 60)
QUICK = Sizes(100_000, 10, 3, 200, 10)


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    parser.add_argument("--picks", type=int, help="another number of picks")
    options = parser.parse_args()
    sizes = QUICK if options.quick else REAL
    sizes = sizes._replace(picks=options.picks or sizes.picks)
    with throw_away_world():
        figures = measure(sizes)
    return tell(f"Figures over {sizes.picks:,} picks of {sizes.tenants} manufacturers", figures)


def measure(sizes: Sizes) -> list[Figure]:
    """Write the world, then measure."""
    from benchmarks.picks import write_leads, write_picks  # noqa: PLC0415 - Django is set up by now

    world = write_picks(picks=sizes.picks, tenants=sizes.tenants)
    chosen = {
        "largest": world.tenants[0],
        "middle": world.tenants[len(world.tenants) // 2],
        "smallest": world.tenants[-1],
    }
    figures = []
    with duckdb_over(world.at) as duck:
        for name, tenant in chosen.items():
            figures += _compare(name, tenant, world.at, duck, sizes.turns)
    write_leads(chosen["largest"])
    return [*figures, *_writes(chosen["largest"], sizes), *_cockpit(chosen["largest"], sizes)]


def _compare(
    name: str, tenant: UUID, at: datetime, duck: Callable[[UUID], float] | None, turns: int
) -> list[Figure]:
    scans = 3
    ours = statistics.median(_milliseconds(tenant, at) for _ in range(turns))
    whole = statistics.median(_milliseconds(tenant, at, is_whole=True) for _ in range(turns))
    raw = statistics.median(_milliseconds(tenant, at, is_raw=True) for _ in range(scans))
    share, most = GOALS[name]
    told = [
        Figure(
            f"{name}, p50 beside a raw scan",
            ours,
            "ms",
            raw,
            f"at most 1/{round(1 / share)} of it",
            ours <= raw * share,
        ),
        Figure(f"{name}, with censored medians and activity", whole, "ms"),
    ]
    if most is not None:
        told.insert(0, at_most(f"{name}, p50", ours, "ms", most))
    if duck is not None:
        theirs = statistics.median(duck(tenant) for _ in range(turns))
        told.append(
            Figure(f"{name}, p50 beside DuckDB", ours, "ms", theirs, "not slower", ours <= theirs)
        )
    return told


def _milliseconds(
    tenant: UUID, at: datetime, *, is_whole: bool = False, is_raw: bool = False
) -> float:
    from django.db import connection  # noqa: PLC0415

    from kpis.calculations import calculate_figures  # noqa: PLC0415
    from kpis.definitions import Dimension  # noqa: PLC0415
    from kpis.values import Cohort  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415

    cohort = Cohort(
        manufacturer_id=tenant, starts_at=at - LATELY, ends_at=at, time_zone="Europe/Berlin"
    )
    hour = timedelta(hours=1)
    targets: Any = {"acceptance_time": hour, "contact_time": hour, "feedback_rate": 0.75}
    with tenant_context(tenant):
        if is_raw:
            with connection.cursor() as cursor:
                for way in ("indexscan", "indexonlyscan", "bitmapscan"):
                    cursor.execute(f"SET LOCAL enable_{way} = off")
        started = time.perf_counter()
        calculate_figures(
            cohort=cohort,
            group_by=(Dimension.PARTNER,),
            targets=targets,
            currency="EUR",
            at=at,
            is_whole=is_whole,
        )
        return (time.perf_counter() - started) * 1e3


@contextmanager
def duckdb_over(at: datetime) -> Iterator[Callable[[UUID], float] | None]:
    """Load the same rows into DuckDB; yields what takes the time of the same question."""
    try:
        import duckdb  # noqa: PLC0415 - only where it is installed
    except ModuleNotFoundError:
        print("DuckDB is not installed: there is nothing to compare with.")
        yield None
        return
    from benchmarks.picks import admin_connection  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as place:
        rows = Path(place) / "picks.csv"
        with admin_connection() as admin, admin.cursor() as cursor, rows.open("w") as file:
            cursor.execute("SET TIME ZONE 'UTC'")
            cursor.copy_expert(_EXPORT, file)
        with duckdb.connect(str(Path(place) / "picks.duckdb")) as duck:
            duck.execute("SET TimeZone = 'UTC'")
            duck.execute(_IMPORT.format(rows=rows))
            rows.unlink()

            def ask(tenant: UUID) -> float:
                started = time.perf_counter()
                values = [str(tenant), at - LATELY, at]
                found = duck.execute(_DUCK, values).fetchall()
                assert found  # noqa: S101 - otherwise the figures mean nothing
                return (time.perf_counter() - started) * 1e3

            yield ask


_EXPORT = """
    COPY (SELECT manufacturer_id, partner_id, accepted_at, acceptance_time, contact_time,
        processing_time, has_feedback, ending, is_lead_at_fault, value FROM leads_pick)
    TO STDOUT WITH (FORMAT csv, HEADER)
"""
_IMPORT = """
    CREATE TABLE picks AS SELECT * FROM read_csv('{rows}', header = true, columns = {{
        'manufacturer_id': 'UUID', 'partner_id': 'UUID', 'accepted_at': 'TIMESTAMPTZ',
        'acceptance_time': 'BIGINT', 'contact_time': 'BIGINT', 'processing_time': 'BIGINT',
        'has_feedback': 'BOOLEAN', 'ending': 'VARCHAR', 'is_lead_at_fault': 'BOOLEAN',
        'value': 'DECIMAL(14, 2)'}})
"""
_DUCK = (
    "SELECT partner_id, count(*), "
    + ", ".join(
        f"count({one}), avg({one}), quantile_cont({one}, [0.5, 0.9]),"
        f" count(*) FILTER (WHERE {one} <= 3600)"
        for one in ("acceptance_time", "contact_time", "processing_time")
    )
    + """, count(*) FILTER (WHERE has_feedback), count(*) FILTER (WHERE ending = 'WON'),
        count(*) FILTER (WHERE ending = 'RETURNED' AND is_lead_at_fault), sum(value)
    FROM picks WHERE manufacturer_id = ? AND accepted_at >= ? AND accepted_at < ?
    GROUP BY GROUPING SETS ((partner_id), ())
"""
)


def _writes(tenant: UUID, sizes: Sizes) -> list[Figure]:
    """Write facts with the triggers and without, in turns."""
    of_pick = _facts(tenant, sizes.writes, is_of_pick=True)
    of_lead = _facts(tenant, sizes.writes, is_of_pick=False)
    return [
        Figure(
            "a fact of a pick, written alone",
            of_pick[0],
            "ms",
            of_pick[1],
            f"at most {WRITE_GOAL} of it",
            of_pick[0] <= of_pick[1] * WRITE_GOAL,
        ),
        Figure("a fact that is none of a pick's", of_lead[0], "ms", of_lead[1]),
    ]


def _facts(tenant: UUID, count: int, *, is_of_pick: bool) -> tuple[float, float]:
    """Time single writes, committed; the medians with the triggers and without, in ms."""
    from benchmarks.picks import admin_connection  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.models import Assignment  # noqa: PLC0415

    with tenant_context(tenant):
        picks = list(Assignment.objects.order_by("-accepted_at")[: 4 * count])
    random.Random(1).shuffle(picks)
    taken: dict[bool, list[float]] = {True: [], False: []}
    at_once = max(count // 10, 1)
    for turn in range(20):
        is_on = turn % 2 == 0
        with admin_connection() as admin, admin.cursor() as cursor:
            for name in ("begin_pick", "continue_pick"):
                what = "ENABLE" if is_on else "DISABLE"
                cursor.execute(f"ALTER TABLE leads_leadevent {what} TRIGGER {name}")
        for pick in picks[turn * at_once : (turn + 1) * at_once]:
            taken[is_on].append(_write_fact(pick, is_of_pick=is_of_pick))
    with admin_connection() as admin, admin.cursor() as cursor:
        for name in ("begin_pick", "continue_pick"):
            cursor.execute(f"ALTER TABLE leads_leadevent ENABLE TRIGGER {name}")
    return statistics.median(taken[True]), statistics.median(taken[False])


def _write_fact(pick: Any, *, is_of_pick: bool) -> float:
    from leadhub.core.bulk import insert_together, new_row  # noqa: PLC0415
    from leadhub.core.ids import new_id  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.models import LeadEvent  # noqa: PLC0415

    event = new_row(
        LeadEvent,
        id=new_id(),
        manufacturer_id=pick.manufacturer_id,
        lead_id=pick.lead_id,
        sequence=random.randrange(10, 2**31),  # each lead has room for many
        type="feedback.given" if is_of_pick else "lead.escalated",
        partner_id=pick.partner_id if is_of_pick else None,
        assignment_id=pick.id if is_of_pick else None,
        actor="system:benchmark",
        at=pick.accepted_at,
        data={"status": "APPOINTMENT"},
    )
    started = time.perf_counter()
    with tenant_context(pick.manufacturer_id):
        insert_together([event])
    return (time.perf_counter() - started) * 1e3


def _cockpit(tenant: UUID, sizes: Sizes) -> list[Figure]:
    """Visit the cockpit of the largest manufacturer over HTTP."""
    from benchmarks.pages import Visitor  # noqa: PLC0415

    _administrator(tenant)
    told = []
    with web("gunicorn") as (port, _):
        person = Visitor(port)
        person.log_in(EMAIL, PASSWORD, SECRET)
        for days in (30, 90):
            path = f"/cockpit/?period={days}"
            person.time(path, 3)
            times = person.time(path, sizes.visits)
            name = f"cockpit of the largest, {days} days"
            told.append(
                at_most(f"{name}, p95", times.p95, "ms", COCKPIT_GOAL)
                if days == 30  # noqa: PLR2004 - as it is opened
                else Figure(f"{name}, p95", times.p95, "ms")
            )
            told.append(Figure(f"{name}, p50", times.p50, "ms"))
    return told


def _administrator(tenant: UUID) -> None:
    """Let somebody be an administrator with an authenticator app."""
    from allauth.mfa.totp.internal.auth import TOTP  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from leadhub.core.tenancy.context import system_context  # noqa: PLC0415
    from partners.memberships import Person, add_member  # noqa: PLC0415
    from partners.models import Manufacturer, User  # noqa: PLC0415

    with system_context("benchmarks.figures"):
        manufacturer = Manufacturer.objects.get(id=tenant)
    person = Person(email=EMAIL, name="Ada", password=PASSWORD)
    member = add_member(manufacturer=manufacturer, person=person, role="ADMIN")
    with system_context("benchmarks.figures"):
        TOTP.activate(User.objects.get(id=member.user_id), SECRET)
    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
