"""The leads behind a number: which picks, or which leads received, a figure was counted from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from kpis.groups import conditions_of, parameters_of
from kpis.periods import Period, instants_of
from kpis.reading import fetch
from kpis.selectors import NO_FILTERS, Filters, cohort_of
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from partners.models import Manufacturer

NEWEST = "pick.accepted_at DESC"
# Code of a figure or of a set -> which picks it counts, and in which order they are told.
OF_PICKS: Mapping[str, tuple[str, str]] = {
    "picks": ("true", NEWEST),
    "acceptance_time": ("pick.acceptance_time IS NOT NULL", "pick.acceptance_time DESC"),
    "contact_time": ("pick.contact_time IS NOT NULL", "pick.contact_time DESC"),
    "processing_time": ("pick.processing_time IS NOT NULL", "pick.processing_time DESC"),
    "feedback_rate": ("true", "pick.has_feedback, pick.accepted_at DESC"),
    "conversion_rate": (
        "(pick.ending IS DISTINCT FROM 'RETURNED' OR NOT pick.is_lead_at_fault)",
        "pick.ending = 'WON' DESC NULLS LAST, pick.accepted_at DESC",
    ),
    "won": ("pick.ending = 'WON'", "pick.value DESC NULLS LAST"),
}
OF_LEADS: Mapping[str, str] = {
    "received": "true",
    "unserved": """pick.wave > 0
        AND NOT EXISTS (SELECT FROM leads_leadoffer AS offer
            WHERE offer.manufacturer_id = %(manufacturer)s AND offer.lead_id = pick.lead_id)
        AND NOT EXISTS (SELECT FROM leads_assignment AS held
            WHERE held.manufacturer_id = %(manufacturer)s AND held.lead_id = pick.lead_id)""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A lead behind a number, as one row; times in seconds.

    :ivar at: when it was accepted, or received.
    :ivar ending: ``None`` while it is in hands, or if the number is none of picks.
    """

    lead_id: UUID
    external_id: str
    city: str
    postal_code: str
    source: str
    at: datetime
    partner_id: UUID | None = None
    acceptance_time: int | None = None
    contact_time: int | None = None
    processing_time: int | None = None
    has_feedback: bool | None = None
    ending: str | None = None
    value: Decimal | None = None
    currency: str | None = None


def leads_behind(
    actor: Actor,
    *,
    of: str,
    period: Period,
    filters: Filters = NO_FILTERS,
    skip: int,
    at_most: int,
    at: datetime,
) -> tuple[int, list[Behind]]:
    """Count the leads behind a number, and list some of them.

    :param of: a key of ``OF_PICKS`` or of ``OF_LEADS``.
    :param skip: so many before those listed, in whole pages; past the end, the last page is listed.
    :raises NotVisible: to a partner.
    :raises InvalidInput: as ``figures_visible_to`` does.
    """
    if actor.is_partner:
        raise NotVisible
    manufacturer = Manufacturer.objects.get(id=actor.manufacturer_id)
    starts_at, ends_at = instants_of(period, ZoneInfo(manufacturer.time_zone))
    cohort = cohort_of(actor, manufacturer, filters, starts_at, ends_at, is_working=False)
    if of in OF_LEADS:
        cohort = replace(cohort, partner_id=None, user_id=None, certification=None)
        told, table, condition, order = _LEAD_COLUMNS, _LEADS, OF_LEADS[of], NEWEST
    else:
        told, table = _PICK_COLUMNS, "leads_pick"
        condition, order = OF_PICKS[of]
    parameters = parameters_of(cohort, (), at=at)
    asked = {"table": table, "condition": condition, "conditions": conditions_of(cohort)}
    (counted,) = fetch(_COUNT.format(**asked), parameters)
    total: int = counted["leads"]
    last = max(total - 1, 0) // at_most * at_most
    parameters |= {"skip": min(skip, last), "at_most": at_most}
    rows = fetch(_STATEMENT.format(told=told, order=order, **asked), parameters)
    return total, [Behind(**row) for row in rows]


_LEADS = """(
        SELECT lead.manufacturer_id, lead.id AS lead_id, lead.received_at AS accepted_at,
            lead.wave, lead.source, lead.campaign, lead.temperature, lead.country,
            lead.postal_code, lead.region
        FROM leads_lead AS lead
        WHERE lead.manufacturer_id = %(manufacturer)s
            AND NOT lead.is_test AND NOT lead.is_imported AND lead.status <> 'MERGED'
    )"""
_LEAD_COLUMNS = "lead.partner_id"
_PICK_COLUMNS = """pick.partner_id, pick.acceptance_time, pick.contact_time, pick.processing_time,
    pick.has_feedback, pick.ending, pick.value, pick.currency"""
_COUNT = "SELECT count(*) AS leads FROM {table} AS pick WHERE {conditions} AND {condition}"
_STATEMENT = """
SELECT pick.lead_id, lead.external_id, lead.city, lead.postal_code, lead.source,
    pick.accepted_at AS at, {told}
FROM (
    SELECT * FROM {table} AS pick WHERE {conditions} AND {condition}
    ORDER BY {order}, pick.lead_id OFFSET %(skip)s LIMIT %(at_most)s
) AS pick
JOIN leads_lead AS lead
    ON lead.manufacturer_id = %(manufacturer)s AND lead.id = pick.lead_id
ORDER BY {order}, pick.lead_id
"""
