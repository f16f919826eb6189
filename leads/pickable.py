"""The pick list of a person: open leads of all networks, and which partners may take them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadhub.core.actors import Actor
from leadhub.core.geo import distance_km
from leads.models import Lead
from leads.pick_list import pick_list_visible_to
from leads.selectors import line_names
from partners.models import Partner


class Open(NamedTuple):
    """An open lead, and the partners of one person that may take it."""

    received_at: datetime
    lead_id: UUID
    partner_ids: tuple[UUID, ...]


class Taker(NamedTuple):
    """A partner for which a lead may be taken."""

    partner_id: UUID
    name: str
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class PickableLead:
    """An open lead with all that a partner decides by.

    :ivar lead: with its manufacturer and ``line_names``.
    :ivar takers: the nearest first.
    """

    lead: Lead
    takers: Sequence[Taker]


def open_leads_for(actors: Iterable[Actor], *, at: datetime) -> list[Open]:
    """Find the open leads that a person may take for at least one partner, the newest first."""
    takers: dict[tuple[datetime, UUID], tuple[UUID, ...]] = {}
    for actor in actors:
        if actor.partner_id is None:
            continue
        leads = pick_list_visible_to(actor, at=at).values_list("received_at", "id")
        for lead in leads:
            takers[lead] = (*takers.get(lead, ()), actor.partner_id)
    return [Open(*lead, partner_ids) for lead, partner_ids in sorted(takers.items(), reverse=True)]


def show_open_leads(found: Sequence[Open]) -> list[PickableLead]:
    """Read open leads with all that they are shown with, in the same order."""
    leads = (
        Lead.objects.filter(id__in=[one.lead_id for one in found])
        .select_related("manufacturer")
        .annotate(line_names=line_names("id"))
        .in_bulk()
    )
    partners = Partner.objects.in_bulk({partner for one in found for partner in one.partner_ids})
    return [
        PickableLead(leads[one.lead_id], _takers(leads[one.lead_id], one.partner_ids, partners))
        for one in found
        if one.lead_id in leads
    ]


def _takers(
    lead: Lead, partner_ids: Iterable[UUID], partners: Mapping[UUID, Partner]
) -> list[Taker]:
    takers = [
        Taker(partner_id, partners[partner_id].name, _distance(lead, partners[partner_id]))
        for partner_id in partner_ids
    ]
    return sorted(takers, key=lambda taker: (taker.distance_km or 0.0, taker.name))


def _distance(lead: Lead, partner: Partner) -> float | None:
    if lead.latitude is None or lead.longitude is None:
        return None
    return distance_km(lead.latitude, lead.longitude, partner.latitude, partner.longitude)
