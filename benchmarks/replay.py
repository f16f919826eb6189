"""How long a draft policy takes over 10,000 past leads in a network of 2,500 partners.

The leads are written with the first wave that the default policy decides for them, a third of them
accepted, over two months; then a draft is tried out on them, step by step as a worker does it, row
security on, set against the rules that hold.
"""

import argparse
import random
import sys
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks.report import Figure, at_most, tell
from benchmarks.server import throw_away_world

SECONDS_AT_MOST = 60.0
PARTNERS_ASKED = 3


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: small and unreliable")
    options = parser.parse_args()
    partners, leads = (500, 500) if options.quick else (2_500, 10_000)
    with throw_away_world():
        figures = _measure(partners, leads)
    return tell(f"A draft over {leads:,} leads among {partners:,} partners", figures)


def _measure(partners: int, leads: int) -> list[Figure]:
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    from benchmarks.networks import FOUNDED, found_network  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.models import Replay  # noqa: PLC0415
    from leads.policies import publish_policy  # noqa: PLC0415
    from leads.replay.jobs import go_on_with_replays, request_replay  # noqa: PLC0415
    from partners.memberships import administrator_of  # noqa: PLC0415

    tenant = found_network(slug="replay", partners=partners).manufacturer
    by = administrator_of(tenant)
    _write_history(tenant.id, leads, FOUNDED + timedelta(days=30))
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    at = FOUNDED + timedelta(days=120)
    waves: list[dict[str, Any]] = [
        {"partners": 4, "response_window": 1_800, "radius_km": 40, "head_start": 300},
        {"partners": 4, "response_window": 7_200, "radius_km": None, "head_start": 0},
    ]
    draft = publish_policy(
        name="Default", waves=waves, strategy="NEAREST", is_draft=True, by=by, at=at
    )
    replay = request_replay(policy=draft, leads=leads, by=by, at=at)
    started, longest, busy = time.perf_counter(), 0.0, time.process_time()
    while True:
        begun = time.perf_counter()
        if not go_on_with_replays(at=at):
            break
        longest = max(longest, time.perf_counter() - begun)
    seconds = time.perf_counter() - started
    busy = time.process_time() - busy
    with tenant_context(tenant.id):
        result: dict[str, Any] = Replay.objects.get(id=replay.id).result or {}
    assert result["leads"] == leads  # noqa: S101 - else the figures mean nothing
    return [
        at_most("whole replay", seconds, "s", SECONDS_AT_MOST),
        Figure("a lead, both sides", seconds / leads * 1e3, "ms"),
        Figure("of it CPU of this process", busy, "s"),
        Figure("longest step", longest, "s"),
        Figure("leads that move", 100 * result["moved"] / leads, "%"),
    ]


def _write_history(manufacturer_id: UUID, count: int, since: datetime) -> None:
    """Write leads with their first wave, its offers, and who took them."""
    from leadhub.core.ids import new_id  # noqa: PLC0415
    from leadhub.core.models import PostalCode  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415
    from leads.candidates import Search, coverage_codes, find_covering  # noqa: PLC0415
    from leads.models import (  # noqa: PLC0415
        Assignment,
        Lead,
        LeadOffer,
        LeadProductLine,
        RoutingPolicy,
        Wave,
    )
    from partners.models import ProductLine  # noqa: PLC0415

    chance = random.Random(3)
    places = list(PostalCode.objects.filter(country="DE").order_by("code"))
    rows: dict[Any, list[Any]] = {
        model: [] for model in (Lead, LeadProductLine, Wave, LeadOffer, Assignment)
    }
    with tenant_context(manufacturer_id):
        policy = RoutingPolicy.objects.get(manufacturer=manufacturer_id)
        lines = list(ProductLine.objects.filter(manufacturer=manufacturer_id).order_by("code"))
        for number in range(count):
            place, line, lead_id = chance.choice(places), chance.choice(lines), new_id()
            at = since + timedelta(days=60) * number / count
            search = Search(
                manufacturer_id=manufacturer_id,
                time_zone="Europe/Berlin",
                product_lines=(line.id,),
                any_line=False,
                latitude=place.latitude,
                longitude=place.longitude,
                codes=coverage_codes("DE", place.code, place.region),
                required_rank=None,
                asked=(),
                at=at,
            )
            asked = find_covering(search)[:PARTNERS_ASKED]
            taker = asked[0] if asked and chance.random() < 1 / 3 else None
            tenant = {"manufacturer_id": manufacturer_id}
            rows[Lead].append(
                Lead(
                    id=lead_id,
                    external_id=f"L{number}",
                    source="web",
                    temperature="WARM",
                    country="DE",
                    postal_code=place.code,
                    region=place.region,
                    latitude=place.latitude,
                    longitude=place.longitude,
                    wish_summary=line.name,
                    currency="EUR",
                    status="ACCEPTED" if taker else "OPEN",
                    received_at=at,
                    wave=1,
                    policy_id=policy.id,
                    partner_id=taker.id if taker else None,
                    **tenant,
                )
            )
            rows[LeadProductLine].append(
                LeadProductLine(lead_id=lead_id, product_line_id=line.id, position=0, **tenant)
            )
            rows[Wave].append(
                Wave(
                    lead_id=lead_id,
                    number=1,
                    policy_id=policy.id,
                    opened_at=at,
                    matches={"terms": [], "ranked": []},
                    excluded=[],
                    excluded_counts={},
                    **tenant,
                )
            )
            rows[LeadOffer] += [
                LeadOffer(
                    lead_id=lead_id,
                    partner_id=partner.id,
                    wave=1,
                    rank=rank,
                    status=_status(partner is taker, has_taker=taker is not None),
                    offered_at=at,
                    available_from=at,
                    respond_by=at + timedelta(hours=1),
                    answered_at=at + timedelta(minutes=20) if partner is taker else None,
                    distance_km=partner.distance_km,
                    **tenant,
                )
                for rank, partner in enumerate(asked, 1)
            ]
            if taker:
                rows[Assignment].append(
                    Assignment(
                        lead_id=lead_id,
                        partner_id=taker.id,
                        offered_at=at,
                        accepted_at=at + timedelta(minutes=20),
                        **tenant,
                    )
                )
        for model, new in rows.items():
            model.objects.bulk_create(new, batch_size=1_000)


def _status(is_taker: bool, *, has_taker: bool) -> str:  # noqa: FBT001
    if is_taker:
        return "ACCEPTED"
    return "WITHDRAWN" if has_taker else "EXPIRED"


if __name__ == "__main__":
    sys.exit(main())
