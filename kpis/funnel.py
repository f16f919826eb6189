"""How far leads came: of those received in a period, how many reached each step, by SQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from kpis.definitions import FUNNEL

# What a partner reports that is more than a contact.
ADVANCES = ("APPOINTMENT", "QUOTE_SENT")
PICKS = ("offer.accepted", "lead.assigned", "lead.picked")
CLOSINGS = ("lead.won", "lead.lost", "lead.reopened")
FACTS = ("lead.offered", *PICKS, "contact.made", "feedback.given", *CLOSINGS)

# A lead that came further was at every step before, whether or not a fact says so: a direct
# assignment is no offer, and who reports a deal need not have reported the appointment.
STATEMENT = """
    WITH reached AS (
        SELECT
            bool_or(event.type = 'lead.offered') IS TRUE AS offered,
            bool_or(event.type = ANY (%(picks)s)) IS TRUE AS accepted,
            bool_or(event.type = 'contact.made') IS TRUE AS contacted,
            bool_or(event.type = 'feedback.given' AND event.data ->> 'status' = ANY (%(advances)s))
                IS TRUE AS advanced,
            -- A deal may be undone: the last turn decides.
            (array_agg(event.type ORDER BY event.sequence DESC)
                FILTER (WHERE event.type = ANY (%(closings)s)))[1] IS NOT DISTINCT FROM 'lead.won'
                AS won
        FROM leads_lead AS lead
        LEFT JOIN leads_leadevent AS event
            ON event.manufacturer_id = lead.manufacturer_id AND event.lead_id = lead.id
            AND event.type = ANY (%(facts)s)
        WHERE lead.manufacturer_id = %(manufacturer)s
            AND lead.received_at >= %(starts_at)s AND lead.received_at < %(ends_at)s
            AND NOT lead.is_test AND lead.status <> 'MERGED'
        GROUP BY lead.id
    )
    SELECT count(*),
        count(*) FILTER (WHERE offered OR accepted OR contacted OR advanced OR won),
        count(*) FILTER (WHERE accepted OR contacted OR advanced OR won),
        count(*) FILTER (WHERE contacted OR advanced OR won),
        count(*) FILTER (WHERE advanced OR won),
        count(*) FILTER (WHERE won)
    FROM reached
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
        "facts": list(FACTS),
        "picks": list(PICKS),
        "advances": list(ADVANCES),
        "closings": list(CLOSINGS),
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        counts = cursor.fetchone()
    return {step.code: count for step, count in zip(FUNNEL, counts, strict=True)}
