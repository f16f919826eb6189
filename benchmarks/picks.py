"""Millions of picks in their table, as years of work would have left them: by SQL.

Manufacturers are as unlike as in life: the second has half as many picks as the first, the third a
third, and so on. Rows lie in the order of acceptance, whoever's they are.
"""

import os
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import psycopg2
from django.db import connections

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context

YEARS = 3
SPAN = timedelta(days=365 * YEARS)
# Partners of the largest manufacturer, and the fewest that one has.
MOST_PARTNERS, FEWEST_PARTNERS = 2_000, 30
AT_ONCE = 1_000_000


class Written(NamedTuple):
    """What was written: the manufacturers, the largest first, and the present."""

    tenants: list[UUID]
    at: datetime


def write_picks(*, picks: int, tenants: int) -> Written:
    """Write so many picks of so many manufacturers over the last years."""
    from partners.models import Manufacturer  # noqa: PLC0415 - Django is set up by now

    with system_context("benchmark"):
        at = clock.now()
        made = Manufacturer.objects.bulk_create(
            Manufacturer(slug=f"figures-{n}", name=f"Figures {n}", created_at=at - SPAN)
            for n in range(tenants)
        )
    ids = [one.id for one in made]
    shares = [1 / rank for rank in range(1, tenants + 1)]
    bounds, total = [], 0.0
    for share in shares[:-1]:
        total += share / sum(shares)
        bounds.append(total)
    with admin_connection() as admin, admin.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        later = _drop_indexes(cursor)
        for first in range(1, picks + 1, AT_ONCE):
            cursor.execute(
                _PICKS,
                {
                    "first": first,
                    "last": min(first + AT_ONCE - 1, picks),
                    "picks": picks,
                    "span": SPAN,
                    "at": at,
                    "tenants": ids,
                    "bounds": bounds,
                    "most": MOST_PARTNERS,
                    "fewest": FEWEST_PARTNERS,
                },
            )
        for index in later:
            cursor.execute(index)
    vacuum("leads_pick")
    return Written(ids, at)


def write_leads(tenant: UUID) -> int:
    """Write the leads and assignments of one manufacturer's picks; returns how many."""
    with admin_connection() as admin, admin.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        for statement in _LEADS:
            cursor.execute(statement, {"tenant": tenant})
        written: int = cursor.rowcount
    for table in ("leads_lead", "leads_assignment", "partners_partner"):
        vacuum(table)
    return written


def admin_connection() -> Any:
    """Connect past the product and row security."""
    database = connections["owner"].settings_dict["NAME"]
    return psycopg2.connect(os.environ["LEADHUB_TEST_ADMIN_URL"], dbname=database)


def vacuum(table: str) -> None:
    """Let the planner know a table, and the index answer alone."""
    admin = admin_connection()
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE, FREEZE) {table}")
        cursor.execute("CHECKPOINT")
    admin.close()


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop what is quicker to make when all is there; returns what makes it again."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = 'leads_pick'::regclass AND NOT indisprimary"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


# Half of all acceptances take less than half an hour, half of all contacts less than 50 minutes;
# six of ten are closed, after three weeks in the middle, a third of those won; of the rest, what is
# old is lost. One of twenty is returned.
_PICKS = """
    INSERT INTO leads_pick (assignment_id, manufacturer_id, lead_id, partner_id, offered_at,
        accepted_at, contacted_at, closed_at, has_feedback, ending, is_lead_at_fault, value,
        currency, attempts, appointments, quotes, source, campaign, temperature, country,
        postal_code, region)
    SELECT md5('a' || n)::uuid, (%(tenants)s::uuid[])[tenant],
        md5('l' || n)::uuid, md5(tenant || '-' || partner)::uuid,
        CASE WHEN a < 0.9 THEN accepted_at + ln(b) * interval '40 minutes' END,
        accepted_at,
        CASE WHEN contacted_at < %(at)s THEN contacted_at END,
        CASE WHEN is_closed THEN closed_at END,
        is_closed OR contacted_at < %(at)s AND d < 0.9 OR e < 0.05,
        CASE WHEN is_closed THEN CASE WHEN f < 0.33 THEN 'WON' ELSE 'LOST' END
            WHEN e < 0.05 THEN 'RETURNED' END,
        e < 0.02,
        CASE WHEN is_closed AND f < 0.33 THEN round((500 + 20000 * b)::numeric, 2) END,
        CASE WHEN is_closed AND f < 0.33 THEN 'EUR' END,
        1, (d < 0.3)::int, (d < 0.2)::int,
        (array['website', 'fair', 'phone', 'campaign'])[1 + (4 * a)::int %% 4],
        '', (array['HOT', 'WARM', 'WARM', 'COLD'])[1 + (4 * b)::int %% 4], 'DE',
        lpad((1000 + 98000 * c)::int::text, 5, '0'),
        'DE-' || (array['BY', 'BW', 'NW', 'HE', 'SN', 'NI', 'BE', 'HH'])[1 + (8 * d)::int %% 8]
    FROM (
        SELECT *,
            floor(greatest(%(most)s / tenant, %(fewest)s) * g * sqrt(g))::int AS partner,
            accepted_at - ln(c) * interval '70 minutes' AS contacted_at,
            accepted_at - ln(d) * interval '30 days' AS closed_at,
            e >= 0.05 AND (accepted_at - ln(d) * interval '30 days') < %(at)s
                AND (f < 0.6 OR accepted_at < %(at)s - interval '60 days') AS is_closed
        FROM (
            SELECT n, %(at)s - (%(picks)s - n + random()) * (%(span)s / %(picks)s) AS accepted_at,
                1 + width_bucket(random(), %(bounds)s::float[]) AS tenant,
                random() AS a, 1 - random() AS b, 1 - random() AS c, 1 - random() AS d,
                random() AS e, random() AS f, random() AS g
            FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
            OFFSET 0
        ) AS chance
        OFFSET 0
    ) AS pick
"""
_LEADS = (
    """
    INSERT INTO leads_lead (
        id, manufacturer_id, external_id, source, campaign, temperature, evidence, country,
        postal_code, city, region, wish_summary, currency, is_test, is_imported, status,
        received_at, wave, step, partner_id, last_sequence, log_digest)
    SELECT lead_id, manufacturer_id, lead_id::text, source, '', temperature, '', country,
        postal_code, '', region, 'Heat pump', 'EUR', false, false,
        CASE ending WHEN 'RETURNED' THEN 'WITHDRAWN'
            ELSE coalesce(ending, CASE WHEN contact_time IS NULL THEN 'ACCEPTED'
                ELSE 'CONTACTED' END) END,
        coalesce(offered_at, accepted_at), 1, 0,
        CASE WHEN ending = 'RETURNED' THEN NULL ELSE partner_id END, 4, ''
    FROM leads_pick WHERE manufacturer_id = %(tenant)s ORDER BY accepted_at
    """,
    """
    INSERT INTO partners_partner (
        id, manufacturer_id, external_id, name, email, phone, language, country, postal_code, city,
        street, latitude, longitude, weight, status, created_at)
    SELECT partner_id, manufacturer_id, partner_id::text, partner_id::text, '', '', 'de', 'DE',
        '80331', '', '', 48, 11, 50, 'ACTIVE', min(accepted_at)
    FROM leads_pick WHERE manufacturer_id = %(tenant)s GROUP BY partner_id, manufacturer_id
    """,
    """
    INSERT INTO leads_assignment (
        id, manufacturer_id, lead_id, partner_id, offered_at, accepted_at, contacted_at,
        first_feedback_at, contact_step, closed_at, returned_at, outcome, value)
    SELECT assignment_id, manufacturer_id, lead_id, partner_id, offered_at, accepted_at,
        contacted_at, CASE WHEN has_feedback THEN accepted_at END, 0, closed_at,
        CASE WHEN ending = 'RETURNED' THEN accepted_at END, ending, value
    FROM leads_pick WHERE manufacturer_id = %(tenant)s ORDER BY accepted_at
    """,
)
