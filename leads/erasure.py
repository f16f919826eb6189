"""Erasure: a lead without anything personal, and everybody who had the contact told of it.

What is personal stands in few places on purpose: the contact in a row of its own, people's own
words beside the log (notes, also that of a decline, and what a reminder is for), what was written
for partners on the lead, photographs and documents that a partner added to it. All of that goes.
The log stays as it is, to the last byte: facts hold ids, codes and figures only, never a word of or
about the customer, so the chain of digests (``leads.chain``) holds without exception and the
figures, which derive from the log, stay the same. Messages hold no words either; they are composed
when they are sent. The erasure is a fact of the log like any other.

What stays: that there was an enquiry, for what, in which postal code's area, when, and what became
of it; the proof of consent (``LeadConsent``); to whom the contact was shown (``LeadDisclosure``).
``external_id`` stays, so that a repeated push brings nothing back: it has to be a number or a code.

Copies of the database made before, its write-ahead log, and rows that wait for VACUUM keep what was
erased until they are gone; ``docs/operating.md`` says how long to keep them.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from leadhub.core.actors import Actor, system_actor
from leadhub.core.answers import forget_answers
from leadhub.core.geo import find_place
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import in_tenant_of, system_context
from leads import notifications
from leads.attachments import forget_attachments
from leads.events import LeadLog
from leads.locks import claim_lead, lock_lead
from leads.merging import forget_additions
from leads.models import (
    Assignment,
    EventType,
    Lead,
    LeadContact,
    LeadEvent,
    LeadFeedback,
    LeadNote,
    LeadOffer,
    LeadProductLine,
    Reminder,
    Wave,
)
from leads.models.leads import ENDED, LeadStatus
from leads.models.work import ReminderEnd
from leads.waves import ROUTING_FIELDS, withdraw_open_offers
from leads.webhooks.log import forget_answers_about

logger = logging.getLogger(__name__)

ERASED_AT_MOST = 500
# No request takes longer than this to be answered.
LATE = timedelta(hours=1)
NO_MATCHES: dict[str, list[Any]] = {"terms": [], "ranked": []}
PERSONAL_FIELDS = (
    "evidence", "wish_summary", "postal_code", "city", "latitude", "longitude",
)  # fmt: skip


@in_tenant_of("lead")
def erase_lead(*, lead: Lead, by: Actor, at: datetime, because: str = "request") -> Lead:
    """Remove everything personal of a lead, whatever its state; repeating it changes nothing.

    A lead that is held, on offer or on the pick list goes to nobody any more. One in a partner's
    hands stays there without its contact, for the partner to close. Every partner that had the
    contact is told.

    :param because: ``request`` or ``retention``, for the log.
    """
    lead = lock_lead(lead.id)
    if lead.erased_at is not None:
        return lead
    _drop_messages(lead, at=at)
    log = LeadLog(lead, by=by)
    _stop_routing(lead, log, at=at)
    _forget_rows(lead, at=at)
    _forget_on_lead(lead)
    Assignment.objects.in_hands().filter(lead=lead).update(
        feedback_due_at=None, contact_due_at=None
    )
    lead.erased_at = at
    log.add(EventType.LEAD_ERASED, at=at, because=because)
    for assignment in _last_of_each_partner(lead):
        event = log.add_of(assignment, EventType.LEAD_ERASED, at=at, because=because)
        notifications.tell_holder(
            notifications.LEAD_ERASED, log=log, event=event, assignment=assignment, at=at
        )
    log.close(*ROUTING_FIELDS, *PERSONAL_FIELDS, "hold_reason", "erased_at")
    return lead


def erase_overdue(*, at: datetime, limit: int = ERASED_AT_MOST) -> int:
    """Erase the leads that ended longer ago than their manufacturer keeps personal data.

    Each is a transaction of its own; any number of these may run at once, for each passes over
    the leads that others work on. One that fails is reported and tried again the next time.

    :returns: how many were erased.
    """
    with system_context("erasure.find_overdue"):
        due = _overdue(at, limit)
    return sum(_erase_one(lead_id, at) for lead_id in due)


def forget_late_answers(*, at: datetime) -> int:
    """Forget answers about erased leads that were kept only after the erasure.

    A push of many leads keeps its answer when all are received, which takes a while; one of them
    may have been erased by then.

    :returns: how many there were.
    """
    with system_context("erasure.forget_late_answers"), connection.cursor() as cursor:
        cursor.execute(_FORGET_LATE, {"since": at - LATE})
        forgotten: int = cursor.rowcount
    return forgotten


_FORGET_LATE = """
    DELETE FROM core_idempotentanswer a USING leads_lead l
    WHERE l.erased_at > %(since)s AND a.subjects @> ARRAY[l.id]
        AND a.manufacturer_id = l.manufacturer_id AND a.created_at <= l.erased_at
"""


def _overdue(at: datetime, limit: int) -> list[UUID]:
    """Find leads whose last fact is too old; what the log says last is when they ended.

    An imported lead has no contact, so that it counts only if somebody wrote a note about it since.
    What ended last comes first: a lead that fails every time does not stand before those that
    become due after it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"at": at, "limit": limit, "ended": list(ENDED)})
        return [lead_id for lead_id, _ in cursor.fetchall()]


_OVERDUE = """
    (SELECT l.id, e.at
    FROM partners_manufacturer m
    CROSS JOIN LATERAL (SELECT %(at)s - make_interval(months => m.retention_months) AS at) past
    JOIN leads_lead l ON l.manufacturer_id = m.id AND l.received_at < past.at
        AND l.erased_at IS NULL AND NOT l.is_imported AND l.status = ANY (%(ended)s)
    JOIN leads_leadevent e ON e.manufacturer_id = l.manufacturer_id AND e.lead_id = l.id
        AND e.sequence = l.last_sequence AND e.at < past.at
    ORDER BY e.at DESC, l.id
    LIMIT %(limit)s)
    UNION
    (SELECT l.id, e.at
    FROM (
        SELECT manufacturer_id, assignment_id FROM leads_leadfeedback WHERE note <> ''
        UNION SELECT manufacturer_id, assignment_id FROM leads_leadnote WHERE text <> ''
        UNION SELECT manufacturer_id, assignment_id FROM leads_reminder WHERE text <> ''
    ) f
    JOIN leads_assignment a ON a.manufacturer_id = f.manufacturer_id AND a.id = f.assignment_id
    JOIN leads_lead l ON l.manufacturer_id = a.manufacturer_id AND l.id = a.lead_id
        AND l.erased_at IS NULL AND l.is_imported AND l.status = ANY (%(ended)s)
    JOIN partners_manufacturer m ON m.id = l.manufacturer_id
    CROSS JOIN LATERAL (SELECT %(at)s - make_interval(months => m.retention_months) AS at) past
    JOIN leads_leadevent e ON e.manufacturer_id = l.manufacturer_id AND e.lead_id = l.id
        AND e.sequence = l.last_sequence AND e.at < past.at
    ORDER BY e.at DESC, l.id
    LIMIT %(limit)s)
    ORDER BY at DESC, id
    LIMIT %(limit)s
"""


def _erase_one(lead_id: UUID, at: datetime) -> bool:
    with system_context("erasure.erase_overdue"):
        lead = claim_lead(lead_id)
        if lead is None or lead.erased_at is not None or lead.status not in ENDED:
            return False
        by = system_actor(lead.manufacturer_id, "retention")
        try:
            with transaction.atomic():
                erase_lead(lead=lead, by=by, at=at, because="retention")
        except Exception:
            if not connection.is_usable():
                raise
            logger.exception("lead %s cannot be erased", lead_id)
            return False
    return True


def _drop_messages(lead: Lead, *, at: datetime) -> None:
    """Let no message leave any more that was meant to bring somebody to this lead.

    Programs are told all the same: of ids alone, and that it was erased in the end.
    """
    facts = LeadEvent.objects.filter(manufacturer=lead.manufacturer_id, lead=lead)
    waiting = Delivery.objects.unsent().filter(
        manufacturer_id=lead.manufacturer_id, event_id__in=facts.values("id")
    )
    waiting.exclude(channel=Delivery.Channel.WEBHOOK).update(
        done_at=at, failed_at=None, skipped="erased", last_error=""
    )


def _stop_routing(lead: Lead, log: LeadLog, *, at: datetime) -> None:
    if lead.status == LeadStatus.HELD:
        lead.status, lead.hold_reason = LeadStatus.REJECTED, None
        log.add(EventType.LEAD_REJECTED, at=at)
    elif lead.status in (LeadStatus.OFFERED, LeadStatus.OPEN):
        withdraw_open_offers(
            lead, log, at=at, kind=notifications.OFFER_WITHDRAWN, because="lead_withdrawn"
        )
        lead.status, lead.respond_by, lead.due_at = LeadStatus.WITHDRAWN, None, None
        log.add(EventType.LEAD_WITHDRAWN, at=at)


def _forget_rows(lead: Lead, *, at: datetime) -> None:
    own = {"manufacturer": lead.manufacturer_id}
    LeadContact.objects.filter(lead=lead).delete()
    forget_attachments(lead)
    forget_additions(lead)
    LeadFeedback.objects.filter(**own, assignment__lead=lead).exclude(note="").update(note="")
    LeadNote.objects.filter(**own, assignment__lead=lead).exclude(text="").update(text="")
    _forget_reminders(lead, at=at)
    LeadOffer.objects.filter(lead=lead).exclude(note="").update(note="")
    forget_answers(manufacturer_id=lead.manufacturer_id, about=lead.id)
    forget_answers_about(lead)


def _forget_reminders(lead: Lead, *, at: datetime) -> None:
    """Remind nobody any more, and forget what of."""
    reminders = Reminder.objects.filter(manufacturer=lead.manufacturer_id, assignment__lead=lead)
    reminders.filter(ended_at__isnull=True).update(ended_at=at, ended_as=ReminderEnd.CANCELLED)
    reminders.exclude(text="").update(text="")


def _forget_on_lead(lead: Lead) -> None:
    """Leave of the place what its postal code tells, and of the wish the product lines asked for.

    Distances from exact coordinates would give them away, so they go too.
    """
    place = find_place(lead.country, lead.postal_code) if lead.postal_code else None
    is_exact = lead.latitude is not None and (
        place is None or (lead.latitude, lead.longitude) != (place.latitude, place.longitude)
    )
    lead.postal_code = lead.postal_code if place else ""
    lead.city = place.name if place else ""
    lead.latitude = place.latitude if place else None
    lead.longitude = place.longitude if place else None
    if is_exact:
        LeadOffer.objects.filter(lead=lead).update(distance_km=None)
        Wave.objects.filter(lead=lead).update(matches=NO_MATCHES, excluded=[])
    lines = LeadProductLine.objects.filter(manufacturer=lead.manufacturer_id, lead=lead)
    names = lines.order_by("position").values_list("product_line__name", flat=True)
    lead.wish_summary, lead.evidence = ", ".join(names)[:500], ""


def _last_of_each_partner(lead: Lead) -> QuerySet[Assignment]:
    """Find who had the contact: every partner that holds the lead or held it.

    Of a duplicate they are those of the lead that it was merged into.
    """
    return (
        Assignment.objects.filter(
            manufacturer=lead.manufacturer_id, lead__in=filter(None, (lead.id, lead.merged_into_id))
        )
        .order_by("partner_id", "-accepted_at", "-id")
        .distinct("partner_id")
    )
