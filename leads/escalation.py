"""Timers: waves whose deadline has passed, and leads in hands with which something is due.

The deadlines are columns; this reads them.

Any number of sweeps may run at once, from Celery and from the broker-free loop alike: each takes
one lead at a time, passing over those that others hold, and commits it before the next.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from leadhub.core.tenancy.context import system_context
from leads.follow_up import follow_up
from leads.locks import claim_overdue_lead, claim_to_follow_up
from leads.models import Assignment, Lead
from leads.routing import end_wave

logger = logging.getLogger(__name__)

SWEPT_AT_MOST = 500
# A lead that failed is tried again after this long, behind all others.
PUT_OFF = timedelta(minutes=1)


def sweep(*, at: datetime, limit: int = SWEPT_AT_MOST) -> int:
    """Open the next wave of every lead whose wave is overdue, then follow up those in hands.

    Of each the longest overdue first.

    :returns: how many leads moved on or were followed up; 0 is "nothing to do".
    """
    return _repeat(_move_next, at, limit) + _repeat(_follow_up_next, at, limit)


def _repeat(step: Callable[[datetime], tuple[UUID | None, bool]], at: datetime, limit: int) -> int:
    done = 0
    for _ in range(limit):
        row_id, is_done = step(at)
        if row_id is None:
            break
        done += is_done
    return done


def _follow_up_next(at: datetime) -> tuple[UUID | None, bool]:
    with system_context("escalation.follow_up"):
        assignment = claim_to_follow_up(at=at)
        if assignment is None:
            return None, False
        try:
            with transaction.atomic():
                return assignment.id, follow_up(assignment=assignment, at=at)
        except Exception:
            if not connection.is_usable():
                raise
            logger.exception(
                "pick %s cannot be followed up; next try in %s", assignment.id, PUT_OFF
            )
            Assignment.objects.filter(id=assignment.id).update(put_off_until=at + PUT_OFF)
        return assignment.id, False


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
