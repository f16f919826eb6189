"""Who is told what: messages go into the outbox in the transaction of the event they tell of."""

from datetime import datetime
from uuid import UUID

from leadhub.core.bulk import new_row
from leadhub.core.models import Delivery
from leads.events import LeadLog
from leads.models import Assignment, LeadEvent, LeadOffer
from partners.models import Membership
from partners.models.accounts import Role

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


def tell_dispatchers(kind: str, *, log: LeadLog, event: LeadEvent, at: datetime) -> None:
    """Alarm the manufacturer's people: a lead needs them."""
    dispatchers = Membership.objects.filter(
        manufacturer=event.manufacturer_id, role__in=(Role.ADMIN, Role.DISPATCHER)
    ).order_by("id")
    for user_id in dispatchers.values_list("user_id", flat=True):
        log.store(
            _delivery(
                kind,
                event=event,
                recipient=f"user:{user_id}",
                subject_id=event.lead_id,
                due_at=at,
            )
        )


def _delivery(
    kind: str, *, event: LeadEvent, recipient: str, subject_id: UUID, due_at: datetime
) -> Delivery:
    return new_row(
        Delivery,
        manufacturer_id=event.manufacturer_id,
        event_id=event.id,
        channel=Delivery.Channel.EMAIL,
        kind=kind,
        recipient=recipient,
        subject_id=subject_id,
        dedupe=f"{kind}:{event.id}:{recipient}",
        due_at=due_at,
    )
