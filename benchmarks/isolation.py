"""What row level security costs a lead on its way in: the same intake with it, and without it.

In one process, by turns: as the runtime role with every policy, and in a copy of the database in
which row level security is switched off on every table.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg2
from psycopg2 import sql

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

PARTNERS = 10_000
LEADS_A_TURN = 50
COPY = "without_row_security"
SECURED = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relrowsecurity AND relnamespace = 'public'::regnamespace
"""


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    partners, turns = (200, 4) if options.quick else (PARTNERS, 24)
    with throw_away_world():
        tenant = _found(partners)
        _copy()
        return _measure(tenant, turns)


def _found(partners: int) -> UUID:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import found_network  # noqa: PLC0415

    tenant = found_network(slug="net", partners=partners).manufacturer.id
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connections.close_all()
    return tenant


def _copy() -> None:
    """Copy the database and switch row level security off in the copy."""
    with closing(_as_superuser("postgres")) as admin, admin.cursor() as cursor:
        names = {"copy": sql.Identifier(COPY), "original": sql.Identifier(_database())}
        cursor.execute(sql.SQL("CREATE DATABASE {copy} TEMPLATE {original}").format(**names))
    with closing(_as_superuser(COPY)) as admin, admin.cursor() as cursor:
        cursor.execute(SECURED)
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        cursor.execute("VACUUM ANALYZE")


def _measure(tenant: UUID, turns: int) -> int:
    receive = _receiver(tenant)
    taken: dict[str, list[float]] = {"on": [], "off": []}
    used: dict[str, float] = {"on": 0.0, "off": 0.0}
    workers = {"on": _Worker(_database()), "off": _Worker(COPY)}
    if workers["on"].sees_partners() or not workers["off"].sees_partners():
        msg = "Row level security is not on in one database and off in the other."
        raise RuntimeError(msg)
    for turn in range(turns + 2):
        for kind in ("on", "off") if turn % 2 else ("off", "on"):
            with workers[kind].working():
                before = workers[kind].cpu_seconds()
                times = [receive() for _ in range(LEADS_A_TURN)]
                if turn >= 2:  # noqa: PLR2004 - those to get warm
                    taken[kind] += times
                    used[kind] += workers[kind].cpu_seconds() - before
    on, off = (sorted(taken[kind]) for kind in ("on", "off"))
    middle, middle_off = statistics.median(on), statistics.median(off)
    cpu, cpu_off = (used[kind] / len(on) * 1e3 for kind in ("on", "off"))
    return tell(
        "Intake with row level security; the limit is without",
        [
            Figure("p50", middle, "ms", middle_off),
            Figure("p95", on[int(len(on) * 0.95)], "ms", off[int(len(off) * 0.95)]),
            Figure("CPU of the database a lead", cpu, "ms", cpu_off),
            at_most("more at p50", (middle / middle_off - 1) * 100, "%", 15),
        ],
    )


class _Worker:
    """A connection of the runtime role's to one of the databases, to be Django's for a while."""

    def __init__(self, database: str) -> None:
        from django.db import connection  # noqa: PLC0415 - Django is set up by now
        from django.db.backends.postgresql import base  # noqa: PLC0415

        from leadhub.core.tenancy.database.base import DatabaseWrapper  # noqa: PLC0415

        settings = {**connection.settings_dict, "NAME": database}
        self.made = DatabaseWrapper(settings, alias="default")
        # The product's own way to connect refuses where row level security is off.
        base.DatabaseWrapper.connect(self.made)

    def sees_partners(self) -> bool:
        """Tell whether rows of a tenant are visible without a context."""
        with self.made.connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM partners_partner)")
            return bool(cursor.fetchone()[0])

    def cpu_seconds(self) -> float:
        """Sum the CPU time of the connection's process in the database."""
        import psutil  # noqa: PLC0415

        times = psutil.Process(self.made.connection.info.backend_pid).cpu_times()
        return float(times.user + times.system)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let everything in the block use this connection."""
        from django.db import connections  # noqa: PLC0415 - Django is set up by now

        before = connections["default"]
        connections["default"] = self.made
        try:
            yield
        finally:
            connections["default"] = before


def _receiver(tenant: UUID) -> Callable[[], float]:
    """Make what receives one lead more, and tells in how many milliseconds."""
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import LINES  # noqa: PLC0415
    from leadhub.core import clock  # noqa: PLC0415
    from leadhub.core.actors import Actor  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415
    from leads.intake import Contact, NewLead, receive_lead  # noqa: PLC0415

    codes = list(PostalCode.objects.filter(country="DE").values_list("code", flat=True))
    connections.close_all()
    by, chance = Actor(tenant, "user:benchmark"), random.Random(1)

    def receive() -> float:
        number = chance.randrange(10**12)
        new = NewLead(
            external_id=f"CRM-{number}",
            source="website",
            product_lines=[chance.choice(LINES)],
            country="DE",
            postal_code=chance.choice(codes),
            contact=Contact("Erika", "Beispiel", email=f"e{number}@example.com"),
        )
        at = clock.now()
        started = time.perf_counter()
        receive_lead(new=new, by=by, at=at)
        return (time.perf_counter() - started) * 1e3

    return receive


def _database() -> str:
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    return str(connection.settings_dict["NAME"])


def _as_superuser(database: str) -> Any:
    parts = urlsplit(os.environ["LEADHUB_TEST_ADMIN_URL"])
    admin = psycopg2.connect(urlunsplit(parts._replace(path=f"/{database}")))
    admin.autocommit = True
    return admin


if __name__ == "__main__":
    sys.exit(main())
