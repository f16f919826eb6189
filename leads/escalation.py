"""Timers: waves whose deadline has passed, and leads in hands with which something is due.

The deadlines are columns; this reads them.

Any number of sweeps may run at once, from Celery and from the broker-free loop alike: each takes a
batch of leads at a time, passing over those that others hold, decides one after the other, writes
all of them at once and commits before the next batch. A batch that fails is done again lead by
lead, each committed for itself, so that one that is broken holds up no other.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from leadhub.core.tenancy.context import system_context
from leads.follow_up import follow_up_together
from leads.locks import (
    FIRST,
    Claimed,
    Place,
    claim_lead,
    claim_overdue_leads,
    claim_to_follow_up,
    read_claimed_leads,
)
from leads.models import Assignment, Lead
from leads.routing import end_waves

logger = logging.getLogger(__name__)

SWEPT_AT_MOST = 500
AT_ONCE = 50
# Whoever answers one of the leads of a batch waits for its end: so long, in seconds, it may take.
BATCH_TIME = 0.5
# After so many leads of one tenant in a sweep it is the others' turn.
SHARE = 100
# A lead that failed is tried again after this long, behind all others.
PUT_OFF = timedelta(minutes=1)


class Batch(NamedTuple):
    """What a batch took, and with how much of it something was done."""

    claimed: Sequence[Claimed]
    done: int


class Asked(NamedTuple):
    """Which batch is wanted.

    :ivar after: what lies before is known to be done, or with somebody else.
    :ivar but_of: tenants that had their share.
    :ivar turn: how many leads this sweep has looked at.
    """

    at: datetime
    limit: int
    after: Place
    but_of: Sequence[UUID]
    turn: int


def sweep(*, at: datetime, limit: int = SWEPT_AT_MOST) -> int:
    """Open the next wave of every lead whose wave is overdue, then follow up those in hands.

    Of each the longest overdue first; but a tenant with a great many does not keep the others
    waiting.

    :returns: how many leads moved on or were followed up; 0 is "nothing to do".
    """
    return _in_batches(_move_on, at, limit) + _in_batches(_follow_up, at, limit)


def _in_batches(take: Callable[[Asked], Batch], at: datetime, limit: int) -> int:
    looked = done = 0
    size, after = AT_ONCE, FIRST
    had: Counter[UUID] = Counter()
    is_shared = True
    while looked < limit:
        over = [tenant for tenant, count in had.items() if count >= SHARE] if is_shared else []
        began = time.monotonic()
        batch = take(Asked(at, min(size, limit - looked), after, over, looked))
        if batch.claimed:
            looked, done = looked + len(batch.claimed), done + batch.done
            had.update(one.tenant for one in batch.claimed if one.tenant is not None)
            size = _next_size(len(batch.claimed), time.monotonic() - began)
            after = after if over else batch.claimed[-1].place
        elif over:
            # Nobody else has anything: they go on.
            is_shared = False
        elif after != FIRST:
            # What others held before, and have let go.
            after = FIRST
        else:
            break
    return done


def _next_size(size: int, took: float) -> int:
    """Make batches as large as may be, or smaller where they take too long."""
    return max(1, min(AT_ONCE, size * 2, int(size * BATCH_TIME / max(took, 1e-6))))


def _move_on(asked: Asked) -> Batch:
    claimed: list[Claimed] = []
    try:
        with system_context("escalation.sweep"):
            claimed += claim_overdue_leads(
                at=asked.at, limit=asked.limit, after=asked.after, but_of=asked.but_of
            )
            if not claimed:
                return Batch(claimed, 0)
            leads = read_claimed_leads([one.place.id for one in claimed])
            return Batch(claimed, end_waves(leads=leads, at=asked.at, turn=asked.turn))
    except Exception:
        # What one of them is broken by must not stop the sweep; a lost connection stops it.
        if not claimed or not connection.is_usable():
            raise
    return Batch(claimed, sum(_move_one_on(one.place.id, asked.at) for one in claimed))


def _move_one_on(lead_id: UUID, at: datetime) -> bool:
    with system_context("escalation.sweep"):
        lead = claim_lead(lead_id)
        if lead is None:
            return False
        try:
            with transaction.atomic():
                return end_waves(leads=[lead], at=at) > 0
        except Exception:
            if not connection.is_usable():
                raise
            logger.exception("lead %s cannot be escalated; next try in %s", lead_id, PUT_OFF)
            Lead.objects.filter(id=lead_id).update(due_at=at + PUT_OFF)
        return False


def _follow_up(asked: Asked) -> Batch:
    claimed: list[Claimed] = []
    try:
        with system_context("escalation.follow_up"):
            places = claim_to_follow_up(at=asked.at, limit=asked.limit, after=asked.after)
            claimed += map(Claimed, places)
            picks = [place.id for place in places]
            done = follow_up_together(picks, at=asked.at, turn=asked.turn) if picks else 0
            return Batch(claimed, done)
    except Exception:
        if not claimed or not connection.is_usable():
            raise
    return Batch(claimed, sum(_follow_one_up(one.place.id, asked.at) for one in claimed))


def _follow_one_up(assignment_id: UUID, at: datetime) -> bool:
    with system_context("escalation.follow_up"):
        assignment = Assignment.objects.filter(id=assignment_id).first()
        if assignment is None or claim_lead(assignment.lead_id) is None:
            return False
        try:
            with transaction.atomic():
                return follow_up_together([assignment_id], at=at) > 0
        except Exception:
            if not connection.is_usable():
                raise
            logger.exception(
                "pick %s cannot be followed up; next try in %s", assignment_id, PUT_OFF
            )
            Assignment.objects.filter(id=assignment_id).update(put_off_until=at + PUT_OFF)
        return False
