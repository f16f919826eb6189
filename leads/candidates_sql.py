"""The statements of ``leads.candidates``; each column of a profile stands where it is read."""

from functools import cache
from typing import NamedTuple

# Types of the parameters, for statements that are prepared.
TYPES = {
    "manufacturer": "uuid",
    "line": "uuid",
    "lines": "uuid[]",
    "other_lines": "uuid[]",
    "codes": "text[]",
    "latitude": "float8",
    "longitude": "float8",
    "cosine": "float8",
    "reaches": "int[]",
    "south": "float8[]",
    "north": "float8[]",
    "west": "float8[]",
    "east": "float8[]",
    "date": "date",
    "asked": "uuid[]",
    "conflicts": "text[]",
    "at": "timestamptz",
    "day": "timestamptz",
    "week": "timestamptz",
    "month": "timestamptz",
    "limit": "int",
    "partners": "uuid[]",
}

# Great-circle kilometres (haversine), as leadhub.core.geo measures them.
_DISTANCE = """
    12742.0176 * asin(least(1.0, sqrt(
        sin(radians({row}.latitude - %(latitude)s) / 2) ^ 2
        + %(cosine)s * cos(radians({row}.latitude))
        * sin(radians({row}.longitude - %(longitude)s) / 2) ^ 2)))
"""

_HOLDS = "{row}.holds_from <= %(date)s AND {row}.holds_until >= %(date)s"

# What an item carries of its partner.
_CARRIED = """
    i.is_active, i.has_email, i.away_until, i.weight,
    i.cap_open, i.cap_per_day, i.cap_per_week, i.cap_per_month
"""

# In the order of PartnerProfile; c is the candidate, s its standing. Who may be told without an
# e-mail address, and offers made in a day, week or month, are filled in for those it matters for.
_PROFILE = """
    c.partner_id::text, c.is_active, c.has_email,
    c.distance_km, c.radius_km, c.covers_by_code, c.carries, c.certification_rank,
    c.cap_open, c.cap_per_day, c.cap_per_week, c.cap_per_month,
    c.weight,
    c.partner_id = ANY (%(asked)s),
"""
# An absence is looked up for those that have one now or to come.
_ABSENT_UNTIL = """
    CASE WHEN c.away_until >= %(date)s THEN (
        SELECT max(a.last_day)::text FROM partners_absence a
        WHERE a.manufacturer_id = %(manufacturer)s AND a.partner_id = c.partner_id
          AND a.first_day <= %(date)s AND a.last_day >= %(date)s
    ) END
"""
_OVERDUE_FEEDBACK = """
    (SELECT count(*) FROM leads_assignment f
     WHERE f.partner_id = c.partner_id AND f.feedback_due_at <= %(at)s)
"""
_CONFLICT = """
    LEFT JOIN (
        SELECT e.partner_id, min(e.kind) AS kind FROM partners_exclusion e
        WHERE e.manufacturer_id = %(manufacturer)s AND e.key = ANY (%(conflicts)s)
        GROUP BY e.partner_id
    ) conflict ON conflict.partner_id = c.partner_id
"""
_SCORED = f"""
    {_PROFILE}
    coalesce(s.open_assignments, 0), extract(epoch FROM %(at)s - s.last_offered_at)::float8,
    {_ABSENT_UNTIL},
    CASE WHEN s.open_assignments > 0 THEN {_OVERDUE_FEEDBACK} ELSE 0 END,
    lower(conflict.kind), c.performance
"""
_STANDING = f"""
    LEFT JOIN leads_partnerstanding s ON s.partner_id = c.partner_id
    {_CONFLICT}
"""

# Those that no wave can ask are not scored: their standing matters where a cap stands against it.
_EXCLUDED = f"""
    {_PROFILE}
    CASE WHEN c.cap_open IS NULL THEN 0 ELSE coalesce((
        SELECT s.open_assignments FROM leads_partnerstanding s WHERE s.partner_id = c.partner_id
    ), 0) END, NULL::float8,
    {_ABSENT_UNTIL}, {_OVERDUE_FEEDBACK}, lower(conflict.kind), c.performance
"""

OFFERS_MADE = """
    SELECT partner.id::text, made.*
    FROM unnest(%(partners)s) AS partner (id)
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.offered_at >= %(day)s),
               count(*) FILTER (WHERE o.offered_at >= %(week)s),
               count(*) FILTER (WHERE o.offered_at >= %(month)s)
        FROM leads_leadoffer o
        WHERE o.manufacturer_id = %(manufacturer)s AND o.partner_id = partner.id
          AND o.offered_at >= least(%(week)s, %(month)s)
          AND NOT (SELECT l.is_imported FROM leads_lead l WHERE l.id = o.lead_id)
    ) made
"""

PARTNERS_WITH_MEMBERS = """
    SELECT DISTINCT m.partner_id::text FROM partners_membership m
    WHERE m.manufacturer_id = %(manufacturer)s AND m.partner_id = ANY (%(partners)s)
"""

_COVERED_BY_CODE = """
    SELECT k.partner_id FROM partners_coveragecode k
    WHERE k.manufacturer_id = %(manufacturer)s AND k.code = ANY (%(codes)s)
"""

_NEARNESS = """
    leadhub_on_earth({row}.latitude, {row}.longitude)
    <-> leadhub_on_earth(%(latitude)s, %(longitude)s)
"""


class _Items(NamedTuple):
    """SQL for the portfolio items of what a lead asks for.

    For several lines, all of them wanted, the items of the first are taken (``i``) and those of
    the others looked up by partner (``join``).
    """

    line: str
    rank: str
    performance: str
    join: str
    rest: str


def _items(lines: int, *, any_line: bool) -> _Items:
    if any_line:
        line = "i.product_line_id = ANY (%(lines)s)"
        return _Items(line, "i.certification_rank", "i.performance", "", "true")
    if lines == 1:
        line = "i.product_line_id = %(line)s"
        return _Items(line, "i.certification_rank", "i.performance", "", "true")
    return _Items(
        "i.product_line_id = %(line)s",
        "nullif(least(coalesce(i.certification_rank, -32768), others.lowest), -32768)",
        f"(i.performance + others.performance) / {lines}",
        f"""
        CROSS JOIN LATERAL (
            SELECT count(*) AS lines, min(coalesce(x.certification_rank, -32768)) AS lowest,
                   sum(x.performance) AS performance
            FROM partners_portfolioitem x
            WHERE x.manufacturer_id = %(manufacturer)s AND x.partner_id = i.partner_id
              AND x.product_line_id = ANY (%(other_lines)s) AND {_HOLDS.format(row="x")}
        ) others
        """,
        f"others.lines = {lines - 1}",
    )


def _once(source: str, *, any_line: bool) -> str:
    """One row a partner: if any line is enough, that of the highest rank, of these the best."""
    if not any_line:
        return source
    return f"""
        SELECT DISTINCT ON (partner_id) * FROM ({source}) each_line
        ORDER BY partner_id, certification_rank DESC NULLS LAST, performance DESC
    """


@cache
def covering(*, lines: int, any_line: bool, is_located: bool) -> str:
    """Who covers the lead and sells what it asks for.

    Those by postal code or region all, of the others the ``limit`` nearest. Each row ends with
    three counts: the network's partners, those that sell it, and those that cover the lead. If
    none covers it, one row without a partner carries the counts.
    """
    items = _items(lines, any_line=any_line)
    distance = _DISTANCE.format(row="i") if is_located else "NULL::float8"
    columns = f"""
        i.partner_id, {items.rank} AS certification_rank, {items.performance} AS performance,
        i.radius_km, {_CARRIED}, {distance} AS distance_km
    """
    wanted = f"""
        i.manufacturer_id = %(manufacturer)s AND {items.line} AND {_HOLDS.format(row="i")}
    """
    by_code = f"""
        SELECT {columns} FROM partners_portfolioitem i {items.join}
        WHERE {wanted} AND {items.rest} AND i.partner_id IN ({_COVERED_BY_CODE})
    """
    by_radius = f"""
        SELECT {columns}
        FROM unnest(%(reaches)s, %(south)s, %(north)s, %(west)s, %(east)s)
            AS box (reach_km, south, north, west, east)
        CROSS JOIN LATERAL (
            SELECT i.partner_id, i.certification_rank, i.performance, i.radius_km,
                   i.latitude, i.longitude, {_CARRIED}
            FROM partners_portfolioitem i
            WHERE {wanted} AND i.reach_km = box.reach_km
              AND i.latitude BETWEEN box.south AND box.north
              AND i.longitude BETWEEN box.west AND box.east
            OFFSET 0
        ) i {items.join}
        WHERE {items.rest}
    """
    operator = "&&" if any_line else "@>"
    # NOT IN is looked up in a hash; NOT EXISTS would be compared with each of them, as the planner
    # does not know how many there will be.
    return f"""
        WITH by_code AS MATERIALIZED ({_once(by_code, any_line=any_line)}),
        inside AS MATERIALIZED (
            SELECT * FROM ({_once(by_radius, any_line=any_line)}) r
            WHERE r.distance_km <= r.radius_km
              AND r.partner_id NOT IN (SELECT partner_id FROM by_code)
        ),
        nearest AS MATERIALIZED (
            SELECT *, true AS covers_by_code, true AS carries FROM by_code
            UNION ALL
            (SELECT *, false, true FROM inside ORDER BY distance_km, partner_id LIMIT %(limit)s)
        )
        SELECT profile.*, size.*
        FROM (
            SELECT coalesce(sum(t.partners), 0)::int,
                   coalesce(sum(t.partners) FILTER (
                       WHERE t.product_lines {operator} %(lines)s), 0)::int,
                   (SELECT count(*) FROM by_code) + (SELECT count(*) FROM inside)
            FROM partners_portfoliotally t WHERE t.manufacturer_id = %(manufacturer)s
        ) size
        LEFT JOIN (SELECT {_SCORED} FROM nearest c {_STANDING}) profile ON true
        ORDER BY 6 DESC, 4, 1
    """


@cache
def outside(lines: int, *, any_line: bool) -> str:
    """Who of those that sell it comes nearest without covering the lead."""
    items = _items(lines, any_line=any_line)
    distance = _DISTANCE.format(row="i")
    nearest = f"""
        SELECT i.partner_id, {items.rank} AS certification_rank,
               {items.performance} AS performance, i.radius_km, {_CARRIED},
               {distance} AS distance_km
        FROM partners_portfolioitem i {items.join}
        WHERE i.manufacturer_id = %(manufacturer)s AND {items.line}
          AND {_HOLDS.format(row="i")} AND {items.rest}
          AND (i.radius_km IS NULL OR {distance} > i.radius_km)
          AND NOT EXISTS ({_COVERED_BY_CODE} AND k.partner_id = i.partner_id)
        ORDER BY {_NEARNESS.format(row="i")}
        LIMIT %(limit)s
    """
    return f"""
        WITH c AS MATERIALIZED (
            SELECT *, false AS covers_by_code, true AS carries
            FROM ({_once(nearest, any_line=any_line)}) n
        )
        SELECT {_EXCLUDED} FROM c {_CONFLICT}
    """


@cache
def others(*, any_line: bool) -> str:
    """Who comes nearest of those that do not sell what is asked for."""
    enough = "1" if any_line else "cardinality(%(lines)s)"
    return f"""
        WITH nearest AS MATERIALIZED (
            SELECT i.id AS partner_id, {_DISTANCE.format(row="i")} AS distance_km,
                   i.status = 'ACTIVE' AS is_active, i.email <> '' AS has_email, i.weight,
                   'infinity'::date AS away_until,
                   i.cap_open, i.cap_per_day, i.cap_per_week, i.cap_per_month
            FROM partners_partner i
            WHERE i.manufacturer_id = %(manufacturer)s
              AND (SELECT count(DISTINCT x.product_line_id) FROM partners_portfolioitem x
                   WHERE x.manufacturer_id = %(manufacturer)s AND x.partner_id = i.id
                     AND x.product_line_id = ANY (%(lines)s)
                     AND {_HOLDS.format(row="x")}) < {enough}
            ORDER BY {_NEARNESS.format(row="i")}
            LIMIT %(limit)s
        ),
        c AS MATERIALIZED (
            SELECT n.*,
                (SELECT max(a.radius_km) FROM partners_servicearea a
                 WHERE a.manufacturer_id = %(manufacturer)s AND a.partner_id = n.partner_id
                ) AS radius_km,
                EXISTS ({_COVERED_BY_CODE} AND k.partner_id = n.partner_id) AS covers_by_code,
                false AS carries,
                0.5::float8 AS performance,
                {_RANK_WITHOUT_PORTFOLIO} AS certification_rank
            FROM nearest n
        )
        SELECT {_EXCLUDED} FROM c {_CONFLICT}
    """


# Of a partner that does not sell a line: the lowest, over the lines, of its best certification.
_RANK_WITHOUT_PORTFOLIO = """
    (SELECT nullif(min(coalesce(best.rank, -32768)), -32768)
     FROM unnest(%(lines)s) AS line (id)
     LEFT JOIN LATERAL (
         SELECT max(l.rank) AS rank FROM partners_certification t
         JOIN partners_certificationlevel l ON l.id = t.level_id
         WHERE t.manufacturer_id = %(manufacturer)s AND t.partner_id = n.partner_id
           AND (t.product_line_id IS NULL OR t.product_line_id = line.id)
           AND (t.valid_until IS NULL OR t.valid_until >= %(date)s)
     ) best ON true)
"""
