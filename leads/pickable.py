"""The pick list of a person: open leads of all networks, and which partners may take them."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadhub.core.actors import Actor
from leadhub.core.geo import distance_km
from leads.models import Lead
from leads.owing import overdue_feedback
from leads.pick_list import pick_list_visible_to
from leads.selectors import line_names
from leads.terms import USUAL, terms_of
from partners.models import Partner


class Open(NamedTuple):
    """An open lead, and the partners of one person that may take it."""

    received_at: datetime
    lead_id: UUID
    partner_ids: tuple[UUID, ...]


class Taker(NamedTuple):
    """A partner for which a lead may be taken.

    :ivar is_locked: not yet, for it owes too much feedback.
    """

    partner_id: UUID
    name: str
    distance_km: float | None
    is_locked: bool


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


def owed_by_takers(found: Iterable[Open], *, at: datetime) -> dict[UUID, int]:
    """Count on how many leads each partner that may take one owes feedback."""
    takers = {partner_id for one in found for partner_id in one.partner_ids}
    return overdue_feedback(by_partners=takers, at=at) if takers else {}


def count_missed(found: Sequence[Open], *, owed: Mapping[UUID, int]) -> int:
    """Count the leads that nobody may take until they have given the feedback they owe."""
    if not owed:
        return 0
    leads = Lead.objects.only("id", "manufacturer_id", "policy_id")
    allowed = _allowed(leads.filter(id__in=[one.lead_id for one in found]))
    return sum(
        all(owed.get(partner, 0) > allowed.get(one.lead_id, 0) for partner in one.partner_ids)
        for one in found
    )


def show_open_leads(found: Sequence[Open], *, owed: Mapping[UUID, int]) -> list[PickableLead]:
    """Read open leads with all that they are shown with, in the same order.

    :param owed: on how many leads a partner owes feedback, if it does.
    """
    leads = (
        Lead.objects.filter(id__in=[one.lead_id for one in found])
        .select_related("manufacturer")
        .annotate(line_names=line_names("id"))
        .in_bulk()
    )
    partners = Partner.objects.in_bulk({partner for one in found for partner in one.partner_ids})
    allowed = _allowed(leads.values()) if owed else {}
    return [
        PickableLead(
            leads[one.lead_id],
            _takers(
                leads[one.lead_id],
                [partners[partner_id] for partner_id in one.partner_ids],
                locked={id_ for id_, count in owed.items() if count > allowed[one.lead_id]},
            ),
        )
        for one in found
        if one.lead_id in leads
    ]


def _allowed(leads: Iterable[Lead]) -> dict[UUID, int]:
    """Read on how many leads one may owe feedback and still take each of these."""
    rows = list(leads)
    terms = terms_of(rows)
    return {row.id: terms.get(row.policy_id, USUAL).max_overdue_feedback for row in rows}


def _takers(lead: Lead, partners: Iterable[Partner], *, locked: Set[UUID]) -> list[Taker]:
    takers = [
        Taker(partner.id, partner.name, _distance(lead, partner), partner.id in locked)
        for partner in partners
    ]
    return sorted(takers, key=lambda taker: (taker.distance_km or 0.0, taker.name))


def _distance(lead: Lead, partner: Partner) -> float | None:
    if lead.latitude is None or lead.longitude is None:
        return None
    return distance_km(lead.latitude, lead.longitude, partner.latitude, partner.longitude)
