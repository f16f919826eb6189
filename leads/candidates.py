"""Which partners are worth judging for a lead: SQL that narrows a network to a few hundred rows.

Three questions, over indexes made for them:

1. Who covers the lead, by radius, postal code or region, and sells what it asks for? Each reach
   (see ``PortfolioItem.reach_km``) is searched in a box of its own size, and the nearest come back.
2. Who of those that sell it comes nearest without covering it? The same boxes tell, in the same
   statement, where partners are many.
3. If these are few: who comes nearest without selling it?
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from math import cos, radians
from operator import attrgetter, itemgetter, not_
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.utils import CursorWrapper

from leadhub.core.geo import Box, box_around
from leadhub.core.prepared import execute_prepared
from leads import candidates_sql
from leads.matching import PartnerProfile, failed_own_gates, has_offer_cap
from leads.pending import Pending
from partners.models.partners import SMALLEST_BOX_KM
from partners.portfolio_index import REACHES_KM

SCORED_AT_MOST = 200
EXPLAINED_AT_MOST = 50
# So many of those that cover a lead are read at first: room for some that a gate stops. If it stops
# more, twice as many are read, and so on.
READ_AT_FIRST = 225
HALF_ROUND = 180.0
# What the statements read of a profile; the offers made in a day or more are asked for apart.
WIDTH = PartnerProfile._fields.index("offers_today")
NONE_MADE = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Search:
    """What a lead looks for, and when.

    :ivar product_lines: ids of the lines asked for, in the lead's order.
    :ivar any_line: one of the lines is enough.
    :ivar codes: the codes that cover the lead: prefixes of its postal code, and its region.
    :ivar asked: partners that were offered the lead before (gate ``already_asked``).
    :ivar max_overdue_feedback: so much overdue feedback closes no gate yet.
    :ivar conflicts: the keys by which the lead may be on an exclusion list, see
        ``partners.conflicts``.
    :ivar pending: what the same transaction has decided about partners and not written yet.
    """

    manufacturer_id: UUID
    time_zone: str
    product_lines: tuple[UUID, ...]
    any_line: bool
    latitude: float | None
    longitude: float | None
    codes: tuple[str, ...]
    required_rank: int | None
    asked: tuple[UUID, ...]
    at: datetime
    max_overdue_feedback: int = 0
    conflicts: tuple[str, ...] = ()
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The partners to judge, and how many were left out of the list.

    :ivar survivors: ids of those that pass every gate but, perhaps, the wave's own radius.
    :ivar excluded_counts: gate code -> partners that stop there first, over the whole network:
        portfolio, then area, then the gates in their order among those that cover the lead.
    :ivar is_cut: more partners cover the lead than are judged.
    """

    partners: list[PartnerProfile]
    survivors: frozenset[str]
    excluded_counts: dict[str, int]
    is_cut: bool


def coverage_codes(country: str, postal_code: str, region: str) -> tuple[str, ...]:
    """List the codes by which a partner may cover a place: each prefix, and the federal state."""
    prefixes = (f"{country}:{postal_code[:length]}" for length in range(1, len(postal_code) + 1))
    return (*prefixes, region) if region else tuple(prefixes)


def find_candidates(search: Search) -> Candidates:
    """Narrow the network to the partners worth judging for this lead."""
    parameters = _parameters(search)
    with connection.cursor() as cursor:
        found = _read_around(cursor, search, parameters, beside=EXPLAINED_AT_MOST)
        total, sellers, covering = found.sizes
        listed, limit = found.covering, READ_AT_FIRST
        survivors, stopped, first_gates = _judge(listed, search)
        while covering > len(listed) and len(survivors) < SCORED_AT_MOST:
            limit *= 2
            listed = _read_around(cursor, search, parameters, limit=limit).covering
            survivors, stopped, first_gates = _judge(listed, search)
        excluded = (stopped + found.besides)[:EXPLAINED_AT_MOST]
        if total > sellers and len(excluded) < EXPLAINED_AT_MOST:
            room = EXPLAINED_AT_MOST - len(excluded)
            excluded += _read_others(cursor, search, parameters, room=room)
    counts = Counter(first_gates)
    counts["outside_area"] = sellers - covering
    counts["not_in_portfolio"] = total - sellers
    return Candidates(
        partners=survivors + excluded,
        survivors=frozenset([profile.id for profile in survivors]),
        excluded_counts={code: count for code, count in counts.items() if count > 0},
        is_cut=covering > len(survivors) + len(stopped),
    )


def find_covering(search: Search) -> list[PartnerProfile]:
    """Read those that cover the lead and sell what it asks for, not judged yet, nearest first.

    For whoever judges them by other figures than those of now: no gate has been asked.
    """
    with connection.cursor() as cursor:
        return _read_around(cursor, search, _parameters(search)).covering


class _Around(NamedTuple):
    """What the first statement finds.

    :ivar covering: those that cover the lead, by code all, of the others the nearest.
    :ivar besides: the nearest that do not cover it, though they sell what it asks for.
    :ivar sizes: how many partners there are, how many sell it, how many of these cover the lead.
    """

    covering: list[PartnerProfile]
    besides: list[PartnerProfile]
    sizes: tuple[int, int, int]


def _read_around(
    cursor: CursorWrapper,
    search: Search,
    parameters: dict[str, Any],
    *,
    limit: int = READ_AT_FIRST,
    beside: int = 0,
) -> _Around:
    sql = candidates_sql.around(
        lines=len(search.product_lines),
        any_line=search.any_line,
        is_located=search.latitude is not None,
    )
    values = {**parameters, "limit": limit, "beside": beside}
    execute_prepared(cursor, sql, values, candidates_sql.TYPES)
    rows = cursor.fetchall()
    sizes = next(row[-3:] for row in rows if row[WIDTH] is None)
    nearest = sorted([row for row in rows if row[WIDTH] is not None], key=_nearness)
    profiles = _complete(cursor, nearest, parameters, search)
    covers = [row[WIDTH] for row in nearest]
    return _Around(
        list(compress(profiles, covers)), list(compress(profiles, map(not_, covers))), sizes
    )


_nearness = itemgetter(
    PartnerProfile._fields.index("distance_km"), PartnerProfile._fields.index("id")
)


def _read_others(
    cursor: CursorWrapper, search: Search, parameters: dict[str, Any], *, room: int
) -> list[PartnerProfile]:
    """Read those that come nearest without selling what the lead asks for."""
    if search.latitude is None:
        return []
    sql = candidates_sql.others(any_line=search.any_line)
    execute_prepared(cursor, sql, {**parameters, "limit": room}, candidates_sql.TYPES)
    return _complete(cursor, cursor.fetchall(), parameters, search)


def _complete(
    cursor: CursorWrapper,
    rows: list[tuple[Any, ...]],
    parameters: dict[str, Any],
    search: Search,
) -> list[PartnerProfile]:
    """Make profiles of rows, and count in what is decided but not written yet."""
    profiles = _profiles(cursor, rows, parameters)
    return search.pending.counted_in(profiles, at=search.at) if search.pending else profiles


def _profiles(
    cursor: CursorWrapper, rows: list[tuple[Any, ...]], parameters: dict[str, Any]
) -> list[PartnerProfile]:
    """Make profiles of rows, asking further only about the partners for which it matters."""
    profiles = [PartnerProfile(*row[:WIDTH]) for row in rows]
    if {*map(_needs_of, profiles)} <= _NEEDS_NOTHING:
        return profiles
    capped = [UUID(profile.id) for profile in profiles if has_offer_cap(profile)]
    silent = [UUID(profile.id) for profile in profiles if not profile.is_reachable]
    made = _ask(cursor, candidates_sql.OFFERS_MADE, capped, parameters)
    with_members = _ask(cursor, candidates_sql.PARTNERS_WITH_MEMBERS, silent, parameters)
    return [
        profile._replace(
            is_reachable=profile.is_reachable or profile.id in with_members,
            offers_today=made.get(profile.id, NONE_MADE)[0],
            offers_this_week=made.get(profile.id, NONE_MADE)[1],
            offers_this_month=made.get(profile.id, NONE_MADE)[2],
        )
        for profile in profiles
    ]


# Most profiles are complete: the partner has an e-mail address, and no cap on its offers.
_needs_of = attrgetter("is_reachable", "cap_per_day", "cap_per_week", "cap_per_month")
_NEEDS_NOTHING = {(True, None, None, None)}


def _ask(
    cursor: CursorWrapper, sql: str, partners: list[UUID], parameters: dict[str, Any]
) -> dict[str, tuple[int, ...]]:
    if not partners:
        return {}
    execute_prepared(cursor, sql, {**parameters, "partners": partners}, candidates_sql.TYPES)
    return {partner: tuple(figures) for partner, *figures in cursor.fetchall()}


def _judge(
    profiles: list[PartnerProfile], search: Search
) -> tuple[list[PartnerProfile], list[PartnerProfile], list[str]]:
    """Part those that every gate lets through from those that one stops, and name that gate.

    The nearest 200 survivors count; those that cover the lead by code come on top of these.
    """
    survivors: list[PartnerProfile] = []
    stopped: list[PartnerProfile] = []
    first_gates: list[str] = []
    by_radius = 0
    for profile in profiles:
        gates = failed_own_gates(profile, search.required_rank, search.max_overdue_feedback)
        if gates:
            stopped.append(profile)
            first_gates.append(gates[0].code)
        elif profile.covers_by_code or by_radius < SCORED_AT_MOST:
            by_radius += not profile.covers_by_code
            survivors.append(profile)
    return survivors, stopped, first_gates


def _box(latitude: float, longitude: float, reach_km: int) -> Box:
    """Bound what lies within reach; a box across the date line goes all the way round."""
    box = box_around(latitude, longitude, reach_km)
    crosses = box.west < -HALF_ROUND or box.east > HALF_ROUND
    return box._replace(west=-HALF_ROUND, east=HALF_ROUND) if crosses else box


def _array(values: Iterable[float]) -> str:
    """Write figures as one value, which takes both sides less than a value each."""
    return f"{{{','.join(map(repr, values))}}}"


def _parameters(search: Search) -> dict[str, Any]:
    local = search.at.astimezone(ZoneInfo(search.time_zone))
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    latitude, longitude = search.latitude, search.longitude
    boxes = (
        [_box(latitude, longitude, max(reach, SMALLEST_BOX_KM)) for reach in REACHES_KM]
        if latitude is not None and longitude is not None
        else []
    )
    return {
        "manufacturer": search.manufacturer_id,
        "line": search.product_lines[0],
        "lines": list(search.product_lines),
        "other_lines": list(search.product_lines[1:]),
        "codes": list(search.codes),
        "latitude": latitude,
        "longitude": longitude,
        "cosine": cos(radians(latitude)) if latitude is not None else None,
        "south": _array(box.south for box in boxes),
        "north": _array(box.north for box in boxes),
        "west": _array(box.west for box in boxes),
        "east": _array(box.east for box in boxes),
        "date": local.date(),
        "asked": list(search.asked),
        "conflicts": list(search.conflicts),
        "at": search.at,
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
    }
