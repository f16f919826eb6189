"""Links in messages: each opens the one thing that its message is about, to whoever has it.

A link names a message and says until when it is good; a digest with the installation's key, or one
it had before, makes it impossible to guess. What the message was about and whom it was for stands
with the message. So a link dies with the offer, with the membership, and when its reader logs out
everywhere. It shows nothing personal: for that, and to accept, it takes the person as well.
"""

import base64
import binascii
import hmac
import struct
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from leadhub.core.actors import Actor
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads import notifications
from leads.models import Assignment, LeadOffer
from partners.known_devices import counts, takes_a_factor
from partners.memberships import actor_of
from partners.models import Membership, PushDevice, User

GOOD_FOR = timedelta(days=14)
OFFER, WORK = "offers", "leads"
# What a message links to that opens without a log-in; the others lead to pages behind a door.
PLACE_OF = {
    notifications.OFFER_NEW: OFFER,
    notifications.OFFER_TAKEN: OFFER,
    notifications.OFFER_WITHDRAWN: OFFER,
    notifications.LEAD_ASSIGNED: WORK,
    notifications.CONTACT_OVERDUE: WORK,
    notifications.FEEDBACK_OVERDUE: WORK,
}
_TOKEN = struct.Struct(">16sI16s")
LENGTH = 48  # characters
_SALT = "leads.links"


class Ticket(NamedTuple):
    """What a link says by itself.

    :ivar until: when it ends, in seconds since 1970.
    """

    message_id: UUID
    until: int


class Linked(NamedTuple):
    """What a link opens, for whom.

    :ivar subject_id: of the offer or the assignment.
    :ivar needs_log_in: a code by mail would be too little to know this person by.
    """

    ticket: Ticket
    user: User
    membership: Membership
    place: str
    subject_id: UUID
    needs_log_in: bool

    @property
    def partner_id(self) -> UUID:
        """The partner that the message was for."""
        assert self.membership.partner_id is not None  # noqa: S101 - found by it
        partner_id: UUID = self.membership.partner_id
        return partner_id

    @property
    def actor(self) -> Actor:
        """Act as the person to whom the message went."""
        return actor_of(self.membership)


def path_of_link(message_id: UUID, *, at: datetime) -> str:
    """Make the path that a message links to."""
    until = int((at + GOOD_FOR).timestamp())
    signed = _TOKEN.pack(message_id.bytes, until, _digest(message_id, until, settings.SECRET_KEY))
    return reverse("link-open", args=[base64.urlsafe_b64encode(signed).decode("ascii")])


def read_token(token: str) -> Ticket | None:
    """Read what a link says; ``None`` if this installation never made it."""
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        raw, until, digest = _TOKEN.unpack(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, struct.error):
        return None
    message_id = UUID(bytes=raw)
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(hmac.compare_digest(digest, _digest(message_id, until, key)) for key in keys):
        return None
    return Ticket(message_id, until)


def find_linked(ticket: Ticket, *, at: datetime, subject_id: UUID | None = None) -> Linked | None:
    """Find what a link opens; ``None`` if it opens nothing, or nothing any more.

    :param subject_id: of what is asked for, if that is known: what the message was about, or the
        lead in hands that the offer in it became.
    """
    if ticket.until <= at.timestamp():
        return None
    with system_context("links.find_linked"):
        message = Delivery.objects.filter(id=ticket.message_id, kind__in=PLACE_OF).first()
        user = _reader_of(message) if message else None
        made_at = ticket.until - GOOD_FOR.total_seconds()
        if message is None or user is None or not counts(made_at, user):
            return None
        place, side = _side_of(message, subject_id or message.subject_id)
        if side is None:
            return None
        membership = (
            Membership.objects.filter(user=user, partner=side["partner_id"])
            .select_related("manufacturer")
            .first()
        )
        if membership is None:
            return None
        return Linked(ticket, user, membership, place, side["id"], takes_a_factor(user))


def _side_of(message: Delivery, subject_id: UUID) -> tuple[str, Any]:
    """Find whose an offer or a lead in hands is, in the tenant of the message alone."""
    tenant, about = message.manufacturer_id, message.subject_id
    place = PLACE_OF[message.kind]
    if place == OFFER and subject_id == about:
        found = LeadOffer.objects.filter(id=about, manufacturer=tenant)
        return OFFER, found.values("id", "partner_id").first()
    held = Assignment.objects.filter(id=subject_id, manufacturer=tenant)
    held = held.filter(offer=about) if place == OFFER else held.filter(id=about)
    return WORK, held.values("id", "partner_id").first()


def _reader_of(message: Delivery) -> User | None:
    kind, _, identifier = message.recipient.partition(":")
    if kind == "device":
        owner = PushDevice.objects.filter(id=identifier).values_list("user_id", flat=True).first()
    else:
        owner = UUID(identifier) if kind == "user" else None
    return User.objects.filter(id=owner, is_active=True).first() if owner else None


def _digest(message_id: UUID, until: int, key: str) -> bytes:
    told = f"{message_id}:{until}"
    return salted_hmac(_SALT, told, secret=key, algorithm="sha256").digest()[:16]
