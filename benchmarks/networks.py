"""Networks of any size for measurements: believable places, fixed seed, few statements."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg2.extras import execute_values

from leadhub.core.ids import new_id
from leadhub.core.models import PostalCode
from leadhub.core.tenancy.context import tenant_context
from leads.founding import Tenant, found_tenant
from partners.catalogue import save_level, save_product_line
from partners.memberships import Person, administrator_of
from partners.portfolio import reach_of
from partners.portfolio_index import REACHES_KM

FOUNDED = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
LINES = ("heat-pumps", "boilers", "solar", "storage", "ventilation")
SHARES = dict.fromkeys(LINES, 0.4)
RADII_KM = (15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 80.0)


def found_network(
    *,
    slug: str,
    partners: int,
    seed: int = 1,
    shares: Mapping[str, float] = SHARES,
    is_clustered: bool = False,
) -> Tenant:
    """Make a manufacturer with so many active partners at postal codes of DE, AT and CH.

    Each partner carries about two of five product lines within 15 to 80 km; half hold one of
    three certification levels.

    :param shares: product line -> share of the partners that carries it.
    :param is_clustered: partners crowd in towns, the more the larger the town.
    """
    tenant = found_tenant(
        slug=slug,
        name=slug.title(),
        administrator=Person(email=f"admin@{slug}.example", name="Ada Admin"),
        at=FOUNDED,
    )
    by = administrator_of(tenant.manufacturer)
    lines = {
        save_product_line(code=code, name=code, by=by)[0].id: share
        for code, share in shares.items()
    }
    for rank, code in enumerate(("bronze", "silver", "gold"), start=1):
        save_level(code=code, name=code, rank=rank, by=by)
    chance = random.Random(seed)
    places = _places(partners, chance, is_clustered=is_clustered)
    _write_partners(tenant.manufacturer.id, lines, places, chance)
    return tenant


def town_weights(places: Sequence[tuple[str, str, str]]) -> list[float]:
    """Weigh postal codes by the size of their town: the number of codes that share its name.

    Large towns have more people to a code than small ones: with this power Berlin gets about the
    share of all partners that it has of the people.

    :param places: country, code and name of each.
    """
    codes = Counter((country, name) for country, _, name in places)
    return [codes[country, name] ** 0.3 for country, _, name in places]


def _places(count: int, chance: random.Random, *, is_clustered: bool) -> list[tuple[Any, ...]]:
    places = list(
        PostalCode.objects.order_by("country", "code").values_list(
            "country", "code", "name", "latitude", "longitude"
        )
    )
    if not is_clustered:
        return [chance.choice(places) for _ in range(count)]
    return chance.choices(places, town_weights([place[:3] for place in places]), k=count)


def _write_partners(
    manufacturer_id: UUID,
    lines: Mapping[UUID, float],
    places: Sequence[tuple[Any, ...]],
    chance: random.Random,
) -> None:
    rows: list[tuple[Any, ...]] = []
    areas: list[tuple[Any, ...]] = []
    items: list[tuple[Any, ...]] = []
    tally: Counter[tuple[UUID, ...]] = Counter()
    for number, (country, code, name, north, east) in enumerate(places):
        latitude = north + chance.uniform(-0.02, 0.02)
        longitude = east + chance.uniform(-0.02, 0.02)
        partner, radius = new_id(), chance.choice(RADII_KM)
        rank = chance.choice((None, None, None, 1, 2, 3))
        carried = tuple(line for line in sorted(lines) if chance.random() < lines[line])
        tally[carried] += 1
        rows.append(
            (
                *(partner, manufacturer_id, f"P{number}", f"Partner {number}"),
                *(f"p{number}@x.example", "", "de", country, code, name, ""),
                *(latitude, longitude, 50, "ACTIVE", FOUNDED),
            )
        )
        areas.append((new_id(), manufacturer_id, partner, "RADIUS", radius, ""))
        items += [
            (
                *(new_id(), manufacturer_id, partner, line, date.min, date.max, rank),
                *(latitude, longitude, radius, reach_of(radius, REACHES_KM), True, True, 50),
            )
            for line in carried
        ]
    with tenant_context(manufacturer_id):
        _write(
            "partners_partner (id, manufacturer_id, external_id, name, email, phone, language,"
            " country, postal_code, city, street, latitude, longitude, weight, status, created_at)",
            rows,
        )
        _write(
            "partners_servicearea (id, manufacturer_id, partner_id, kind, radius_km, text)", areas
        )
        _write(
            "partners_portfolioitem (id, manufacturer_id, partner_id, product_line_id, holds_from,"
            " holds_until, certification_rank, latitude, longitude, radius_km, reach_km,"
            " is_active, has_email, weight)",
            items,
        )
        _write(
            "partners_portfoliotally (id, manufacturer_id, product_lines, partners)",
            [
                (new_id(), manufacturer_id, list(carried), partners)
                for carried, partners in tally.items()
            ],
        )


def _write(target: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert many rows with few statements; COPY FROM refuses tables with row security."""
    with connection.cursor() as cursor:
        execute_values(cursor, f"INSERT INTO {target} VALUES %s", rows, page_size=2_000)
