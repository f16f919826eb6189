"""How far leads came: of those received in a period, how many reached each step, by SQL."""

from dataclasses import replace

from kpis.funnel_steps import FUNNEL
from kpis.groups import conditions_of, parameters_of
from kpis.reading import fetch
from kpis.values import Cohort

# A lead that came further was at every step before, whether or not a fact says so: a direct
# assignment is no offer, and who reports a deal need not have reported the appointment. So offers
# are looked up for those leads only that nobody got. A deal that was undone is no pick won.
#
# Leads look like picks, so that the same filters hold: ``accepted_at`` is when they were received.
# Of a partner those count that it was offered or got, and what it made of them.
_STATEMENT = """
    SELECT count(*) AS received,
        count(*) FILTER (WHERE is_accepted OR is_offered) AS offered,
        count(*) FILTER (WHERE is_accepted) AS accepted,
        count(*) FILTER (WHERE contacted OR advanced OR won) AS contacted,
        count(*) FILTER (WHERE advanced OR won) AS advanced,
        count(*) FILTER (WHERE won) AS won
    FROM (
        SELECT picked.lead_id IS NOT NULL AS is_accepted, picked.contacted, picked.advanced,
            picked.won,
            picked.lead_id IS NULL AND EXISTS (
                SELECT FROM leads_leadoffer AS offer
                WHERE offer.manufacturer_id = %(manufacturer)s AND offer.lead_id = pick.lead_id
                    {of_partner}) AS is_offered
        FROM (
            SELECT lead.manufacturer_id, lead.id AS lead_id, lead.received_at AS accepted_at,
                lead.source, lead.campaign, lead.temperature, lead.country, lead.postal_code,
                lead.region
            FROM leads_lead AS lead
            WHERE lead.manufacturer_id = %(manufacturer)s
                AND NOT lead.is_test AND lead.status <> 'MERGED'
        ) AS pick
        LEFT JOIN (
            SELECT pick.lead_id, bool_or(pick.contact_time IS NOT NULL) AS contacted,
                bool_or(pick.appointments + pick.quotes > 0) AS advanced,
                bool_or(pick.ending = 'WON') AS won
            FROM leads_pick AS pick
            WHERE pick.manufacturer_id = %(manufacturer)s AND pick.accepted_at >= %(starts_at)s
                {of_partner}
            GROUP BY pick.lead_id
        ) AS picked ON picked.lead_id = pick.lead_id
        WHERE {conditions}
    ) AS reached
    {came_to_partner}
"""
_OF_PARTNER = "AND partner_id = %(partner)s"
_CAME_TO_PARTNER = "WHERE is_accepted OR is_offered"


def calculate_funnel(*, cohort: Cohort) -> dict[str, int]:
    """Count the leads received in a cohort's period that reached each step or a later one.

    Test leads and those merged into another are left out. What only picks have, such as who works
    them, filters nothing.

    :returns: code of the step, as ``FUNNEL`` declares them -> leads; never more than before it.
    """
    leads = replace(cohort, partner_id=None, user_id=None, certification=None)
    has_partner = cohort.partner_id is not None
    statement = _STATEMENT.format(
        conditions=conditions_of(leads),
        of_partner=_OF_PARTNER if has_partner else "",
        came_to_partner=_CAME_TO_PARTNER if has_partner else "",
    )
    parameters = parameters_of(leads, (), at=cohort.ends_at) | {"partner": cohort.partner_id}
    (answer,) = fetch(statement, parameters)
    return {step.code: answer[step.code] for step in FUNNEL}
