"""How fairly leads are offered: how often each partner could have had one, and was asked, by SQL.

Both are read from the decisions that routing stores with each wave: whoever is ranked there could
have been asked, whoever has an offer was. A lead counts once for a partner, however many waves it
took.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

STATEMENT = """
    WITH wave AS (
        SELECT w.lead_id, w.matches
        FROM leads_wave AS w
        JOIN leads_lead AS l ON l.manufacturer_id = w.manufacturer_id AND l.id = w.lead_id
        WHERE w.manufacturer_id = %(manufacturer)s
            AND w.opened_at >= %(starts_at)s AND w.opened_at < %(ends_at)s
            AND NOT l.is_test AND NOT l.is_imported
            AND (%(line)s IS NULL OR EXISTS (
                SELECT FROM leads_leadproductline AS p
                JOIN partners_productline AS named ON named.id = p.product_line_id
                WHERE p.manufacturer_id = w.manufacturer_id AND p.lead_id = w.lead_id
                    AND named.code = %(line)s))
    ),
    eligible AS (
        SELECT (ranked ->> 0)::uuid AS partner_id, count(DISTINCT lead_id) AS leads
        FROM wave, jsonb_array_elements(wave.matches -> 'ranked') AS ranked
        GROUP BY 1
    ),
    offered AS (
        SELECT o.partner_id, count(DISTINCT o.lead_id) AS leads
        FROM leads_leadoffer AS o
        WHERE o.manufacturer_id = %(manufacturer)s
            AND o.offered_at >= %(starts_at)s AND o.offered_at < %(ends_at)s
            AND o.lead_id IN (SELECT lead_id FROM wave)
        GROUP BY 1
    )
    SELECT partner.id, partner.name, coalesce(eligible.leads, 0), coalesce(offered.leads, 0)
    FROM eligible FULL JOIN offered ON offered.partner_id = eligible.partner_id
    JOIN partners_partner AS partner
        ON partner.manufacturer_id = %(manufacturer)s
        AND partner.id = coalesce(eligible.partner_id, offered.partner_id)
    ORDER BY 4 DESC, 3 DESC, partner.name, partner.id
"""


class Exposure(NamedTuple):
    """One partner: leads that it could have had, and leads that it was asked for."""

    partner_id: UUID
    name: str
    eligible: int
    offered: int


def calculate_exposure(
    *, manufacturer_id: UUID, starts_at: datetime, ends_at: datetime, product_line: str | None
) -> list[Exposure]:
    """Count for each partner the leads of the waves opened in ``[starts_at, ends_at)``.

    Test leads and imported ones are left out, and partners that could have had none.

    :param product_line: code of a line that the leads ask for; ``None`` for all.
    :returns: those asked most first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT,
            {
                "manufacturer": manufacturer_id,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "line": product_line,
            },
        )
        return [Exposure(*row) for row in cursor.fetchall()]
