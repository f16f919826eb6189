"""What a webhook is told: that something happened, to which lead, and nothing about anybody.

A message is thin. It names ids, the type and the time, and the number that the manufacturer gave
the lead itself; whoever wants to know more asks the API with a key of their own. It is composed
anew at every attempt, of what never changes, so that each says the same to the last byte.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from leadhub.core.channels.webhook import BROKEN, Post
from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome, Result
from leadhub.core.sealed import CannotUnseal
from leads.models import LeadEvent, Webhook
from leads.webhooks.subscriptions import signing_keys

TEST = "webhook.test"
OFF, REMOVED, NO_FACT = "webhook_off", "webhook_removed", "gone"


def posts_of(
    deliveries: Sequence[Delivery], at: datetime
) -> Iterator[tuple[Delivery, Post | Outcome]]:
    """Make messages ready to be sent, or tell why one of them is not to be."""
    ids = {_webhook_id(one) for one in deliveries}
    webhooks = Webhook.objects.kept().in_bulk(ids)
    facts = _read_facts(deliveries)
    for delivery in deliveries:
        webhook = webhooks.get(_webhook_id(delivery))
        if webhook is None:
            yield delivery, Outcome(delivery, Result.SKIPPED, REMOVED)
        elif webhook.off_since is not None and delivery.kind != TEST:
            yield delivery, Outcome(delivery, Result.SKIPPED, OFF)
        else:
            yield delivery, _post(delivery, webhook, facts, at)


def payload_of(type_: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """Write a message as the specification of Standard Webhooks has it."""
    whole = {"type": type_, "timestamp": at, "data": data}
    return orjson.dumps(whole, option=orjson.OPT_UTC_Z)


def _webhook_id(delivery: Delivery) -> UUID:
    return UUID(delivery.recipient.partition(":")[2])


def _post(
    delivery: Delivery, webhook: Webhook, facts: Mapping[UUID, dict[str, Any]], at: datetime
) -> Post | Outcome:
    try:
        keys = signing_keys(webhook, at=at)
    except CannotUnseal:
        return Outcome(delivery, Result.PUT_OFF, f"{BROKEN}:CannotUnseal")
    fact = facts.get(delivery.event_id) if delivery.event_id else None
    if fact is not None:
        body = payload_of(fact["type"], fact["at"], _data(fact))
    elif delivery.kind == TEST:
        body = payload_of(TEST, at, {"webhook": webhook.id})
    else:
        return Outcome(delivery, Result.SKIPPED, NO_FACT)
    return Post(
        webhook_id=webhook.id,
        lead_id=fact["lead_id"] if fact else None,
        url=webhook.url,
        body=body,
        keys=keys,
        at=at,
        is_answer_kept=fact is None or fact["lead__erased_at"] is None,
    )


def _data(fact: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "event": fact["id"],
        "sequence": fact["sequence"],
        "lead": fact["lead_id"],
        "external_id": fact["lead__external_id"],
        "partner": fact["partner_id"],
        "assignment": fact["assignment_id"],
        "is_test": fact["lead__is_test"],
    }


def _read_facts(deliveries: Sequence[Delivery]) -> dict[UUID, dict[str, Any]]:
    ids = {one.event_id for one in deliveries if one.event_id is not None}
    rows = LeadEvent.objects.filter(id__in=ids).values(
        *("id", "type", "at", "sequence", "lead_id", "partner_id", "assignment_id"),
        *("lead__external_id", "lead__is_test", "lead__erased_at"),
    )
    return {row["id"]: row for row in rows}
