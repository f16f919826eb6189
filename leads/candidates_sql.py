"""The statements of ``leads.candidates``; each column of a profile stands where it is read."""

from functools import cache
from typing import NamedTuple

from partners.models.partners import BAND_DEGREES_PER_KM, SMALLEST_BOX_KM
from partners.portfolio_index import REACHES_KM

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
    "beside": "int",
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

# An absence is looked up for those that have one now or to come.
_ABSENT_UNTIL = """
    CASE WHEN c.away_until >= %(date)s THEN (
        SELECT max(a.last_day)::text FROM partners_absence a
        WHERE a.manufacturer_id = %(manufacturer)s AND a.partner_id = c.partner_id
          AND a.first_day <= %(date)s AND a.last_day >= %(date)s
    ) END
"""

# On how many leads feedback is owed, counted for those that owe any; what of the lead is on an
# exclusion list, likewise.
_OVERDUE_FEEDBACK = """
    CASE WHEN c.partner_id IN (
        SELECT f.partner_id FROM leads_assignment f
        WHERE f.partner_id = ANY (ARRAY(SELECT partner_id FROM c)) AND f.feedback_due_at <= %(at)s
    ) THEN (
        SELECT count(*) FROM leads_assignment f
        WHERE f.partner_id = c.partner_id AND f.feedback_due_at <= %(at)s
    ) ELSE 0 END
"""
_LISTED = """
    FROM partners_exclusion e
    WHERE e.manufacturer_id = %(manufacturer)s AND e.key = ANY (%(conflicts)s)
"""
_CONFLICT = f"""
    CASE WHEN c.partner_id IN (SELECT e.partner_id {_LISTED}) THEN (
        SELECT lower(min(e.kind)) {_LISTED} AND e.partner_id = c.partner_id
    ) END
"""

# In the order of PartnerProfile, then whether it is scored; c is the candidate. Who may be told
# without an e-mail address, and offers made in a day, week or month, are filled in for those it
# matters for.
_PROFILE = f"""
    c.partner_id::text, c.is_active, c.has_email,
    c.distance_km, c.radius_km, c.covers_by_code, c.carries, c.certification_rank,
    c.cap_open, c.cap_per_day, c.cap_per_week, c.cap_per_month,
    c.weight, c.partner_id = ANY (%(asked)s),
    coalesce(standing.open_assignments, 0),
    CASE WHEN c.is_scored THEN standing.rested_seconds END,
    {_ABSENT_UNTIL}, {_OVERDUE_FEEDBACK}, {_CONFLICT}, c.performance, c.is_scored
"""
_PROFILE_COLUMNS = 21
# One walk over the index for all of them costs a third of asking it again for every row. It is kept
# apart so that it is what is hashed, not the wider candidates. Those that no wave can ask are not
# scored: their standing matters where a cap stands against it.
_STANDING = """
    standing AS MATERIALIZED (
        SELECT s.partner_id, s.open_assignments,
               date_part('epoch', %(at)s - s.last_offered_at) AS rested_seconds
        FROM leads_partnerstanding s
        WHERE s.partner_id = ANY (
            ARRAY(SELECT partner_id FROM c WHERE is_scored OR cap_open IS NOT NULL))
    )
"""
_CANDIDATES = "c LEFT JOIN standing ON standing.partner_id = c.partner_id"

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


# The boxes of a search: one for each reach, cut into bands of latitude, in each of which an index
# gives what lies between two longitudes and nothing else.
_BOXES = f"""
    unnest(ARRAY[{", ".join(map(str, REACHES_KM))}], %(south)s, %(north)s, %(west)s, %(east)s)
        AS box (reach_km, south, north, west, east)
"""
_BAND = f"""
    floor(box.{{edge}} / (greatest(box.reach_km, {SMALLEST_BOX_KM}) * {BAND_DEGREES_PER_KM}))::int
"""
_IN_BOX = f"""
    i.reach_km = box.reach_km
    AND i.latitude_band = ANY (ARRAY(
        SELECT band::smallint FROM generate_series(
            {_BAND.format(edge="south")}, {_BAND.format(edge="north")}) AS band))
    AND i.longitude BETWEEN box.west AND box.east
    AND i.latitude BETWEEN box.south AND box.north
"""


@cache
def around(*, lines: int, any_line: bool, is_located: bool) -> str:
    """Who sells what the lead asks for and covers it, and who comes nearest besides.

    Those that cover it by postal code or region all, of those by radius the ``limit`` nearest; then
    the ``beside`` nearest of those that do not cover it; in no order. A profile is followed by
    whether it covers the lead. One row has no profile, but ends with three counts: the network's
    partners, those that sell it, and those that cover the lead.
    """
    items = _items(lines, any_line=any_line)
    distance = _DISTANCE.format(row="i") if is_located else "NULL::float8"
    columns = f"""
        i.partner_id, {distance} AS distance_km, i.radius_km,
        {items.performance} AS performance, {items.rank} AS certification_rank, {_CARRIED}
    """
    wanted = f"""
        i.manufacturer_id = %(manufacturer)s AND {items.line} AND {_HOLDS.format(row="i")}
    """
    by_code = f"""
        SELECT {columns} FROM partners_portfolioitem i {items.join}
        WHERE {wanted} AND {items.rest} AND i.partner_id IN ({_COVERED_BY_CODE})
    """
    in_boxes = f"""
        SELECT {columns}
        FROM {_BOXES}
        CROSS JOIN LATERAL (
            SELECT i.partner_id, i.certification_rank, i.performance, i.radius_km,
                   i.latitude, i.longitude, {_CARRIED}
            FROM partners_portfolioitem i
            WHERE {wanted} AND {_IN_BOX}
            OFFSET 0
        ) i {items.join}
        WHERE {items.rest} {"AND " + distance + " <= i.radius_km" if items.join else ""}
    """
    operator = "&&" if any_line else "@>"
    # NOT IN is looked up in a hash; NOT EXISTS would be compared with each of them, as the planner
    # does not know how many there will be.
    return f"""
        WITH by_code AS MATERIALIZED ({_once(by_code, any_line=any_line)}),
        in_boxes AS MATERIALIZED (
            SELECT * FROM ({_once(in_boxes, any_line=any_line)}) r
            WHERE r.partner_id NOT IN (SELECT partner_id FROM by_code)
        ),
        inside AS (
            SELECT * FROM in_boxes WHERE distance_km <= radius_km
            ORDER BY distance_km, partner_id LIMIT %(limit)s
        ),
        size AS MATERIALIZED (
            SELECT coalesce(sum(t.partners), 0)::int AS partners,
                   coalesce(sum(t.partners) FILTER (
                       WHERE t.product_lines {operator} %(lines)s), 0)::int AS sellers,
                   (SELECT count(*) FROM by_code)
                   + (SELECT count(*) FROM in_boxes WHERE distance_km <= radius_km) AS covering
            FROM partners_portfoliotally t WHERE t.manufacturer_id = %(manufacturer)s
        ),
        {_besides(items, any_line=any_line) if is_located else ""}
        c AS MATERIALIZED (
            SELECT *, true AS covers_by_code, true AS is_scored, true AS carries FROM by_code
            UNION ALL SELECT *, false, true, true FROM inside
            {"UNION ALL SELECT *, false, false, true FROM besides" if is_located else ""}
        ),
        {_STANDING}
        SELECT {_PROFILE}, NULL::int, NULL::int, NULL::bigint FROM {_CANDIDATES}
        UNION ALL SELECT {", ".join(["NULL"] * _PROFILE_COLUMNS)}, size.* FROM size
    """


def _besides(items: _Items, *, any_line: bool) -> str:
    """Who of those that sell it comes nearest without covering the lead.

    All boxes reach ``SMALLEST_BOX_KM`` at least: where enough are found so near, it is these. Else
    an index gives them by nearness; it passes all on its way that cover the lead, which are few
    where few are found.
    """
    distance = _DISTANCE.format(row="i")
    columns = f"""
        i.partner_id, {distance} AS distance_km, i.radius_km,
        {items.performance} AS performance, {items.rank} AS certification_rank, {_CARRIED}
    """
    nearest = f"""
        SELECT {columns}
        FROM partners_portfolioitem i {items.join}
        WHERE i.manufacturer_id = %(manufacturer)s AND {items.line}
          AND {_HOLDS.format(row="i")} AND {items.rest}
          AND (i.radius_km IS NULL OR {distance} > i.radius_km)
          AND i.partner_id NOT IN (SELECT partner_id FROM by_code)
          AND (SELECT count(*) FROM near) < %(beside)s
          AND (SELECT sellers > covering FROM size)
        ORDER BY {_NEARNESS.format(row="i")}
        LIMIT %(beside)s
    """
    return f"""
        near AS MATERIALIZED (
            SELECT * FROM in_boxes
            WHERE (radius_km IS NULL OR distance_km > radius_km)
              AND distance_km <= {SMALLEST_BOX_KM}
            ORDER BY distance_km, partner_id LIMIT %(beside)s
        ),
        besides AS (
            SELECT * FROM near WHERE (SELECT count(*) FROM near) = %(beside)s
            UNION ALL ({_once(nearest, any_line=any_line)})
        ),
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
                false AS is_scored,
                {_RANK_WITHOUT_PORTFOLIO} AS certification_rank
            FROM nearest n
        ),
        {_STANDING}
        SELECT {_PROFILE} FROM {_CANDIDATES}
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
