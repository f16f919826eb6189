"""The outbox: messages leave after the commit that caused them, at least once, never forgotten.

A message is a row (``Delivery``). Whoever sends claims a lease on due rows, commits, sends outside
any transaction and marks the row done; a sender that dies leaves a lease that runs out.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q

from leadhub.core.models import Delivery

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)


def claim_due(*, at: datetime, limit: int = 50) -> list[Delivery]:
    """Take a lease on messages that are due, oldest first; others skip them meanwhile.

    Runs inside the caller's transaction, which is to be committed before anything is sent.
    """
    due = (
        Delivery.objects.pending()
        .filter(due_at__lte=at)
        .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=at))
        .order_by("due_at", "id")
        .select_for_update(skip_locked=True)[:limit]
    )
    claimed = list(due)
    Delivery.objects.filter(id__in=[delivery.id for delivery in claimed]).update(
        claimed_until=at + LEASE, attempts=F("attempts") + 1
    )
    for delivery in claimed:
        delivery.claimed_until = at + LEASE
        delivery.attempts += 1
    return claimed


def mark_done(delivery: Delivery, *, at: datetime) -> bool:
    """Note that a message has left; ``False`` if that was known already."""
    changed = Delivery.objects.pending().filter(id=delivery.id).update(done_at=at, last_error="")
    return changed == 1


def mark_failed(delivery: Delivery, *, at: datetime, error: str) -> None:
    """Put a message off: twice as long after each attempt, never for good, the reason kept."""
    doublings = min(delivery.attempts - 1, 12)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**doublings)
    Delivery.objects.pending().filter(id=delivery.id).update(
        due_at=at + pause, claimed_until=None, last_error=error[:200]
    )
