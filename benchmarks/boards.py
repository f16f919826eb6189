"""A manufacturer with any number of leads of all kinds, for measurements of its board.

What is rare is rare on purpose, and some of it old: those are the leads that a list in the order of
time comes to last.
"""

import os
from collections.abc import Sequence
from contextlib import closing
from typing import Any, NamedTuple
from uuid import UUID

import psycopg2
from django.db import connection

from benchmarks.enquiries import DOMAINS, ENDINGS, FIRST_NAMES, LAST_NAMES

# A year of leads: the last one came in a minute ago. Everything is decided by the lead's number,
# the highest being the newest, and by chance of a fixed seed.
LEADS = """
    CREATE UNLOGGED TABLE board AS
    SELECT n, uuidv7(%(oldest)s::interval * (1 - n::float8 / %(count)s)) AS id,
        now() + %(oldest)s::interval * (1 - n::float8 / %(count)s) - interval '1 minute'
            AS received_at,
        (%(sources)s)[CASE
            WHEN n %% 10000 = 7 THEN 12
            WHEN n < %(count)s / 10 AND chance < 0.3 THEN 11
            ELSE 1 + floor(10 * power(chance, 2))::int END] AS source,
        (array['HOT', 'WARM', 'COLD'])[CASE WHEN other < 0.15 THEN 1 WHEN other < 0.6 THEN 2
            ELSE 3 END] AS temperature,
        CASE WHEN n < %(count)s / 3 AND third < 0.01 THEN 5
            WHEN third < 0.8 THEN 1 + floor(4 * third / 0.8)::int
            ELSE 6 + floor(4 * (third - 0.8) / 0.2)::int END AS lines,
        CASE WHEN n > %(count)s * 0.995 THEN (array['OFFERED', 'OFFERED', 'OFFERED', 'OPEN', 'HELD',
                'ACCEPTED', 'ACCEPTED', 'CONTACTED', 'CONTACTED', 'WITHDRAWN'])[1 + n %% 10]
            WHEN n > %(count)s * 0.9 AND fourth < 0.4 THEN
                (array['ACCEPTED', 'CONTACTED', 'IN_PROGRESS', 'OPEN'])[1 + n %% 4]
            WHEN fourth < 0.01 THEN (array['ACCEPTED', 'IN_PROGRESS'])[1 + n %% 2]
            WHEN fourth < 0.012 THEN 'HELD'
            WHEN fourth < 0.02 THEN 'OPEN'
            WHEN fourth < 0.24 THEN 'WON'
            WHEN fourth < 0.86 THEN 'LOST'
            ELSE (array['WITHDRAWN', 'MERGED', 'REJECTED'])[1 + n %% 3] END AS status,
        1 + floor(%(partners)s * power(fifth, 3))::int AS partner,
        1 + floor(%(places)s * sixth)::int AS place
    FROM (SELECT n, random() AS chance, random() AS other, random() AS third, random() AS fourth,
                 random() AS fifth, random() AS sixth
          FROM generate_series(1, %(count)s) n) drawn
"""
ROWS = (
    """
    INSERT INTO leads_lead (
        id, manufacturer_id, external_id, source, campaign, temperature, evidence, country,
        postal_code, city, region, latitude, longitude, wish_summary, lines_digest, expected_value,
        currency, is_test, is_imported, status, hold_reason, received_at, wave, step, respond_by,
        due_at, policy_id, partner_id, merged_into_id, last_sequence, log_digest)
    SELECT b.id, %(tenant)s, 'CRM-' || (1000000 + n), source, '', temperature,
        'Asked for a quote', place.country, place.code, place.name, place.region, place.latitude,
        place.longitude, 'Heat pump', b.lines, CASE WHEN n %% 10 < 7 THEN 5000 + n %% 30000 END,
        'EUR', false, false, status,
        CASE WHEN status = 'HELD' THEN (array['DUPLICATE', 'UNKNOWN_POSTAL_CODE'])[1 + n %% 2] END,
        received_at, 1, 0, CASE WHEN status = 'OFFERED' THEN now() + n %% 240 * interval '1 minute'
        END, CASE WHEN status = 'OFFERED' THEN now() + n %% 240 * interval '1 minute' END,
        %(policy)s, CASE WHEN status = ANY (%(held)s) THEN partner.id END,
        CASE WHEN status = 'MERGED' THEN b.id END, 0, ''
    FROM board b
    JOIN (SELECT *, row_number() OVER (ORDER BY country, code) AS place
          FROM core_postalcode) place USING (place)
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS partner
          FROM partners_partner WHERE manufacturer_id = %(tenant)s) partner USING (partner)
    ORDER BY n
    """,
    # Sets of lines: each of five alone, and four pairs.
    """
    INSERT INTO leads_leadproductline (id, manufacturer_id, lead_id, product_line_id, position)
    SELECT uuidv7(), %(tenant)s, b.id, line.id, 0
    FROM board b JOIN (
        SELECT id, row_number() OVER (ORDER BY code DESC) AS line
        FROM partners_productline WHERE manufacturer_id = %(tenant)s) line
    ON line.line = b.lines OR (b.lines > 5 AND line.line IN (b.lines - 5, b.lines %% 4 + 1))
    """,
    """
    INSERT INTO leads_assignment (
        id, manufacturer_id, lead_id, partner_id, accepted_at, contacted_at, feedback_due_at,
        contact_step, closed_at, outcome, value, lost_reason)
    SELECT uuidv7(), %(tenant)s, l.id, l.partner_id, l.received_at + interval '20 minutes',
        CASE WHEN status <> 'ACCEPTED' THEN l.received_at + interval '2 hours' END,
        CASE WHEN l.status IN ('ACCEPTED', 'CONTACTED', 'IN_PROGRESS')
            THEN now() + (n %% 10 - 2) * interval '1 day' END, 0,
        CASE WHEN l.status IN ('WON', 'LOST') THEN least(now(), l.received_at
            + n %% 40 * interval '1 day') END,
        CASE WHEN l.status IN ('WON', 'LOST') THEN l.status END,
        CASE WHEN l.status = 'WON' THEN 9000 END, CASE WHEN l.status = 'LOST' THEN 'PRICE' END
    FROM board b JOIN leads_lead l USING (id, received_at, status)
    WHERE l.partner_id IS NOT NULL ORDER BY n
    """,
    # Given back by another partner, most of it judged.
    """
    INSERT INTO leads_assignment (
        id, manufacturer_id, lead_id, partner_id, accepted_at, contact_step, returned_at, outcome,
        return_reason, return_verdict)
    SELECT uuidv7(), %(tenant)s, b.id, %(partner)s, received_at, 0,
        received_at + interval '10 minutes', 'RETURNED', 'WRONG_DATA',
        CASE WHEN n %% 250 <> 0 THEN 'REFUSED' END
    FROM board b WHERE n %% 50 = 0
    """,
    """
    INSERT INTO leads_wave (
        id, manufacturer_id, lead_id, number, policy_id, opened_at, respond_by, matches, excluded,
        excluded_counts, is_cut)
    SELECT uuidv7(), %(tenant)s, id, 1, %(policy)s, received_at, respond_by, '{}', '[]', '{}', false
    FROM leads_lead WHERE manufacturer_id = %(tenant)s AND status = 'OFFERED'
    """,
    """
    INSERT INTO leads_leadcontact (
        lead_id, manufacturer_id, first_name, last_name, company, email, email_as_sent, phone,
        phone_as_sent, street, language, wish, additions)
    SELECT id, %(tenant)s, first, last, CASE WHEN n %% 10 = 0 THEN last || ' Haustechnik GmbH' ELSE
        '' END, email, email, phone, phone, 'Musterweg 1', 'de', '', '[]'
    FROM (SELECT n, id, first, last, lower(first) || '.' || n %% 9973 || '@' || domain AS email,
                 '+49' || (151 + random() * 28)::int || (1e6 + random() * 8e6)::int AS phone
          FROM (SELECT n, id, (%(firsts)s)[1 + floor(random() * %(first_count)s)::int] AS first,
                       (%(lasts)s)[1 + floor(random() * %(last_count)s)::int]
                       || (%(endings)s)[1 + floor(random() * %(ending_count)s)::int] AS last,
                       (%(domains)s)[1 + n %% %(domain_count)s] AS domain
                FROM board) person) contact
    ORDER BY n
    """,
    "DROP INDEX leads_by_words",
    """
    INSERT INTO leads_leadsearch (lead_id, manufacturer_id, words)
    SELECT id, %(tenant)s, leads_words_of(id) FROM board ORDER BY n
    """,
    """
    CREATE INDEX leads_by_words ON leads_leadsearch USING gin (manufacturer_id, words gin_trgm_ops)
    WITH (gin_pending_list_limit = 2048)
    """,
    "DROP TABLE board",
)
SOURCES = (
    *("website", "configurator", "fair", "telephone", "newsletter", "partner-portal", "social"),
    *("search", "magazine", "referral", "old-crm", "newspaper"),
)


class Board(NamedTuple):
    """What was written, to be asked for.

    :ivar partners: the one with the most leads, one in the middle, and the one with the fewest.
    :ivar lines: codes; the last one is rare and old.
    :ivar middle: a lead of the middle of the year.
    """

    tenant: UUID
    partners: Sequence[UUID]
    lines: Sequence[str]
    middle: UUID


def write_board(tenant: UUID, *, leads: int) -> Board:
    """Write leads with all that their board reads, past triggers and checks: as a superuser."""
    with closing(_as_superuser()) as admin, admin.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SELECT setseed(0.5)")
        asked = _asked(cursor, tenant, leads)
        for sql in (LEADS, *ROWS):
            cursor.execute(sql, asked)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT array_agg(id::text ORDER BY id) FROM partners_partner"
            " WHERE manufacturer_id = %s",
            [str(tenant)],
        )
        ((partners,),) = cursor.fetchall()
        cursor.execute(
            "SELECT id FROM leads_lead WHERE manufacturer_id = %s AND external_id = %s",
            [str(tenant), f"CRM-{1_000_000 + leads // 2}"],
        )
        ((middle,),) = cursor.fetchall()
    ids = [UUID(str(partner)) for partner in partners]
    chosen = [ids[place] for place in (0, len(ids) // 2, -1)]
    lines = ("ventilation", "storage", "solar", "heat-pumps", "boilers")
    return Board(tenant, chosen, lines, UUID(str(middle)))


def _asked(cursor: Any, tenant: UUID, leads: int) -> dict[str, Any]:
    cursor.execute(
        "SELECT (SELECT count(*) FROM core_postalcode), (SELECT count(*) FROM partners_partner"
        " WHERE manufacturer_id = %(tenant)s), (SELECT id FROM partners_partner WHERE"
        " manufacturer_id = %(tenant)s ORDER BY id DESC LIMIT 1), (SELECT id FROM"
        " leads_routingpolicy WHERE manufacturer_id = %(tenant)s LIMIT 1)",
        {"tenant": str(tenant)},
    )
    places, partners, partner, policy = cursor.fetchone()
    words = {"first": FIRST_NAMES, "last": LAST_NAMES, "ending": ENDINGS, "domain": DOMAINS}
    return {
        "tenant": str(tenant),
        "count": leads,
        "places": places,
        "partners": partners,
        "partner": partner,
        "policy": policy,
        "oldest": "-365 days",
        "sources": list(SOURCES),
        "held": ["ACCEPTED", "CONTACTED", "IN_PROGRESS", "WON", "LOST"],
        **{f"{name}s": list(values) for name, values in words.items()},
        **{f"{name}_count": len(values) for name, values in words.items()},
    }


def _as_superuser() -> Any:
    admin = psycopg2.connect(
        os.environ["LEADHUB_TEST_ADMIN_URL"], dbname=connection.settings_dict["NAME"]
    )
    admin.autocommit = True
    return admin
