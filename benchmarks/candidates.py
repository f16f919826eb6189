"""How long finding the candidates of a lead takes, for one, two and three product lines at once.

In process, row security on, rows read and made into profiles; places as leads come, anywhere in
Germany.
"""

import argparse
import random
import statistics
import sys
import time
from datetime import UTC, datetime

from benchmarks.report import Figure, tell
from benchmarks.server import throw_away_world

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    partners, searches = (1_000, 50) if options.quick else (100_000, 400)
    with throw_away_world():
        figures = _measure(partners, searches)
    return tell(f"Candidates among {partners:,} partners", figures)


def _measure(partners: int, searches: int) -> list[Figure]:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import LINES, found_network  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.candidates import Search, coverage_codes, find_candidates  # noqa: PLC0415
    from partners.models import ProductLine  # noqa: PLC0415

    tenant = found_network(slug="candidates", partners=partners).manufacturer
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    places = list(PostalCode.objects.filter(country="DE").order_by("code"))
    chance = random.Random(7)
    figures = []
    with tenant_context(tenant.id):
        lines = {line.code: line.id for line in ProductLine.objects.filter(manufacturer=tenant)}
        for count, any_line in ((1, False), (2, False), (3, False), (2, True)):
            times = []
            for _ in range(searches):
                place = chance.choice(places)
                search = Search(
                    manufacturer_id=tenant.id,
                    time_zone=tenant.time_zone,
                    product_lines=tuple(lines[code] for code in chance.sample(LINES, count)),
                    any_line=any_line,
                    latitude=place.latitude,
                    longitude=place.longitude,
                    codes=coverage_codes("DE", place.code, place.region),
                    required_rank=None,
                    asked=(),
                    at=NOON,
                )
                started = time.perf_counter()
                find_candidates(search)
                times.append((time.perf_counter() - started) * 1e3)
            times.sort()
            name = f"{count} {'of any' if any_line else 'all'}"
            figures.append(Figure(f"lines {name}, p50", statistics.median(times), "ms"))
            figures.append(Figure(f"lines {name}, p99", times[int(len(times) * 0.99)], "ms"))
    return figures


if __name__ == "__main__":
    sys.exit(main())
