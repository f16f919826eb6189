"""What searching costs: words among 100,000 leads of each of three manufacturers, row security on.

Beside it, in the same run, the same words found by a superuser, whom row level security does not
bind. Then the pages that search: the board of leads, and the directory of 5,000 partners.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import psycopg2

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

# How often the longest of them occurs, from every lead to none.
SEARCHES = {
    "in every lead": "crm",
    "one letter": "m",
    "two letters": "mü",
    "three letters": "ann",
    "frequent": "müller",
    "frequent, and a town": "müller berlin",
    "a phone's beginning": "0171 12 34",
    "one lead's number": "CRM-100042",
    "absent": "xqzv",
}
# What every lead has in it, nobody looks for: it is there to see the worst.
GOALS = {"in every lead": 100}
NAMES = {
    "in every name": "partner",
    "one letter": "m",
    "a town": "berlin",
    "one partner": "partner 4242",
    "absent": "xqzv",
}
FIND_AS_SUPERUSER = """
    SELECT lead_id FROM leads_leadsearch
    WHERE manufacturer_id = %s AND words LIKE leads_as_pattern(%s) AND words LIKE ALL (ARRAY(
        SELECT leads_as_pattern(word) FROM unnest(%s::text[]) word))
    ORDER BY lead_id DESC LIMIT %s
"""


class Times(NamedTuple):
    """How long something took, in milliseconds."""

    p50: float
    p95: float


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    leads, partners, times = (1_000, 200, 10) if options.quick else (100_000, 5_000, 100)
    with throw_away_world():
        tenant = _found(leads, partners)
        return max(_measure_leads(tenant, times), _measure_partners(tenant, times))


def _found(leads: int, partners: int) -> UUID:
    """Make three manufacturers alike; the second is measured."""
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.enquiries import write_leads  # noqa: PLC0415
    from benchmarks.networks import found_network  # noqa: PLC0415

    tenants = []
    for number in range(3):
        network = found_network(slug=f"net-{number}", partners=partners)
        write_leads(network.manufacturer.id, count=leads)
        tenants.append(network.manufacturer.id)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connections["owner"].close()
    return tenants[1]


def _measure_leads(tenant: UUID, times: int) -> int:
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    from leads.searching import FOUND_AT_MOST, find_leads, words_in  # noqa: PLC0415

    figures = []
    with closing(_as_superuser()) as admin, admin.cursor() as cursor:
        for kind, typed in SEARCHES.items():
            words = words_in(typed)

            def limit(words: list[str] = words) -> None:
                longest = max(words, key=len)
                asked = [str(tenant), longest, words, FOUND_AT_MOST + 1]
                cursor.execute(FIND_AS_SUPERUSER, asked)
                cursor.fetchall()

            ours = _time(lambda words=words: find_leads(words), tenant, times)  # type: ignore[misc]
            best = _time(limit, tenant, times)
            figures += _told(f"find: {kind}", ours, GOALS.get(kind, 50), limit=best)
    for kind, typed in {"no search": "", **SEARCHES}.items():
        ours = _time(lambda typed=typed: _show_board(tenant, typed), tenant, max(10, times // 5))  # type: ignore[misc]
        figures.append(Figure(f"board: {kind}, p50", ours.p50, "ms"))
        if typed:
            figures.append(at_most(f"board: {kind}, p95", ours.p95, "ms", 300))
    connection.close()
    return tell("Searching leads", figures)


def _show_board(tenant: UUID, typed: str) -> None:
    """Read from the database what the board of leads reads."""
    from leadhub.core import clock  # noqa: PLC0415 - Django is set up by now
    from leadhub.core.actors import Actor  # noqa: PLC0415
    from leads.asking import ask  # noqa: PLC0415
    from leads.overview import rows_in_order, rows_of  # noqa: PLC0415
    from leads.selectors import leads_visible_to  # noqa: PLC0415
    from leads.sifting import (  # noqa: PLC0415
        COUNTED_AT_MOST,
        count_by_status,
        count_leads,
        count_waiting,
        read_page,
    )

    actor = Actor(tenant, "user:benchmark")
    asked = ask({"q": typed}, actor=actor, at=clock.now())
    page = read_page(asked.wanted, sorting=asked.sorting, limit=asked.rows)
    rows_in_order(rows_of(leads_visible_to(actor)), page.ids)
    count_leads(asked.wanted, at_most=COUNTED_AT_MOST)
    count_by_status(asked.wanted_of_all_tabs)
    count_waiting(asked.wanted_of_all_tabs)


def _measure_partners(tenant: UUID, times: int) -> int:
    from leadhub.core.actors import Actor  # noqa: PLC0415 - Django is set up by now
    from partners.directory import Search, partners_found, spots_of, with_levels  # noqa: PLC0415

    actor, day = Actor(tenant, "user:benchmark"), _today()

    def show(typed: str) -> None:
        search = Search(words=typed)
        found = partners_found(actor, search, on=day)
        found.count()
        list(with_levels(found, on=day)[:25])
        spots_of(found, search)

    def find(typed: str) -> None:
        list(partners_found(actor, Search(words=typed), on=day)[:25])

    figures = []
    for kind, typed in NAMES.items():
        found = _time(lambda typed=typed: find(typed), tenant, times)  # type: ignore[misc]
        figures += _told(f"find: {kind}", found, 50)
        shown = _time(lambda typed=typed: show(typed), tenant, times)  # type: ignore[misc]
        figures.append(Figure(f"list, count and map: {kind}, p95", shown.p95, "ms"))
    return tell("Searching the directory of partners", figures)


def _today() -> date:
    """Tell the day on which certifications have to be valid."""
    from leadhub.core import clock  # noqa: PLC0415 - Django is set up by now

    return clock.now().date()


def _told(name: str, ours: Times, goal: float, *, limit: Times | None = None) -> list[Figure]:
    limits: Mapping[str, float] = limit._asdict() if limit else {}
    return [
        Figure(f"{name}, p50", ours.p50, "ms", limits.get("p50")),
        at_most(f"{name}, p95", ours.p95, "ms", goal, limit=limits.get("p95")),
    ]


def _time(act: Callable[[], object], tenant: UUID, times: int) -> Times:
    """Do something so many times in the manufacturer's context, after a few to get warm."""
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415 - Django is set up

    taken = []
    with tenant_context(tenant):
        for number in range(times + 3):
            started = time.perf_counter()
            act()
            if number >= 3:  # noqa: PLR2004 - those to get warm
                taken.append((time.perf_counter() - started) * 1e3)
    taken.sort()
    return Times(statistics.median(taken), taken[int(len(taken) * 0.95)])


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
