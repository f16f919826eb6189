"""From facts to messages: every fact of the log becomes a message for each webhook that wants it.

Nothing of this happens in the transaction of the fact: whoever pushes or accepts a lead neither
looks for webhooks nor writes for them, and a tenant without any costs nothing at all. Instead the
log is read after the commit, each second, from where it was read up to. A transaction may show late
what it recorded early, so a webhook counts as read up to an instant only when no running
transaction can still record anything before it; what is younger is read again the next time, and
what has its message already is passed over. So every fact is told as soon as it can be seen, none
is skipped, and whoever is killed in between has written both messages and progress or neither.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models.functions import Greatest

from leadhub.core import clock
from leadhub.core.bulk import new_row
from leadhub.core.models import Delivery
from leadhub.core.settled import nothing_is_written_before
from leadhub.core.tenancy.context import system_context
from leads.models import WebhookStanding

READ_AT_ONCE = 1_000
# Progress is written down no more often than this.
STEP = timedelta(seconds=30)


class _Wanted(NamedTuple):
    """A fact that a webhook is to be told of."""

    manufacturer_id: UUID
    webhook_id: UUID
    event_id: UUID
    lead_id: UUID
    type: str
    held_until: datetime | None


def fan_out(*, limit: int = READ_AT_ONCE) -> int:
    """Make the messages of what was recorded since the last time.

    Any number of these may run at once: each passes over the webhooks that others read for.

    :returns: how many there are; as many as ``limit`` say that there may be more.
    """
    with system_context("webhooks.fan_out"):
        standings = list(
            WebhookStanding.objects.filter(
                webhook__off_since__isnull=True, webhook__removed_at__isnull=True
            )
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("read_up_to", "id")
        )
        if not standings:
            return 0
        # Asked before anything is read: what was settled then, the reading sees.
        settled_at = nothing_is_written_before()
        wanted = _read(standings, limit=limit)
        at = clock.now()
        Delivery.objects.bulk_create(
            [_message(one, at=at) for one in wanted], ignore_conflicts=True
        )
        if len(wanted) < limit:
            ids = [one.id for one in standings if one.read_up_to < settled_at - STEP]
            WebhookStanding.objects.filter(id__in=ids).update(
                read_up_to=Greatest("read_up_to", settled_at)
            )
    return len(wanted)


def name_message(webhook_id: UUID) -> str:
    """Name the recipient of messages to a webhook."""
    return f"webhook:{webhook_id}"


def _read(standings: list[WebhookStanding], *, limit: int) -> list[_Wanted]:
    """Read facts that have no message yet, the oldest first.

    Imported leads are history: nobody is told of them.
    """
    oldest = standings[0].read_up_to
    with connection.cursor() as cursor:
        ids = [one.id for one in standings]
        cursor.execute(_WANTED, {"ids": ids, "oldest": oldest, "limit": limit})
        return [_Wanted(*row) for row in cursor.fetchall()]


def _message(one: _Wanted, *, at: datetime) -> Delivery:
    return new_row(
        Delivery,
        manufacturer_id=one.manufacturer_id,
        event_id=one.event_id,
        channel=Delivery.Channel.WEBHOOK,
        kind=one.type,
        recipient=name_message(one.webhook_id),
        subject_id=one.lead_id,
        dedupe=f"webhook:{one.webhook_id}:{one.event_id}",
        due_at=at if one.held_until is None else max(at, one.held_until),
    )


_WANTED = """
    SELECT s.manufacturer_id, s.webhook_id, e.id, e.lead_id, e.type, s.held_until
    FROM leads_webhookstanding s
    JOIN leads_webhook w ON w.manufacturer_id = s.manufacturer_id AND w.id = s.webhook_id
    JOIN leads_leadevent e ON e.manufacturer_id = s.manufacturer_id
        AND e.recorded_at >= %(oldest)s AND e.recorded_at >= s.read_up_to
        AND e.type = ANY (w.event_types)
    JOIN leads_lead l ON l.manufacturer_id = e.manufacturer_id AND l.id = e.lead_id
        AND NOT l.is_imported
    WHERE s.id = ANY (%(ids)s::uuid[]) AND NOT EXISTS (
        SELECT FROM core_delivery d WHERE d.manufacturer_id = s.manufacturer_id
            AND d.dedupe = 'webhook:' || s.webhook_id || ':' || e.id
    )
    ORDER BY e.recorded_at, e.lead_id, e.sequence, s.id
    LIMIT %(limit)s
"""
