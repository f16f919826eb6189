"""What it costs a new lead to be compared with 100,000 of its tenant, one of three alike.

In process, row security on, the statement prepared as intake prepares it. Beside it, in the same
run, the same statement of a superuser, whom row level security does not bind. The worst cases are
made: a postal code with thousands of leads in a month, a phone number that thousands share. And the
plan is looked at: it may read no table whole.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg2

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

# The latest of the leads are of about this time.
AT = datetime(2026, 11, 1, tzinfo=UTC)
TOWN, SWITCHBOARD = "10115", "+493012345"
CROWD = """
    UPDATE leads_lead SET postal_code = %s WHERE id IN (
        SELECT id FROM leads_lead WHERE manufacturer_id = %s
        ORDER BY received_at DESC LIMIT %s)
"""
SHARE = """
    UPDATE leads_leadcontact SET phone = %s WHERE lead_id IN (
        SELECT id FROM leads_lead WHERE manufacturer_id = %s ORDER BY received_at LIMIT %s)
"""


class Enquiry(NamedTuple):
    """Who asks, and from where."""

    name: str
    postal_code: str
    phone: str
    email: str


ENQUIRIES = {
    "somebody new, in a village": Enquiry("Iris Ohnegleichen", "01945", "+4915011111111", "i@o.de"),
    "somebody new, in a town": Enquiry("Iris Ohnegleichen", TOWN, "+4915011111111", "i@o.de"),
    "a usual name, in a town": Enquiry("Anna Müller", TOWN, "+4915011111111", "i@o.de"),
    "a shared number": Enquiry("Iris Ohnegleichen", "01945", SWITCHBOARD, ""),
    "all of it": Enquiry("Anna Müller", TOWN, SWITCHBOARD, "anna.4242@gmail.com"),
}


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    leads, times = (2_000, 20) if options.quick else (100_000, 300)
    with throw_away_world():
        tenant = _found(leads)
        figures = [*_measure(tenant, times), _look_at_plan(tenant)]
    return tell(f"Comparing a new lead with {leads:,} of its tenant", figures)


def _found(leads: int) -> UUID:
    """Make three manufacturers alike; the second is measured."""
    from django.db import connection, connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.enquiries import write_leads  # noqa: PLC0415
    from benchmarks.networks import found_network  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415

    tenants: list[UUID] = []
    for number in range(3):
        tenant = found_network(slug=f"net-{number}", partners=20).manufacturer.id
        write_leads(tenant, count=leads)
        with tenant_context(tenant), connection.cursor() as cursor:
            cursor.execute(CROWD, [TOWN, tenant, leads // 30])
            cursor.execute(SHARE, [SWITCHBOARD, tenant, leads // 30])
        tenants.append(tenant)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connections["owner"].close()
    return tenants[1]


def _measure(tenant: UUID, times: int) -> Iterator[Figure]:
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    from leadhub.core.prepared import execute_prepared  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.duplicates import TYPES  # noqa: PLC0415

    with closing(_as_superuser()) as admin, admin.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(_statement().prepare)
        for kind, asked in ENQUIRIES.items():

            def find(asked: Enquiry = asked) -> None:
                with connection.cursor() as ours:
                    execute_prepared(ours, _sql(), _asked(tenant, asked), TYPES)
                    ours.fetchall()

            def limit(asked: Enquiry = asked) -> None:
                cursor.execute(_statement().execute, _values(tenant, asked))
                cursor.fetchall()

            with tenant_context(tenant):
                ours, best = _time_both(find, limit, times)
            for share, name in ((0.5, "p50"), (0.99, "p99")):
                goal = {"p50": 3, "p99": 10}[name]
                yield at_most(
                    f"{kind}, {name}",
                    _quantile(ours, share),
                    "ms",
                    goal,
                    limit=_quantile(best, share),
                )


def _look_at_plan(tenant: UUID) -> Figure:
    """Count the tables that the prepared statement would read whole."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415

    asked = ENQUIRIES["all of it"]
    with tenant_context(tenant), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {_statement().execute}", _values(tenant, asked))
        plan = cursor.fetchone()[0]
    whole = {node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan"}
    # of manufacturers there are three
    return at_most("tables read whole", len(whole - {"partners_manufacturer"}), "tables", 0)


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """Walk a plan as EXPLAIN writes it."""
    if isinstance(plan, dict):
        if "Node Type" in plan:
            yield plan
        plan = list(plan.values())
    if isinstance(plan, list):
        for part in plan:
            yield from _nodes(part)


def _sql() -> str:
    """Ask what intake asks along with the set-up."""
    from leads.duplicates import RESEMBLED  # noqa: PLC0415

    return f"SELECT {RESEMBLED} FROM partners_manufacturer m WHERE m.id = %(manufacturer)s"


def _statement() -> Any:
    from leadhub.core.prepared import _compile_named  # noqa: PLC0415
    from leads.duplicates import TYPES  # noqa: PLC0415

    return _compile_named(_sql(), tuple(sorted(TYPES.items())))


def _asked(tenant: UUID, asked: Enquiry) -> dict[str, Any]:
    return {**asked._asdict(), "manufacturer": str(tenant), "is_test": False, "at": AT}


def _values(tenant: UUID, asked: Enquiry) -> list[Any]:
    values = _asked(tenant, asked)
    return [values[name] for name in _statement().order]


def _time_both(
    one: Callable[[], None], other: Callable[[], None], times: int
) -> tuple[list[float], list[float]]:
    """Do one thing and the other in turn, after a few to get warm; times in ms, sorted."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(times + 5):
        for act, durations in zip((one, other), taken, strict=True):
            started = time.perf_counter()
            act()
            if number >= 5:  # noqa: PLR2004 - those to get warm
                durations.append((time.perf_counter() - started) * 1e3)
    return sorted(taken[0]), sorted(taken[1])


def _quantile(ranked: list[float], share: float) -> float:
    if share == 0.5:  # noqa: PLR2004 - the median
        return statistics.median(ranked)
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


def _as_superuser() -> Any:
    """Connect as whom row level security does not bind."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    admin = psycopg2.connect(
        os.environ["LEADHUB_TEST_ADMIN_URL"], dbname=connection.settings_dict["NAME"]
    )
    admin.autocommit = True
    return admin


if __name__ == "__main__":
    sys.exit(main())
