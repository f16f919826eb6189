"""What a message is about: the table of kinds, and how the words of each are found, all at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from leadhub.core import clock
from leadhub.core.models import Delivery
from leads import notifications
from leads.attention import count_by_attention
from leads.models import Assignment, Lead, LeadOffer
from leads.models.leads import LeadStatus
from leads.models.offers import OfferStatus

OFFER_CLOSED = "offer_closed"
NOTHING_TO_SAY = "nothing_to_say"


class About(NamedTuple):
    """What a message is about.

    :ivar path: where one can act on it.
    :ivar words: what templates name: ``lead``, or ``counts``. Never a contact.
    :ivar partner_id: whose people it concerns; ``None`` if the manufacturer's.
    """

    path: str
    words: Mapping[str, Any]
    partner_id: UUID | None = None


Found = Iterator[tuple[UUID, About | str]]
# Finds what messages of a kind are about, or why one of them is needed no more.
Find = Callable[[Collection[UUID]], Found]


def read_subjects(deliveries: Sequence[Delivery]) -> dict[tuple[str, UUID], About | str]:
    """Find what messages are about, with one query or two for each kind."""
    ids: dict[str, set[UUID]] = defaultdict(set)
    for delivery in deliveries:
        ids[delivery.kind].add(delivery.subject_id)
    return {
        (kind, subject_id): about
        for kind, wanted in ids.items()
        for subject_id, about in _SUBJECT_OF.get(kind, _unknown)(wanted)
    }


def _open_offers(ids: Collection[UUID]) -> Found:
    for offer in LeadOffer.objects.select_related("lead").filter(id__in=ids):
        is_open = offer.status == OfferStatus.OPEN
        yield offer.id, _of_offer(offer) if is_open else OFFER_CLOSED


def _offers(ids: Collection[UUID]) -> Found:
    for offer in LeadOffer.objects.select_related("lead").filter(id__in=ids):
        yield offer.id, _of_offer(offer)


def _of_offer(offer: LeadOffer) -> About:
    return About(f"/offers/{offer.id}/", {"lead": offer.lead}, offer.partner_id)


def _assignments(ids: Collection[UUID]) -> Found:
    for assignment in Assignment.objects.select_related("lead").filter(id__in=ids):
        path = f"/assignments/{assignment.id}/"
        yield assignment.id, About(path, {"lead": assignment.lead}, assignment.partner_id)


def _leads(ids: Collection[UUID]) -> Found:
    for lead in Lead.objects.filter(id__in=ids):
        yield lead.id, About(f"/leads/{lead.id}/", {"lead": lead})


def _digests(manufacturer_ids: Collection[UUID]) -> Found:
    """Count what waits for somebody, as it is now; a day without any needs no mail."""
    at = clock.now()
    for manufacturer_id in manufacturer_ids:
        leads = Lead.objects.filter(manufacturer=manufacturer_id)
        counts = count_by_attention(leads, at=at)
        if not sum(counts.values()):
            yield manufacturer_id, NOTHING_TO_SAY
            continue
        words = {
            **counts,
            "total": sum(counts.values()),
            "offered": leads.filter(status=LeadStatus.OFFERED).count(),
        }
        yield manufacturer_id, About("/leads/", {"counts": words})


def _unknown(ids: Collection[UUID]) -> Found:
    """Say nothing of a kind that has no words: it is reported as broken, not as done."""
    return ((id_, About("/", {})) for id_ in ids)


_SUBJECT_OF: Mapping[str, Find] = {
    notifications.OFFER_NEW: _open_offers,
    notifications.OFFER_TAKEN: _offers,
    notifications.OFFER_WITHDRAWN: _offers,
    notifications.LEAD_ASSIGNED: _assignments,
    notifications.LEAD_ESCALATED: _leads,
    notifications.LEAD_ERASED: _assignments,
    notifications.DIGEST: _digests,
}
