"""Timers: waves whose deadline has passed. The deadline is a column; this reads it.

Any number of sweeps may run at once, from Celery and from the broker-free loop alike: each takes
one lead at a time, passing over those that others hold, and commits it before the next.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from leadhub.core.tenancy.context import system_context
from leads.locks import claim_overdue_lead
from leads.models import Lead
from leads.routing import end_wave

logger = logging.getLogger(__name__)

SWEPT_AT_MOST = 500
# A lead that failed is tried again after this long, behind all others.
PUT_OFF = timedelta(minutes=1)


def sweep(*, at: datetime, limit: int = SWEPT_AT_MOST) -> int:
    """Open the next wave of every lead whose wave is overdue, the longest overdue first.

    :returns: how many leads moved on; 0 is "nothing to do".
    """
    moved = 0
    for _ in range(limit):
        lead_id, has_moved = _move_next(at)
        if lead_id is None:
            break
        moved += has_moved
    return moved


def _move_next(at: datetime) -> tuple[UUID | None, bool]:
    with system_context("escalation.sweep"):
        lead = claim_overdue_lead(at=at)
        if lead is None:
            return None, False
        try:
            with transaction.atomic():
                return lead.id, end_wave(lead=lead, at=at)
        except Exception:
            # One broken lead must not stop the sweep; a lost connection stops it.
            if not connection.is_usable():
                raise
            logger.exception("lead %s cannot be escalated; next try in %s", lead.id, PUT_OFF)
            Lead.objects.filter(id=lead.id).update(due_at=at + PUT_OFF)
        return lead.id, False
