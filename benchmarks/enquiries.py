"""Any number of leads of a manufacturer for measurements: believable people, fixed seed."""

from typing import Any
from uuid import UUID

from django.db import connection

from leadhub.core.tenancy.context import tenant_context

FIRST_NAMES = (
    *("Anna", "Peter", "Sabine", "Jürgen", "Erika", "Max", "Lena", "Jörg", "Michaela", "Björn"),
    *("Claudia", "Hans", "Uwe", "Renate", "Mehmet", "Łukasz", "Zoë", "Katharina", "Wolfgang"),
)
LAST_NAMES = (
    *("Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz"),
    *("Hoffmann", "Schäfer", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann"),
    *("Schwarz", "Zimmermann", "Braun", "Krüger", "Hofmann", "Hartmann", "Lange", "Werner"),
    *("Krause", "Lehmann", "Mueller", "Köhler"),
)
ENDINGS = ("", "", "", "", "", "", "-Huber", "-Groß", "-Łuczak", "mann", "berg", "hausen")
DOMAINS = ("gmail.com", "gmx.de", "web.de", "t-online.de", "outlook.com", "beispiel-haus.example")
LEADS = """
    INSERT INTO leads_lead (
        id, manufacturer_id, external_id, source, campaign, temperature, evidence, country,
        postal_code, city, region, latitude, longitude, wish_summary, currency, is_test,
        is_imported, status, received_at, wave, step, last_sequence, log_digest, lines_digest,
        partner_id)
    SELECT gen_random_uuid(), %(tenant)s, 'CRM-' || (100000 + n), 'website', '', 'WARM', '', 'DE',
        place.code, place.name, place.region, place.latitude, place.longitude, 'Heat pump', 'EUR',
        false, false, status, timestamptz '2026-11-01' - n * interval '5 minutes', 0, 0, 0, '',
        0, CASE WHEN status IN ('WON', 'LOST') THEN %(partner)s::uuid END
    FROM (SELECT n, (array['OPEN', 'WON', 'LOST', 'LOST', 'REJECTED'])[1 + n %% 5] AS status,
                 1 + floor(random() * %(places)s)::int AS place_number
          FROM generate_series(1, %(count)s) n) lead
    JOIN (SELECT *, row_number() OVER (ORDER BY country, code) AS place_number
          FROM core_postalcode) place USING (place_number)
"""
CONTACTS = """
    INSERT INTO leads_leadcontact (
        lead_id, manufacturer_id, first_name, last_name, company, email, email_as_sent, phone,
        phone_as_sent, street, language, wish, additions)
    SELECT id, %(tenant)s, first_name, last_name, company, email, email, phone, phone,
        'Musterweg 1', 'de', '', '[]'
    FROM (SELECT id, first_name, last_name,
                 CASE WHEN random() < 0.1 THEN last_name || ' Haustechnik GmbH' ELSE '' END company,
                 lower(first_name) || '.' || (random() * 1e4)::int || '@' || domain AS email,
                 '+49' || (151 + random() * 28)::int || (1e6 + random() * 8e6)::int AS phone
          FROM (SELECT id, (%(first_names)s)[1 + floor(random() * %(firsts)s)::int] AS first_name,
                       (%(last_names)s)[1 + floor(random() * %(lasts)s)::int]
                       || (%(endings)s)[1 + floor(random() * %(ends)s)::int] AS last_name,
                       (%(domains)s)[1 + floor(random() * %(domain_count)s)::int] AS domain
                FROM leads_lead WHERE manufacturer_id = %(tenant)s) person) contact
"""


def write_leads(manufacturer_id: UUID, *, count: int) -> None:
    """Write leads with their contacts; those won or lost are one partner's."""
    with tenant_context(manufacturer_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT setseed(0.5), (SELECT count(*) FROM core_postalcode),"
            " (SELECT id FROM partners_partner ORDER BY id LIMIT 1)"
        )
        _, places, partner_id = cursor.fetchone()
        asked = {
            "tenant": str(manufacturer_id),
            "partner": str(partner_id),
            "places": places,
            "count": count,
        }
        cursor.execute(LEADS, asked)
        cursor.execute(
            CONTACTS,
            {
                "tenant": str(manufacturer_id),
                **_choices("first_names", "firsts", FIRST_NAMES),
                **_choices("last_names", "lasts", LAST_NAMES),
                **_choices("endings", "ends", ENDINGS),
                **_choices("domains", "domain_count", DOMAINS),
            },
        )


def _choices(name: str, number: str, values: tuple[str, ...]) -> dict[str, Any]:
    return {name: list(values), number: len(values)}
