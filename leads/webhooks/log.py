"""What went to a webhook and what it answered, for 30 days; a test, and sending again."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from leadhub.core import doorbell
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.ids import first_id_at, new_id
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import in_tenant_of, system_context
from leads.models import Lead, Webhook, WebhookAttempt, WebhookStanding
from leads.webhooks.fan_out import name_message
from leads.webhooks.posts import TEST

KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 1_000

WAITING, DELIVERED, FAILED, DROPPED = STATUSES = ("WAITING", "DELIVERED", "FAILED", "DROPPED")
_CONDITIONS = {
    WAITING: Q(done_at__isnull=True, failed_at__isnull=True),
    DELIVERED: Q(done_at__isnull=False, skipped=""),
    FAILED: Q(failed_at__isnull=False),
    DROPPED: Q(done_at__isnull=False) & ~Q(skipped=""),
}


class WebhookIsOff(StateConflict):
    """Nothing but a test is sent to a webhook that is off."""

    code = "webhook_is_off"
    message = gettext_noop("The webhook is off. Switch it on first.")


def messages_visible_to(
    actor: Actor, *, webhook: Webhook, status: str | None = None
) -> QuerySet[Delivery]:
    """Find the messages to one of a manufacturer's webhooks.

    :param status: one of ``STATUSES``; without it all.
    """
    messages = Delivery.objects.filter(
        manufacturer_id=actor.manufacturer_id,
        channel=Delivery.Channel.WEBHOOK,
        recipient=name_message(webhook.id),
    )
    if actor.is_partner:
        return messages.none()
    return messages.filter(_CONDITIONS[status]) if status else messages


def complete_messages(messages: Sequence[Any]) -> None:
    """Give messages what the log shows of each, with one query whatever their number.

    That is its ``status``, when it is tried next, the lead it tells of, and its attempts as
    ``log``, the oldest first.
    """
    log: dict[UUID, list[WebhookAttempt]] = defaultdict(list)
    attempts = WebhookAttempt.objects.filter(
        manufacturer_id__in={one.manufacturer_id for one in messages},
        message__in=[one.id for one in messages],
    )
    for attempt in attempts.order_by("at", "id"):
        log[attempt.message].append(attempt)
    for message in messages:
        message.status = _status_of(message)
        message.next_attempt_at = message.due_at if message.status == WAITING else None
        message.lead_id = None if message.event_id is None else message.subject_id
        message.log = log[message.id]


@in_tenant_of("by")
def send_test(*, webhook: Webhook, by: Actor, at: datetime) -> Delivery:
    """Send a test as soon as may be, once, whether the webhook is on or off.

    Only one waits at a time: whoever asks again meanwhile is answered with that one.
    """
    tests = messages_visible_to(by, webhook=webhook, status=WAITING).filter(kind=TEST)
    waiting = tests.order_by("id").first()
    if waiting is not None:
        return waiting
    doorbell.ring_after_commit()
    message_id = new_id()
    return Delivery.objects.create(
        id=message_id,
        manufacturer_id=by.manufacturer_id,
        channel=Delivery.Channel.WEBHOOK,
        kind=TEST,
        recipient=name_message(webhook.id),
        subject_id=webhook.id,
        dedupe=f"{TEST}:{message_id}",
        due_at=at,
    )


@in_tenant_of("by")
def send_again(*, webhook: Webhook, message_id: UUID, by: Actor, at: datetime) -> Delivery:
    """Send a message again now, under its old id, with all its attempts before it.

    One that waits for its next attempt has it now instead; one that is on its way is left alone.

    :raises NotVisible: if there is no such message.
    :raises WebhookIsOff: if nothing is sent to the webhook.
    """
    messages = messages_visible_to(by, webhook=webhook).select_for_update()
    message = messages.filter(id=message_id).first()
    if message is None:
        raise NotVisible
    if webhook.off_since is not None and message.kind != TEST:
        raise WebhookIsOff
    if message.claimed_until is not None and message.claimed_until > at:
        return message
    if _status_of(message) != WAITING:
        message.attempts = 0
    message.due_at = at
    message.done_at = message.failed_at = message.claimed_until = None
    message.skipped = message.last_error = ""
    message.save()
    doorbell.ring_after_commit()
    return message


def forget_answers_about(lead: Lead) -> None:
    """Forget what was answered to messages about a lead: ours named nobody, an answer might."""
    WebhookAttempt.objects.filter(manufacturer=lead.manufacturer_id, lead=lead).exclude(
        answer=""
    ).update(answer="")


def forget_old(*, at: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
    """Delete messages, attempts and removed webhooks of which nothing is shown any more.

    Any number of these may run at once: each passes over the rows that others delete.

    :returns: how many rows there were.
    """
    since = at - KEPT
    with system_context("webhooks.forget_old"):
        return (
            _delete(WebhookAttempt.objects.filter(id__lt=first_id_at(since)), limit)
            + _delete(_old_messages(since), limit)
            + _forget_removed(since, limit)
        )


def _old_messages(since: datetime) -> QuerySet[Delivery]:
    ended = Q(done_at__lt=since) | Q(failed_at__lt=since)
    return Delivery.objects.filter(
        ended, channel=Delivery.Channel.WEBHOOK, id__lt=first_id_at(since)
    )


def _forget_removed(since: datetime, limit: int) -> int:
    attempts = WebhookAttempt.objects.filter(webhook=OuterRef("pk"))
    removed = Webhook.objects.filter(~Exists(attempts), removed_at__lt=since)
    ids = list(removed.order_by("id").values_list("id", flat=True)[:limit])
    WebhookStanding.objects.filter(webhook__in=ids).delete()
    return _delete(Webhook.objects.filter(id__in=ids), limit)


def _delete(rows: QuerySet[Any], limit: int) -> int:
    batch = rows.order_by("id").select_for_update(skip_locked=True, of=("self",))
    gone: int
    gone, _ = rows.model._base_manager.filter(  # noqa: SLF001 - the documented name
        id__in=list(batch.values_list("id", flat=True)[:limit])
    ).delete()
    return gone


def _status_of(message: Delivery) -> str:
    if message.failed_at is not None:
        return FAILED
    if message.done_at is None:
        return WAITING
    return DROPPED if message.skipped else DELIVERED
