"""Messages that could not be delivered: what they were, for whom, why, and sending them again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core import doorbell
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import in_tenant_of, system_context
from leads import notifications
from partners.models import Membership, Partner, PushDevice

KIND_WORDS = {
    notifications.OFFER_NEW: _("New offer"),
    notifications.OFFER_TAKEN: _("Offer taken"),
    notifications.OFFER_WITHDRAWN: _("Offer withdrawn"),
    notifications.LEAD_ASSIGNED: _("Lead assigned"),
    notifications.LEAD_ESCALATED: _("Nobody took a lead"),
    notifications.LEAD_ERASED: _("Please delete"),
    notifications.LEAD_TAKEN_BACK: _("Lead taken back"),
    notifications.CONTACT_OVERDUE: _("Please call"),
    notifications.CONTACT_ESCALATED: _("Customer is waiting"),
    notifications.FEEDBACK_OVERDUE: _("Feedback overdue"),
    notifications.LEAD_HANDED_OVER: _("Lead handed over"),
    notifications.REMINDER: _("Reminder"),
    notifications.DIGEST: _("The day at a glance"),
    notifications.WEBHOOK_OFF: _("Webhook switched off"),
}
CHANNEL_WORDS = {
    Delivery.Channel.NOTICE: _("all channels"),
    Delivery.Channel.EMAIL: _("E-mail"),
    Delivery.Channel.PUSH: _("Push"),
    Delivery.Channel.SMS: _("Text message"),
}
# By the first part of a reason; behind it stands the code of the answer.
REASON_WORDS = {
    "recipient_refused": _("The recipient's mail server does not know or accept this address."),
    "message_refused": _("The mail server refused the mail."),
    "server_away": _("The mail server did not answer for days."),
    "server_refused": _("The mail server did not accept us for days. Its settings may be wrong."),
    "push_refused": _("The push service refused the message."),
    "push_service_away": _("The push service did not answer for days."),
    "push_service_not_found": _("The push service was not found."),
    "provider_refused": _("The provider of text messages refused it."),
    "provider_away": _("The provider of text messages did not answer for days."),
    "provider_not_found": _("The provider of text messages was not found."),
    "sender_lost": _("Sending was interrupted again and again."),
    "broken": _("The message could not be written."),
}


class Undelivered(NamedTuple):
    """One message that was given up, in words.

    :ivar reader: whom it was for; empty if they are gone.
    """

    id: UUID
    kind: str
    channel: str
    reader: str
    reason: str
    code: str
    attempts: int
    failed_at: datetime


def undelivered_visible_to(actor: Actor) -> QuerySet[Delivery]:
    """Find the messages to people of a manufacturer that were given up, the last first.

    What a program did not take stands in the log of its webhook.
    """
    given_up = (
        Delivery.objects.given_up()
        .filter(manufacturer_id=actor.manufacturer_id)
        .exclude(channel=Delivery.Channel.WEBHOOK)
    )
    if actor.partner_id is not None:
        return given_up.none()
    return given_up.order_by("-failed_at", "-id")


def in_words(deliveries: Sequence[Delivery]) -> list[Undelivered]:
    """Put messages into words, with as many queries whatever their number."""
    readers = _names(deliveries)
    return [
        Undelivered(
            id=one.id,
            kind=str(KIND_WORDS.get(one.kind, one.kind)),
            channel=str(CHANNEL_WORDS[one.channel]),  # type: ignore[index]
            reader=readers.get(one.recipient, ""),
            reason=_reason(one.last_error),
            code=one.last_error.partition(":")[2],
            attempts=one.attempts,
            failed_at=one.failed_at or one.due_at,
        )
        for one in deliveries
    ]


@in_tenant_of("by")
def send_again(*, by: Actor, at: datetime, message_id: UUID | None = None) -> int:
    """Let messages that were given up be tried from the beginning, under their old ids.

    :param message_id: the one; without it all of the manufacturer's.
    :returns: how many there are.
    :raises NotVisible: if there is no such one.
    """
    given_up = undelivered_visible_to(by).order_by()
    if message_id is not None:
        given_up = given_up.filter(id=message_id)
    changed = given_up.update(
        failed_at=None, due_at=at, attempts=0, claimed_until=None, last_error=""
    )
    if message_id is not None and not changed:
        raise NotVisible
    doorbell.ring_after_commit()
    return changed


def _reason(error: str) -> str:
    words = REASON_WORDS.get(error.partition(":")[0])
    return str(words) if words else gettext("Unknown")


def _names(deliveries: Sequence[Delivery]) -> dict[str, str]:
    """Name recipients; browsers are known to nobody but their person, so a named job looks."""
    ids: dict[str, set[str]] = {"user": set(), "partner": set(), "device": set()}
    for one in deliveries:
        kind, _colon, identifier = one.recipient.partition(":")
        ids.get(kind, set()).add(identifier)
    owners: dict[str, Any] = {}
    if ids["device"]:
        with system_context("undelivered.owners"):
            found = PushDevice.objects.filter(id__in=ids["device"]).values_list("id", "user_id")
            owners = {f"device:{device_id}": str(user_id) for device_id, user_id in found}
    tenants = {one.manufacturer_id for one in deliveries}
    members = Membership.objects.filter(
        manufacturer_id__in=tenants, user_id__in=ids["user"] | set(owners.values())
    )
    people = {str(id_): name for id_, name in members.values_list("user_id", "user__name")}
    partners = Partner.objects.filter(manufacturer_id__in=tenants, id__in=ids["partner"])
    return {
        **{f"user:{id_}": name for id_, name in people.items()},
        **{device: people.get(owner, "") for device, owner in owners.items()},
        **{f"partner:{id_}": name for id_, name in partners.values_list("id", "name")},
        notifications.DISPATCHERS: gettext("Dispatchers"),
        notifications.ADMINS: gettext("Administrators"),
    }
