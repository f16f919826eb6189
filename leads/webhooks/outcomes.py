"""What becomes of a webhook by what it answers: held back, failing, switched off with a notice."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Greatest

from leadhub.core.channels.webhook import GONE, Attempt
from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome, last_attempt
from leads.models import WebhookAttempt, WebhookStanding
from leads.models.webhooks import OffReason
from leads.notifications import WEBHOOK_OFF, tell_admins
from leads.webhooks.fan_out import name_message
from leads.webhooks.subscriptions import switch_off

# An address that took nothing in all that time is off with the last attempt of a message, which is
# a little later: whatever else fails meanwhile, the first of them has all its attempts.
FAILING_FOR = timedelta(days=3)


def keep_attempts(outcomes: Sequence[Outcome], *, at: datetime) -> None:
    """Write down attempts, and what they say about their webhooks.

    A test says nothing about a webhook: it may be tried out while it is off.
    """
    told = [(one.delivery, one.told) for one in outcomes if isinstance(one.told, Attempt)]
    if not told:
        return
    WebhookAttempt.objects.bulk_create([_row(delivery, attempt) for delivery, attempt in told])
    of_webhook: dict[UUID, list[Attempt]] = defaultdict(list)
    given_up: set[UUID] = set()
    for delivery, attempt in told:
        if attempt.post.lead_id is not None:
            of_webhook[attempt.post.webhook_id].append(attempt)
            if delivery.attempts >= last_attempt(Delivery.Channel.WEBHOOK):
                given_up.add(attempt.post.webhook_id)
    # In an order, so that two who keep attempts of the same webhooks wait for each other.
    for webhook_id, attempts in sorted(of_webhook.items()):
        _keep_standing(webhook_id, attempts, is_given_up=webhook_id in given_up, at=at)


def _row(delivery: Delivery, attempt: Attempt) -> WebhookAttempt:
    return WebhookAttempt(
        manufacturer_id=delivery.manufacturer_id,
        webhook_id=attempt.post.webhook_id,
        message=delivery.id,
        lead_id=attempt.post.lead_id,
        at=attempt.at,
        took_ms=round(attempt.took * 1_000),
        status=attempt.status,
        problem=attempt.problem,
        answer=attempt.answer,
    )


def _keep_standing(
    webhook_id: UUID, attempts: Sequence[Attempt], *, is_given_up: bool, at: datetime
) -> None:
    standing = WebhookStanding.objects.filter(webhook=webhook_id)
    holds = [one.hold_until for one in attempts if one.hold_until is not None]
    if holds:
        _hold(standing, webhook_id, until=max(holds))
    if any(one.problem == GONE for one in attempts):
        _switch_off(webhook_id, OffReason.GONE, at=at)
        return
    if any(not one.problem for one in attempts):
        standing.filter(failing_since__isnull=False).update(failing_since=None)
        return
    first = min(one.at for one in attempts)
    standing.filter(failing_since__isnull=True).update(failing_since=first)
    if is_given_up and standing.filter(failing_since__lte=at - FAILING_FOR).exists():
        _switch_off(webhook_id, OffReason.FAILING, at=at)


def _hold(standing: QuerySet[WebhookStanding], webhook_id: UUID, *, until: datetime) -> None:
    """Leave a webhook alone until then, whatever waits for it."""
    standing.update(held_until=Greatest("held_until", until))
    Delivery.objects.pending().filter(
        channel=Delivery.Channel.WEBHOOK,
        recipient=name_message(webhook_id),
        due_at__lt=until,
        claimed_until__isnull=True,
    ).update(due_at=until)


def _switch_off(webhook_id: UUID, because: OffReason, *, at: datetime) -> None:
    webhook = switch_off(webhook_id=webhook_id, because=because, at=at)
    if webhook is not None:
        tell_admins(
            WEBHOOK_OFF, manufacturer_id=webhook.manufacturer_id, subject_id=webhook.id, at=at
        )
