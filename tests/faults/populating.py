"""Run in the environment of an installation: many tenants with partners and a past full of leads.

``python -m tests.faults.populating TENANTS PARTNERS LEADS`` prints a JSON object with the API key
of each tenant. Leads are divided evenly; of each, three partners were asked.
"""

import io
import json
import sys
from typing import Any

import django

MANY = 10_000  # leads, which live in all of the country
# Of leads that are over, the one who took it and two others.
OFFERS = """
    INSERT INTO leads_leadoffer (
        id, manufacturer_id, lead_id, partner_id, wave, rank, status, offered_at, available_from,
        respond_by, answered_at, distance_km, note)
    SELECT gen_random_uuid(), lead.manufacturer_id, lead.id,
        CASE WHEN rank = 1 THEN lead.partner_id ELSE other.id END, 1, rank,
        CASE WHEN rank = 1 THEN 'ACCEPTED' ELSE 'WITHDRAWN' END, lead.received_at,
        lead.received_at, lead.received_at + interval '1 hour',
        CASE WHEN rank = 1 THEN lead.received_at + interval '10 minutes' END, 10 * rank, ''
    FROM leads_lead lead
    CROSS JOIN generate_series(1, 3) rank
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM partners_partner
          WHERE manufacturer_id = %(tenant)s) other
      ON other.number = mod(abs(hashtext(lead.external_id)::bigint) + rank, %(partners)s)
    WHERE lead.manufacturer_id = %(tenant)s AND lead.status IN ('WON', 'LOST')
      AND (rank = 1 OR other.id <> lead.partner_id)
"""
# Each partner has taken its share of them.
SPREAD = """
    UPDATE leads_lead lead SET partner_id = taker.id
    FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM partners_partner
          WHERE manufacturer_id = %(tenant)s) taker
    WHERE lead.manufacturer_id = %(tenant)s AND lead.status IN ('WON', 'LOST')
      AND taker.number = mod(abs(hashtext(lead.external_id)::bigint), %(partners)s)
"""


def populate(tenants: int, partners: int, leads: int) -> dict[str, str]:
    """Make them; returns the API key of each tenant by its slug."""
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up by now
    from django.db import connection, connections  # noqa: PLC0415

    from benchmarks.enquiries import write_leads  # noqa: PLC0415
    from benchmarks.networks import found_network  # noqa: PLC0415
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415

    if leads >= MANY:
        call_command("load_postal_codes", again=True, stdout=io.StringIO())
    keys = {}
    for number in range(tenants):
        slug = f"maker{number}"
        tenant = found_network(slug=slug, partners=partners, seed=number)
        keys[slug] = tenant.api_key
        write_leads(tenant.manufacturer.id, count=leads // tenants)
        with tenant_context(tenant.manufacturer.id), connection.cursor() as cursor:
            own: dict[str, Any] = {"tenant": tenant.manufacturer.id, "partners": partners}
            cursor.execute(SPREAD, own)
            cursor.execute(OFFERS, own)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return keys


if __name__ == "__main__":
    django.setup()
    print(json.dumps(populate(*map(int, sys.argv[1:]))))  # noqa: T201 - that is the answer
