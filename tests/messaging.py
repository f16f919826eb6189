"""Messages in tests: notices spread over people, and what became of each."""

from datetime import datetime
from typing import Any

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome
from leadhub.core.tenancy.context import system_context
from leads import messages as sending
from leads.spreading import spread_due
from partners.models import Membership, NoticeSettings
from tests.acting import messages
from tests.factories import NOON, Network


def notices(network: Network, kind: str | None = None) -> list[Delivery]:
    """What was written with events, oldest first."""
    return [one for one in messages(network, kind) if one.channel == "NOTICE"]


def letters(network: Network, kind: str | None = None) -> list[Delivery]:
    """What goes to single people and mailboxes, by any channel, the earliest due first."""
    return [one for one in messages(network, kind) if one.channel != "NOTICE"]


def spread(network: Network, kind: str | None = None, *, at: datetime = NOON) -> list[Delivery]:
    """Spread the notices that are due; the messages made of them."""
    while spread_due(at=at):
        continue
    return letters(network, kind)


def note_of(delivery: Delivery) -> Any:
    """Compose a message; its note, or the outcome that says why there is none."""
    with system_context("test"), clock.set_to(delivery.due_at):
        ((_, note),) = sending.compose([delivery], at=clock.now())
    return note


def mail_of(delivery: Delivery) -> Any:
    """Compose a message as a mail."""
    note = note_of(delivery)
    assert not isinstance(note, Outcome), note
    return sending.mail_of(delivery, note)


def deliver(at: datetime = NOON) -> int:
    """Let everything leave that is due at a time."""
    with clock.set_to(at):
        return sending.deliver_due()


def wishing(membership: Membership, **wishes: Any) -> Membership:
    """Let a person choose how they are told."""
    with system_context("test"):
        NoticeSettings.objects.update_or_create(user_id=membership.user_id, defaults=wishes)
    return membership
