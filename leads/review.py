"""Held leads beside those that they resemble, for whoever decides whether they are the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from leadhub.core.actors import Actor
from leads.duplicates import Likeness, likeness_from
from leads.models import EventType, Lead, LeadEvent
from leads.models.leads import HoldReason, LeadQuerySet, LeadStatus
from leads.overview import rows_of
from leads.selectors import leads_visible_to


class Resembled(NamedTuple):
    """A lead that a held one resembles, and in what."""

    lead: Lead
    likeness: Likeness

    @property
    def percent(self) -> int | None:
        """Say how similar the names are, in percent."""
        return None if self.likeness.name is None else round(self.likeness.name * 100)

    @property
    def is_held(self) -> bool:
        """Tell whether that lead waits for a decision itself; nothing is merged into it."""
        return self.lead.status == LeadStatus.HELD

    @property
    def may_go_on(self) -> bool:
        """Tell whether the held lead may be merged into this one."""
        is_routed = self.lead.status not in (LeadStatus.HELD, LeadStatus.REJECTED)
        return is_routed and self.lead.erased_at is None


@dataclass(frozen=True, slots=True)
class Review:
    """A lead held as a likely duplicate.

    :ivar lead: as ``leads.overview.rows_of`` reads it, and so those that it resembles.
    :ivar resembled: the latest first; one that was merged stands for the lead it was merged into.
    """

    lead: Lead
    resembled: Sequence[Resembled]


def held_duplicates(actor: Actor) -> LeadQuerySet:
    """Find the leads held as likely duplicates, those that wait the longest first."""
    held = leads_visible_to(actor).filter(status=LeadStatus.HELD, hold_reason=HoldReason.DUPLICATE)
    return rows_of(held).order_by("received_at", "id")


def reviews_of(leads: Iterable[Lead], *, actor: Actor) -> list[Review]:
    """Read what held leads resemble, as it was found when they came in.

    It takes a fixed number of queries.
    """
    held = list(leads)
    found = _likenesses(held, actor)
    others = _read_resembled({one.lead_id for ones in found.values() for one in ones}, actor)
    return [Review(lead, _resembled(found.get(lead.id, ()), others, lead)) for lead in held]


def _likenesses(held: Sequence[Lead], actor: Actor) -> dict[UUID, list[Likeness]]:
    if actor.is_partner:
        return {}
    facts = LeadEvent.objects.filter(
        manufacturer=actor.manufacturer_id, lead__in=held, type=EventType.LEAD_HELD
    ).order_by("lead", "sequence")
    return {
        fact.lead_id: [likeness_from(data) for data in fact.data.get("resembles", ())]
        for fact in facts
    }


def _read_resembled(lead_ids: set[UUID], actor: Actor) -> dict[UUID, Lead]:
    """Read leads by id, and under the id of one that was merged the lead that goes on for it."""
    ids = list(lead_ids)
    merged = leads_visible_to(actor).filter(id__in=ids, merged_into__isnull=False)
    stands_for = dict(merged.values_list("id", "merged_into_id")) if ids else {}
    wanted = {stands_for.get(lead_id, lead_id) for lead_id in ids}
    leads = rows_of(leads_visible_to(actor)).in_bulk(wanted)
    return {
        lead_id: leads[goes_on]
        for lead_id in ids
        if (goes_on := stands_for.get(lead_id, lead_id)) in leads
    }


def _resembled(
    likenesses: Iterable[Likeness], others: dict[UUID, Lead], lead: Lead
) -> list[Resembled]:
    """Name each other lead once, although others may have been merged into it meanwhile."""
    shown: dict[UUID, Resembled] = {}
    for likeness in likenesses:
        other = others.get(likeness.lead_id)
        if other is not None and other.id != lead.id:
            shown.setdefault(other.id, Resembled(other, likeness))
    return list(shown.values())
