"""A million deadlines in their tables, as waves would have left them: by SQL, in a minute or two.

What is due lies first: the leads of the earliest enquiries. Each lead was offered to the three
nearest partners that sell what it asks for; its log, its wave and the notices that were sent are
there as well. Digests are not, for nothing here reads a log.
"""

import os
from datetime import datetime, timedelta
from typing import Any

import psycopg2
from django.db import connections

from benchmarks.networks import LINES, found_network
from leadhub.core import clock
from leadhub.core.tenancy.context import system_context

# Places that the leads of one manufacturer come from, each with the partners nearest to it.
PLACES = 1_500
WINDOW = timedelta(hours=1)


def found_networks(count: int, *, partners: int) -> None:
    """Found so many manufacturers, each with partners of its own."""
    for number in range(count):
        found_network(slug=f"sweep-{number}", partners=partners, seed=number)


def write_deadlines(*, leads: int, due: int) -> datetime:
    """Write leads on offer, evenly of all manufacturers, of which the first ``due`` are due.

    This function will return the instant at which they are.
    """
    with system_context("benchmark"):
        at = clock.now()
    values = {
        "lines": list(LINES),
        "places": PLACES,
        "leads": leads,
        "at": at,
        "due": due,
        "window": WINDOW,
        # The due ones fell due one after the other in the last hour, the others fall due later.
        "apart": timedelta(hours=1) / due,
    }
    # The superuser may switch the triggers off: what is written points where it should.
    database = connections["owner"].settings_dict["NAME"]
    admin = psycopg2.connect(os.environ["LEADHUB_TEST_ADMIN_URL"], dbname=database)
    with admin, admin.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        later = _drop_indexes(cursor)
        for statement in (_SPOTS, _DEADLINES, *_ROWS):
            cursor.execute(statement, values)
        for index in later:
            cursor.execute(index)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE, FREEZE)")
        cursor.execute("CHECKPOINT")
    admin.close()
    return at


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop the indexes that no constraint needs; returns what makes them again."""
    cursor.execute(_PLAIN_INDEXES)
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


_PLAIN_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM pg_index i
    WHERE i.indrelid IN ('leads_lead'::regclass, 'leads_leadoffer'::regclass,
            'leads_leadevent'::regclass, 'core_delivery'::regclass,
            'leads_leadproductline'::regclass, 'leads_leadcontact'::regclass)
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""

# Where enquiries come from: a place and a line, with the three partners nearest to it.
_SPOTS = """
    CREATE TEMP TABLE spot ON COMMIT DROP AS
    SELECT m.number AS tenant_number, m.id AS tenant, p.number, p.country, p.code, p.name,
        p.region, p.latitude, p.longitude, l.id AS line, r.id AS policy, near.partners
    FROM (SELECT id, row_number() OVER (ORDER BY slug) - 1 AS number
          FROM partners_manufacturer WHERE slug LIKE 'sweep-%%') m
    JOIN leads_routingpolicy r ON r.manufacturer_id = m.id AND r.is_active
    CROSS JOIN (SELECT *, row_number() OVER (ORDER BY md5(code)) - 1 AS number
                FROM core_postalcode WHERE country = 'DE') p
    JOIN partners_productline l ON l.manufacturer_id = m.id
        AND l.code = (%(lines)s::text[])[1 + p.number %% cardinality(%(lines)s::text[])]
    CROSS JOIN LATERAL (
        SELECT array_agg(partner_id) AS partners FROM (
            SELECT i.partner_id FROM partners_portfolioitem i
            WHERE i.manufacturer_id = m.id AND i.product_line_id = l.id
            ORDER BY (i.latitude - p.latitude) ^ 2 + (i.longitude - p.longitude) ^ 2 LIMIT 3
        ) nearest
    ) near
    WHERE p.number < %(places)s;
    CREATE UNIQUE INDEX ON spot (tenant_number, number);
    ANALYZE spot
"""
_DEADLINES = """
    CREATE TEMP TABLE deadline ON COMMIT DROP AS
    SELECT n, uuidv7((n - %(leads)s) * interval '1 second') AS lead,
        %(at)s + (n - %(due)s) * %(apart)s AS due_at,
        %(at)s + (n - %(due)s) * %(apart)s - %(window)s AS offered_at,
        s.*, array[uuidv7(), uuidv7(), uuidv7()] AS offers,
        array[uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7()] AS events
    FROM generate_series(1, %(leads)s) n
    JOIN spot s ON s.tenant_number = n %% (SELECT 1 + max(tenant_number) FROM spot)
        AND s.number = (n::bigint * 7919) %% %(places)s
    ORDER BY n;
    ANALYZE deadline
"""
_ROWS = (
    """
    INSERT INTO leads_lead (
        id, manufacturer_id, external_id, source, campaign, temperature, evidence, country,
        postal_code, city, region, latitude, longitude, wish_summary, currency, is_test,
        is_imported, status, received_at, wave, step, respond_by, due_at, policy_id,
        last_sequence, log_digest, lines_digest)
    SELECT lead, tenant, 'CRM-' || n, 'website', '', 'WARM', '', country, code, name, region,
        latitude, longitude, 'Heat pump', 'EUR', false, false, 'OFFERED', offered_at, 1, 0, due_at,
        due_at, policy, 5, sha256(lead::text::bytea), 0
    FROM deadline ORDER BY n
    """,
    """
    INSERT INTO leads_leadproductline (id, manufacturer_id, lead_id, product_line_id, position)
    SELECT uuidv7(), tenant, lead, line, 0 FROM deadline ORDER BY n
    """,
    """
    INSERT INTO leads_leadcontact (
        lead_id, manufacturer_id, first_name, last_name, company, email, email_as_sent, phone,
        phone_as_sent, street, language, wish, additions)
    SELECT lead, tenant, 'Erika', 'Beispiel', '', 'e' || n || '@example.com',
        'e' || n || '@example.com', '', '', 'Musterweg 1', 'de', '', '{}'
    FROM deadline ORDER BY n
    """,
    """
    INSERT INTO leads_wave (
        id, manufacturer_id, lead_id, number, policy_id, opened_at, respond_by, radius_km, matches,
        excluded, excluded_counts, is_cut)
    SELECT uuidv7(), tenant, lead, 1, policy, offered_at, due_at, 50,
        '{"terms": [], "ranked": []}', '[]', '{}', false
    FROM deadline ORDER BY n
    """,
    """
    INSERT INTO leads_leadoffer (
        id, manufacturer_id, lead_id, partner_id, wave, rank, status, offered_at, available_from,
        respond_by, distance_km, note)
    SELECT offers[rank], tenant, lead, partners[rank], 1, rank, 'OPEN', offered_at, offered_at,
        due_at, 10, ''
    FROM deadline, generate_series(1, 3) rank ORDER BY n, rank
    """,
    """
    INSERT INTO leads_leadevent (
        id, manufacturer_id, lead_id, sequence, type, partner_id, actor, at, recorded_at, data,
        digest)
    SELECT events[step], tenant, lead, step,
        (array['lead.received', 'lead.wave_opened', 'lead.offered', 'lead.offered',
               'lead.offered'])[step],
        CASE WHEN step > 2 THEN partners[step - 2] END, 'system:benchmark', offered_at, offered_at,
        CASE WHEN step > 2 THEN jsonb_build_object('offer', offers[step - 2]) ELSE '{}' END,
        sha256(events[step]::text::bytea)
    FROM deadline, generate_series(1, 5) step ORDER BY n, step
    """,
    """
    INSERT INTO core_delivery (
        id, manufacturer_id, event_id, channel, kind, recipient, subject_id, dedupe, due_at,
        attempts, done_at, skipped, last_error)
    SELECT uuidv7(), tenant, events[rank + 2], 'NOTICE', 'offer_new',
        'partner:' || partners[rank], offers[rank],
        'offer_new:' || events[rank + 2] || ':partner:' || partners[rank], offered_at, 1,
        offered_at, '', ''
    FROM deadline, generate_series(1, 3) rank ORDER BY n, rank
    """,
    """
    INSERT INTO leads_partnerstanding (
        partner_id, manufacturer_id, open_assignments, last_offered_at)
    SELECT id, manufacturer_id, 0, %(at)s - random() * interval '3 days' FROM partners_partner
    ON CONFLICT DO NOTHING
    """,
)
