"""Who is told what: messages go into the outbox in the transaction of the event they tell of."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from leadhub.core import doorbell
from leadhub.core.bulk import new_row
from leadhub.core.models import Delivery
from leads.events import LeadLog
from leads.models import Assignment, LeadEvent, LeadOffer, Reminder
from partners.models import Topic

OFFER_NEW = "offer_new"
OFFER_TAKEN = "offer_taken"
OFFER_WITHDRAWN = "offer_withdrawn"
LEAD_ASSIGNED = "lead_assigned"
LEAD_ESCALATED = "lead_escalated"
LEAD_ERASED = "lead_erased"
LEAD_TAKEN_BACK = "lead_taken_back"
CONTACT_OVERDUE = "contact_overdue"
CONTACT_ESCALATED = "contact_escalated"
FEEDBACK_OVERDUE = "feedback_overdue"
LEAD_HANDED_OVER = "lead_handed_over"
REMINDER = "reminder"
DIGEST = "digest"
WEBHOOK_OFF = "webhook_off"

# What people choose channels by. A notice that is missing here goes to everybody by mail.
TOPIC_OF: Mapping[str, Topic] = {
    OFFER_NEW: Topic.OFFERS,
    OFFER_TAKEN: Topic.CHANGES,
    OFFER_WITHDRAWN: Topic.CHANGES,
    LEAD_ASSIGNED: Topic.WORK,
    LEAD_TAKEN_BACK: Topic.WORK,
    CONTACT_OVERDUE: Topic.WORK,
    FEEDBACK_OVERDUE: Topic.WORK,
    LEAD_HANDED_OVER: Topic.WORK,
    REMINDER: Topic.WORK,
    LEAD_ESCALATED: Topic.ALARMS,
    CONTACT_ESCALATED: Topic.ALARMS,
    DIGEST: Topic.DIGEST,
}
# Whom a notice goes to that is not for a partner.
DISPATCHERS = "dispatchers"
ADMINS = "admins"


def tell_partner(
    kind: str, *, log: LeadLog, event: LeadEvent, offer: LeadOffer, at: datetime
) -> None:
    """Tell the people of a partner about its offer; a head start holds the message back as well."""
    log.store(
        _delivery(
            kind,
            event=event,
            recipient=f"partner:{offer.partner_id}",
            subject_id=offer.id,
            due_at=max(at, offer.available_from),
        )
    )


def tell_holder(
    kind: str, *, log: LeadLog, event: LeadEvent, assignment: Assignment, at: datetime
) -> None:
    """Tell the people of the partner that has or had a lead in its hands."""
    log.store(
        _delivery(
            kind,
            event=event,
            recipient=f"partner:{assignment.partner_id}",
            subject_id=assignment.id,
            due_at=at,
        )
    )


def tell_colleague(
    kind: str,
    *,
    log: LeadLog,
    event: LeadEvent,
    assignment: Assignment,
    user_id: UUID,
    at: datetime,
) -> None:
    """Tell one person of the partner that has a lead in its hands."""
    log.store(
        _delivery(
            kind,
            event=event,
            recipient=f"colleague:{user_id}",
            subject_id=assignment.id,
            due_at=at,
        )
    )


def tell_of_reminder(
    *, log: LeadLog, event: LeadEvent, assignment: Assignment, reminder: Reminder
) -> None:
    """Tell whoever set a reminder, when it is due; of one that a program set, all of the partner.

    The message is written now and waits in the outbox.
    """
    whom = (
        f"partner:{assignment.partner_id}"
        if reminder.user_id is None
        else f"colleague:{reminder.user_id}"
    )
    log.store(
        _delivery(
            REMINDER,
            event=event,
            recipient=whom,
            subject_id=reminder.id,
            due_at=reminder.due_at,
        )
    )


def tell_dispatchers(kind: str, *, log: LeadLog, event: LeadEvent, at: datetime) -> None:
    """Alarm the manufacturer's people: a lead needs them."""
    log.store(
        _delivery(kind, event=event, recipient=DISPATCHERS, subject_id=event.lead_id, due_at=at)
    )


def tell_admins(kind: str, *, manufacturer_id: UUID, subject_id: UUID, at: datetime) -> None:
    """Tell the manufacturer's administrators of something that is no fact of a lead."""
    doorbell.ring_after_commit()
    Delivery.objects.create(
        manufacturer_id=manufacturer_id,
        channel=Delivery.Channel.NOTICE,
        kind=kind,
        recipient=ADMINS,
        subject_id=subject_id,
        dedupe=f"{kind}:{subject_id}:{at.isoformat()}",
        due_at=at,
    )


def _delivery(
    kind: str, *, event: LeadEvent, recipient: str, subject_id: UUID, due_at: datetime
) -> Delivery:
    doorbell.ring_after_commit()
    return new_row(
        Delivery,
        manufacturer_id=event.manufacturer_id,
        event_id=event.id,
        channel=Delivery.Channel.NOTICE,
        kind=kind,
        recipient=recipient,
        subject_id=subject_id,
        dedupe=f"{kind}:{event.id}:{recipient}",
        due_at=due_at,
    )
