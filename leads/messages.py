"""Messages as they leave: composed in the recipient's language and sent outside any transaction."""

import logging
from dataclasses import dataclass
from smtplib import SMTPConnectError, SMTPException, SMTPServerDisconnected
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation

from leadhub.core import clock, outbox
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads import notifications
from leads.models import Assignment, Lead, LeadOffer
from leads.models.offers import OfferStatus
from leads.reasons import name_of_gate
from leads.tried import tried_for
from partners.models import Manufacturer, Partner, User

logger = logging.getLogger(__name__)

# Few at a time: their leases must not run out while one after the other is sent.
SENT_AT_ONCE = 10
# The mail server itself is away or hangs; whom the message is for does not matter.
SERVER_AWAY = (SMTPConnectError, SMTPServerDisconnected, OSError)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to, and in which language."""

    addresses: tuple[str, ...]
    name: str
    language: str


def deliver_due(*, limit: int = SENT_AT_ONCE) -> int:
    """Send the messages that are due; what cannot be sent now is tried again later.

    :returns: how many left or turned out to be needed no more.
    """
    with system_context("messages.deliver_due"):
        claimed = outbox.claim_due(at=clock.now(), limit=limit)
    sent = 0
    for position, delivery in enumerate(claimed):
        try:
            sent += _deliver(delivery)
        except SERVER_AWAY as error:
            # The others would wait just as long, one after the other.
            logger.warning("the mail server does not answer: %s", type(error).__name__)
            for waiting in claimed[position:]:
                _put_off(waiting, error)
            break
    return sent


def _deliver(delivery: Delivery) -> bool:
    """Send one message, or put it off if the fault is its own.

    :raises OSError: and its kin in ``SERVER_AWAY``, if no message can be sent now.
    """
    try:
        with system_context("messages.compose"):
            message = compose(delivery)
        if message is not None:
            message.send()
    except (SMTPConnectError, SMTPServerDisconnected):
        raise
    except SMTPException as error:
        logger.warning("message %s could not be sent: %s", delivery.id, type(error).__name__)
        return _put_off(delivery, error)
    except OSError:
        raise
    except Exception as error:
        # One message that cannot be written must not hold up the others.
        logger.exception("message %s could not be written", delivery.id)
        return _put_off(delivery, error)
    with system_context("messages.done"):
        return outbox.mark_done(delivery, at=clock.now())


def _put_off(delivery: Delivery, error: Exception) -> bool:
    with system_context("messages.put_off"):
        outbox.mark_failed(delivery, at=clock.now(), error=type(error).__name__)
    return False


def compose(delivery: Delivery) -> EmailMessage | None:
    """Write a message out; ``None`` if it is needed no more or has nobody to go to.

    An offer that is closed by now needs no announcement. Nothing here names the customer.
    """
    recipient = _recipient(delivery.recipient)
    subject = _SUBJECT_OF[delivery.kind](delivery.subject_id)
    if recipient is None or subject is None:
        return None
    lead, path = subject
    manufacturer = Manufacturer.objects.get(id=delivery.manufacturer_id)
    text = render_to_string(
        f"emails/{delivery.kind}.{recipient.language}.txt",
        {
            "recipient": recipient,
            "manufacturer": manufacturer,
            "lead": lead,
            "link": f"{settings.LEADHUB_BASE_URL}{path}",
            "zone": manufacturer.time_zone,
            **_what_was_tried(delivery, lead, recipient),
        },
    )
    title, _, body = text.partition("\n")
    host = urlsplit(settings.LEADHUB_BASE_URL).hostname
    return EmailMessage(
        subject=" ".join(title.split()),
        body=body.strip() + "\n",
        to=list(recipient.addresses),
        headers={"Message-ID": f"<{delivery.id}@{host}>"},
        connection=get_connection(),
    )


def _what_was_tried(delivery: Delivery, lead: Lead, recipient: Recipient) -> dict[str, Any]:
    """Tell dispatchers what was tried before they were called."""
    if delivery.kind != notifications.LEAD_ESCALATED:
        return {}
    tried = tried_for(lead_id=lead.id, manufacturer_id=lead.manufacturer_id)
    with translation.override(recipient.language):
        gates = [(name_of_gate(code), count) for code, count in tried.excluded.items()]
    return {"tried": tried, "gates": gates}


def _recipient(name: str) -> Recipient | None:
    """Find a person, or all people of a partner; a partner without any by its own address."""
    kind, _, identifier = name.partition(":")
    if kind == "user":
        user = User.objects.filter(id=identifier, is_active=True).first()
        return None if user is None else Recipient((user.email,), user.name, _known(user.language))
    partner = Partner.objects.filter(id=identifier).first()
    if partner is None:
        return None
    people = User.objects.filter(memberships__partner=partner, is_active=True).order_by("email")
    addresses = tuple(people.values_list("email", flat=True)) or (partner.email,)
    return Recipient(addresses, partner.name, _known(partner.language)) if addresses[0] else None


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _open_offer(offer_id: UUID) -> tuple[Lead, str] | None:
    offer = LeadOffer.objects.select_related("lead").filter(id=offer_id).first()
    if offer is None or offer.status != OfferStatus.OPEN:
        return None
    return offer.lead, f"/offers/{offer.id}/"


def _offer(offer_id: UUID) -> tuple[Lead, str] | None:
    offer = LeadOffer.objects.select_related("lead").filter(id=offer_id).first()
    return None if offer is None else (offer.lead, f"/offers/{offer.id}/")


def _assignment(assignment_id: UUID) -> tuple[Lead, str] | None:
    assignment = Assignment.objects.select_related("lead").filter(id=assignment_id).first()
    return None if assignment is None else (assignment.lead, f"/assignments/{assignment.id}/")


def _uncalled(assignment_id: UUID) -> tuple[Lead, str] | None:
    """Find a lead in hands with which nothing has happened yet."""
    waiting = Assignment.objects.in_hands().filter(id=assignment_id, contact_due_at__isnull=False)
    return _assignment(assignment_id) if waiting.exists() else None


def _owed(assignment_id: UUID) -> tuple[Lead, str] | None:
    """Find a lead in hands on which feedback is owed still."""
    owing = Assignment.objects.filter(id=assignment_id, feedback_told_at=F("feedback_due_at"))
    return _assignment(assignment_id) if owing.exists() else None


def _lead_uncalled(lead_id: UUID) -> tuple[Lead, str] | None:
    """Find a lead in hands whose customer was not reached yet."""
    waiting = Assignment.objects.in_hands().filter(lead_id=lead_id, contacted_at__isnull=True)
    return _lead(lead_id) if waiting.exists() else None


def _lead(lead_id: UUID) -> tuple[Lead, str] | None:
    lead = Lead.objects.filter(id=lead_id).first()
    return None if lead is None else (lead, f"/leads/{lead.id}/")


_SUBJECT_OF = {
    notifications.OFFER_NEW: _open_offer,
    notifications.OFFER_TAKEN: _offer,
    notifications.OFFER_WITHDRAWN: _offer,
    notifications.LEAD_ASSIGNED: _assignment,
    notifications.LEAD_ESCALATED: _lead,
    notifications.LEAD_ERASED: _assignment,
    notifications.LEAD_TAKEN_BACK: _assignment,
    notifications.CONTACT_OVERDUE: _uncalled,
    notifications.CONTACT_ESCALATED: _lead_uncalled,
    notifications.FEEDBACK_OVERDUE: _owed,
}
