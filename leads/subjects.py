"""What a message is about: the table of kinds, and how the words of each are found, all at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from leadhub.core import clock
from leadhub.core.models import Delivery
from leads import notifications
from leads.attention import count_by_attention
from leads.models import Assignment, Lead, LeadOffer, Reminder, Webhook
from leads.models.leads import LeadStatus
from leads.models.offers import OfferStatus
from leads.reasons import words_of_gate
from leads.tried import tried_for

OFFER_CLOSED = "offer_closed"
NO_CONTACT_DUE = "no_contact_due"
NO_FEEDBACK_DUE = "no_feedback_due"
REMINDER_OVER = "reminder_over"
WEBHOOK_ON = "webhook_on"
NOT_THEIRS = "no_longer_theirs"
NOTHING_TO_SAY = "nothing_to_say"


class About(NamedTuple):
    """What a message is about.

    :ivar path: where one can act on it.
    :ivar words: what templates name: ``lead``, perhaps with what was ``tried`` for it,
        ``counts``, or a ``webhook``. Never a contact.
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
        yield assignment.id, _of_assignment(assignment)


def _uncalled(ids: Collection[UUID]) -> Found:
    """Find leads in hands with which nothing has happened yet."""
    for assignment in Assignment.objects.select_related("lead").filter(id__in=ids):
        waits = assignment.contact_due_at is not None
        yield assignment.id, _of_assignment(assignment) if waits else NO_CONTACT_DUE


def _owed(ids: Collection[UUID]) -> Found:
    """Find leads in hands on which the feedback that was missed is owed still."""
    for assignment in Assignment.objects.select_related("lead").filter(id__in=ids):
        due_at = assignment.feedback_due_at
        is_owed = due_at is not None and due_at == assignment.feedback_told_at
        yield assignment.id, _of_assignment(assignment) if is_owed else NO_FEEDBACK_DUE


def _handed_over(ids: Collection[UUID]) -> Found:
    """Find leads that a colleague was given, as long as they are in the partner's hands."""
    for assignment in Assignment.objects.select_related("lead").filter(id__in=ids):
        is_held = assignment.outcome is None
        yield assignment.id, _of_assignment(assignment) if is_held else NOT_THEIRS


def _reminders(ids: Collection[UUID]) -> Found:
    """Find reminders that are wanted still, of leads that are in hands still."""
    for reminder in Reminder.objects.select_related("assignment__lead").filter(id__in=ids):
        assignment = reminder.assignment
        is_over = (
            reminder.ended_at is not None
            or assignment.outcome is not None
            or assignment.lead.erased_at is not None
        )
        yield reminder.id, REMINDER_OVER if is_over else _of_assignment(assignment)


def _of_assignment(assignment: Assignment) -> About:
    path = f"/assignments/{assignment.id}/"
    return About(path, {"lead": assignment.lead}, assignment.partner_id)


def _untaken_leads(ids: Collection[UUID]) -> Found:
    """Find leads that nobody took, and what was tried before people were called."""
    leads = Lead.objects.filter(id__in=ids)
    tried = tried_for(leads)
    for lead in leads:
        # The names are put into the reader's language when the message is written.
        excluded = tried[lead.id].excluded
        gates = [(words_of_gate(code).name, count) for code, count in excluded.items()]
        yield lead.id, _of_lead(lead, tried=tried[lead.id], gates=gates)


def _uncalled_leads(ids: Collection[UUID]) -> Found:
    """Find leads in hands whose customer was not reached yet."""
    uncalled = Assignment.objects.in_hands().filter(lead__in=ids, contacted_at__isnull=True)
    waiting = set(uncalled.values_list("lead_id", flat=True))
    for lead in Lead.objects.filter(id__in=ids):
        yield lead.id, _of_lead(lead) if lead.id in waiting else NO_CONTACT_DUE


def _of_lead(lead: Lead, **words: Any) -> About:
    return About(f"/leads/{lead.id}/", {"lead": lead, **words})


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


def _webhooks(ids: Collection[UUID]) -> Found:
    """Find webhooks that are off still."""
    for webhook in Webhook.objects.kept().filter(id__in=ids):
        about = About(f"/set-up/webhooks/{webhook.id}/", {"webhook": webhook})
        yield webhook.id, WEBHOOK_ON if webhook.off_since is None else about


def _unknown(ids: Collection[UUID]) -> Found:
    """Say nothing of a kind that has no words: it is reported as broken, not as done."""
    return ((id_, About("/", {})) for id_ in ids)


_SUBJECT_OF: Mapping[str, Find] = {
    notifications.OFFER_NEW: _open_offers,
    notifications.OFFER_TAKEN: _offers,
    notifications.OFFER_WITHDRAWN: _offers,
    notifications.LEAD_ASSIGNED: _assignments,
    notifications.LEAD_ESCALATED: _untaken_leads,
    notifications.LEAD_ERASED: _assignments,
    notifications.LEAD_TAKEN_BACK: _assignments,
    notifications.CONTACT_OVERDUE: _uncalled,
    notifications.CONTACT_ESCALATED: _uncalled_leads,
    notifications.FEEDBACK_OVERDUE: _owed,
    notifications.LEAD_HANDED_OVER: _handed_over,
    notifications.REMINDER: _reminders,
    notifications.DIGEST: _digests,
    notifications.WEBHOOK_OFF: _webhooks,
}
