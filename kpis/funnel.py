"""How far leads came: of those received in a period, how many reached each step, by SQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kpis.funnel_steps import FUNNEL
from kpis.reading import fetch

# A lead that came further was at every step before, whether or not a fact says so: a direct
# assignment is no offer, and who reports a deal need not have reported the appointment. So offers
# are looked up for those leads only that nobody got. A deal that was undone is no pick won.
STATEMENT = """
    SELECT count(*) AS received,
        count(*) FILTER (WHERE is_accepted OR EXISTS (
            SELECT FROM leads_leadoffer AS offer
            WHERE offer.manufacturer_id = %(manufacturer)s AND offer.lead_id = reached.id))
            AS offered,
        count(*) FILTER (WHERE is_accepted) AS accepted,
        count(*) FILTER (WHERE contacted OR advanced OR won) AS contacted,
        count(*) FILTER (WHERE advanced OR won) AS advanced,
        count(*) FILTER (WHERE won) AS won
    FROM (
        SELECT lead.id, picked.lead_id IS NOT NULL AS is_accepted, picked.contacted,
            picked.advanced, picked.won
        FROM leads_lead AS lead
        LEFT JOIN (
            SELECT pick.lead_id, bool_or(pick.contact_time IS NOT NULL) AS contacted,
                bool_or(pick.appointments + pick.quotes > 0) AS advanced,
                bool_or(pick.ending = 'WON') AS won
            FROM leads_pick AS pick
            WHERE pick.manufacturer_id = %(manufacturer)s AND pick.accepted_at >= %(starts_at)s
            GROUP BY pick.lead_id
        ) AS picked ON picked.lead_id = lead.id
        WHERE lead.manufacturer_id = %(manufacturer)s
            AND lead.received_at >= %(starts_at)s AND lead.received_at < %(ends_at)s
            AND NOT lead.is_test AND lead.status <> 'MERGED'
    ) AS reached
"""


def calculate_funnel(
    *, manufacturer_id: UUID, starts_at: datetime, ends_at: datetime
) -> dict[str, int]:
    """Count the leads received in ``[starts_at, ends_at)`` that reached each step or a later one.

    Test leads and those merged into another are left out.

    :returns: code of the step, as ``FUNNEL`` declares them -> leads; never more than before it.
    """
    parameters: dict[str, Any] = {
        "manufacturer": manufacturer_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    (answer,) = fetch(STATEMENT, parameters)
    return {step.code: answer[step.code] for step in FUNNEL}
