"""Webhooks in tests: added, told, and read back."""

from datetime import datetime
from typing import Any

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context, tenant_context
from leads import messages as sending
from leads.messages import WEBHOOK
from leads.models import Webhook, WebhookAttempt, WebhookStanding
from leads.webhooks.fan_out import READ_AT_ONCE, fan_out
from leads.webhooks.subscriptions import add_webhook
from tests.factories import NOON, Network

ACCEPTED, RECEIVED = "offer.accepted", "lead.received"


def hook(network: Network, url: str, *types: str, at: datetime = NOON) -> tuple[Webhook, str]:
    """Add a webhook that is told of leads that came in, unless said otherwise; and its secret."""
    return add_webhook(url=url, event_types=types or (RECEIVED,), by=network.by, at=at)


def told(network: Network, kind: str | None = None) -> list[Delivery]:
    """The messages to a tenant's webhooks, in the order in which they were made."""
    with tenant_context(network.manufacturer.id):
        found = Delivery.objects.filter(channel=WEBHOOK).order_by("id")
        return list(found if kind is None else found.filter(kind=kind))


def attempts(network: Network) -> list[WebhookAttempt]:
    """What was answered, oldest first."""
    with tenant_context(network.manufacturer.id):
        return list(WebhookAttempt.objects.order_by("at", "id"))


def standing_of(webhook: Webhook) -> WebhookStanding:
    """How a webhook stands."""
    with tenant_context(webhook.manufacturer_id):
        return WebhookStanding.objects.get(webhook=webhook)


def read_log(at: datetime = NOON, *, limit: int = READ_AT_ONCE) -> int:
    """Let messages be made at a time of what was recorded; how many there are."""
    with clock.set_to(at):
        return fan_out(limit=limit)


def tell(at: datetime = NOON) -> int:
    """Let every message to a webhook leave that is due at a time, a batch."""
    read_log(at)
    with clock.set_to(at):
        return sending.deliver(WEBHOOK)


def tell_until_the_end(message: Delivery) -> list[datetime]:
    """Let a message be tried each time it is due, until it is done or given up; when it was."""
    tried: list[datetime] = []
    while True:
        with system_context("test"):
            now: Any = Delivery.objects.get(id=message.id)
        if now.done_at is not None or now.failed_at is not None:
            return tried
        tried.append(now.due_at)
        tell(now.due_at)
