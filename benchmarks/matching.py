"""What it takes to decide who gets a lead: ranked matches with explanations, in process.

One tenant with 100,000 partners that crowd in towns as people do, leads from the same towns, row
security on. Beside it, in the same run, the limit: the bare SQL of the best indexes for the two
questions that candidates answer (who covers the lead, nearest first; who comes nearest besides),
ids and distances only, in one statement as ours. And the decision is the one that looking at every
partner gives.
"""

import argparse
import random
import statistics
import sys
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
# What many partners carry, what some do, and what few do.
SHARES = {"common": 0.6, "middle": 0.1, "rare": 0.01}
WAVE_RADIUS_KM = 50.0
JUDGED_BY_FORCE = 5

# Those that cover the lead, each reach in a box of its own; the nearest besides are taken from the
# same boxes where there are enough so near, as `leads.candidates` takes them, and else by nearness.
BARE = """
    WITH in_boxes AS MATERIALIZED (
        SELECT i.partner_id, i.radius_km, {distance} AS distance_km
        FROM {boxes}
        CROSS JOIN LATERAL (
            SELECT i.partner_id, i.radius_km, i.latitude, i.longitude
            FROM partners_portfolioitem i
            WHERE i.manufacturer_id = %(manufacturer)s AND i.product_line_id = %(line)s
              AND {in_box}
            OFFSET 0
        ) i
    ),
    near AS MATERIALIZED (
        SELECT partner_id, distance_km FROM in_boxes
        WHERE distance_km > radius_km AND distance_km <= {smallest_box_km}
        ORDER BY distance_km LIMIT %(beside)s
    )
    (SELECT partner_id, distance_km FROM in_boxes
     WHERE distance_km <= radius_km ORDER BY distance_km LIMIT %(limit)s)
    UNION ALL SELECT * FROM near WHERE (SELECT count(*) FROM near) = %(beside)s
    UNION ALL (
        SELECT i.partner_id, {distance} AS distance_km FROM partners_portfolioitem i
        WHERE i.manufacturer_id = %(manufacturer)s AND i.product_line_id = %(line)s
          AND {distance} > i.radius_km AND (SELECT count(*) FROM near) < %(beside)s
        ORDER BY {nearness} LIMIT %(beside)s
    )
"""
PARTNERS = """
    SELECT p.id::text, p.latitude, p.longitude, a.radius_km, p.weight,
           s.open_assignments, s.last_offered_at, i.id IS NOT NULL, i.certification_rank
    FROM partners_partner p
    JOIN partners_servicearea a ON a.manufacturer_id = p.manufacturer_id AND a.partner_id = p.id
    LEFT JOIN leads_partnerstanding s ON s.partner_id = p.id
    LEFT JOIN partners_portfolioitem i ON i.manufacturer_id = p.manufacturer_id
        AND i.partner_id = p.id AND i.product_line_id = %s
"""
STANDINGS = """
    INSERT INTO leads_partnerstanding
        (partner_id, manufacturer_id, open_assignments, last_offered_at)
    SELECT id, manufacturer_id, floor(random() * 6)::int, %s - random() * interval '30 days'
    FROM partners_partner WHERE random() < 0.7
"""


class Times(NamedTuple):
    """What one lead took, in milliseconds."""

    decided: float
    found: float
    bare: float


def main() -> int:
    """Measure, tell, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    partners, leads = (2_000, 40) if options.quick else (100_000, 400)
    with throw_away_world():
        figures = _measure(partners, leads)
    return tell(f"Matching among {partners:,} partners of one tenant", figures)


def _measure(partners: int, leads: int) -> list[Figure]:
    from django.db import connection, connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import found_network, town_weights  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from partners.models import ProductLine  # noqa: PLC0415

    tenant = found_network(
        slug="matching", partners=partners, shares=SHARES, is_clustered=True
    ).manufacturer
    with tenant_context(tenant.id), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(STANDINGS, [NOON])
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    places = list(PostalCode.objects.order_by("country", "code"))
    weights = town_weights([(place.country, place.code, place.name) for place in places])
    chance = random.Random(7)
    figures: list[Figure] = []
    all_times: list[Times] = []
    differing = 0
    with tenant_context(tenant.id):
        lines = {line.code: line.id for line in ProductLine.objects.filter(manufacturer=tenant)}
        for code in SHARES:
            searches = [
                _search(tenant, lines[code], place)
                for place in chance.choices(places, weights, k=leads)
            ]
            for search in searches[:20]:
                _decide(search)
                _ask_bare(search)
            times = [_time(search) for search in searches]
            all_times += times
            figures += _figures_of(code, times)
            differing += sum(_differs(search) for search in searches[:JUDGED_BY_FORCE])
    decided = sorted(time.decided for time in all_times)
    judged = JUDGED_BY_FORCE * len(SHARES)
    return [
        at_most("ranked and explained, p50", statistics.median(decided), "ms", 3),
        at_most("ranked and explained, p99", decided[int(len(decided) * 0.99)], "ms", 8),
        *figures,
        at_most(f"of {judged} decisions, other than by force", differing, "decisions", 0),
    ]


def _figures_of(code: str, times: list[Times]) -> list[Figure]:
    found = statistics.median(time.found for time in times)
    bare = statistics.median(time.bare for time in times)
    decided = statistics.median(time.decided for time in times)
    return [
        Figure(f"{code} line: ranked and explained, p50", decided, "ms"),
        Figure(
            f"{code} line: candidates, p50", found, "ms", bare, "at most 2 times", found <= 2 * bare
        ),
    ]


def _search(tenant: Any, line: Any, place: Any) -> Any:
    from leads.candidates import Search, coverage_codes  # noqa: PLC0415

    return Search(
        manufacturer_id=tenant.id,
        time_zone=tenant.time_zone,
        product_lines=(line,),
        any_line=False,
        latitude=place.latitude,
        longitude=place.longitude,
        codes=coverage_codes(place.country, place.code, place.region),
        required_rank=None,
        asked=(),
        at=NOON,
    )


def _time(search: Any) -> Times:
    begin = time.perf_counter()
    found, _ = _decide(search)
    decided = time.perf_counter()
    _ask_bare(search)
    return Times(
        (decided - begin) * 1e3, (found - begin) * 1e3, (time.perf_counter() - decided) * 1e3
    )


def _decide(search: Any) -> tuple[float, Any]:
    """Decide and pack the explanation, as a wave does; tell when the candidates were found."""
    from leads.candidates import find_candidates  # noqa: PLC0415
    from leads.explanations import pack_exclusions, pack_matches  # noqa: PLC0415
    from leads.matching import match_partners  # noqa: PLC0415

    candidates = find_candidates(search)
    found = time.perf_counter()
    decision = match_partners(partners=candidates.partners, rules=_rules(search))
    pack_matches(decision.matches)
    pack_exclusions(decision.exclusions)
    return found, decision


def _rules(search: Any) -> Any:
    from leads.matching import Rules, weights_of  # noqa: PLC0415

    return Rules(search.required_rank, WAVE_RADIUS_KM, weights_of("BALANCED", {}))


def _ask_bare(search: Any) -> None:
    """Ask the two questions with the best index for each, prepared as ours are."""
    from django.db import connection  # noqa: PLC0415

    from leadhub.core.prepared import execute_prepared  # noqa: PLC0415
    from leads import candidates, candidates_sql  # noqa: PLC0415
    from partners.models.partners import SMALLEST_BOX_KM  # noqa: PLC0415

    # The very same boxes and distances.
    bare = BARE.format(
        boxes=candidates_sql._BOXES,  # noqa: SLF001
        in_box=candidates_sql._IN_BOX,  # noqa: SLF001
        distance=candidates_sql._DISTANCE.format(row="i"),  # noqa: SLF001
        nearness=candidates_sql._NEARNESS.format(row="i"),  # noqa: SLF001
        smallest_box_km=SMALLEST_BOX_KM,
    )
    limits = {"limit": candidates.SCORED_AT_MOST, "beside": candidates.EXPLAINED_AT_MOST}
    parameters = {**candidates._parameters(search), **limits}  # noqa: SLF001
    with connection.cursor() as cursor:
        execute_prepared(cursor, bare, parameters, candidates_sql.TYPES)
        cursor.fetchall()


def _differs(search: Any) -> bool:
    """Tell whether judging every single partner decides otherwise."""
    from leads.candidates import EXPLAINED_AT_MOST, SCORED_AT_MOST  # noqa: PLC0415
    from leads.matching import match_partners  # noqa: PLC0415

    everybody = _everybody(search)
    covering = sorted(
        (p for p in everybody if p.carries and p.distance_km <= p.radius_km),
        key=lambda p: p.distance_km,
    )
    beyond = {profile.id for profile in covering[SCORED_AT_MOST:]}  # the cut, which is shown
    judged = [profile for profile in everybody if profile.id not in beyond]
    expected = match_partners(partners=judged, rules=_rules(search))
    _, decision = _decide(search)
    return [m.partner_id for m in decision.matches] != [m.partner_id for m in expected.matches] or [
        (e.partner_id, e.gates[0].code) for e in decision.exclusions[:EXPLAINED_AT_MOST]
    ] != [(e.partner_id, e.gates[0].code) for e in expected.exclusions[:EXPLAINED_AT_MOST]]


def _everybody(search: Any) -> list[Any]:
    from django.db import connection  # noqa: PLC0415

    from leadhub.core.geo import distance_km  # noqa: PLC0415
    from leads.matching import PartnerProfile  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(PARTNERS, [search.product_lines[0]])
        return [
            PartnerProfile(
                id=partner,
                is_active=True,
                is_reachable=True,
                distance_km=distance_km(search.latitude, search.longitude, latitude, longitude),
                radius_km=radius,
                covers_by_code=False,
                carries=carries,
                certification_rank=rank,
                cap_open=None,
                cap_per_day=None,
                cap_per_week=None,
                cap_per_month=None,
                weight=weight,
                was_asked=False,
                open_assignments=taken or 0,
                rested_seconds=None if last is None else (NOON - last).total_seconds(),
            )
            for partner, latitude, longitude, radius, weight, taken, last, carries, rank in cursor
        ]


if __name__ == "__main__":
    sys.exit(main())
