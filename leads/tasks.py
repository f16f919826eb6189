"""What Celery does: one call each, no decision. `manage.py run_timers` does the same without it."""

from celery import shared_task

from leadhub.core import clock, retention
from leads import audit, erasure, escalation, messages, performance


@shared_task
def sweep() -> int:
    """Move on the leads whose wave is overdue."""
    return escalation.sweep(at=clock.now())


@shared_task
def deliver() -> int:
    """Send the messages that are due."""
    return messages.deliver_due()


@shared_task
def take_checkpoints() -> int:
    """Keep what the logs are, once a day."""
    return audit.take_checkpoints(at=clock.now())


@shared_task
def erase_overdue() -> int:
    """Erase the customers of leads that ended long ago."""
    return erasure.erase_overdue(at=clock.now())


@shared_task
def forget_late_answers() -> int:
    """Forget answers about erased leads that were kept only after the erasure."""
    return erasure.forget_late_answers(at=clock.now())


@shared_task
def purge_expired() -> int:
    """Delete what is of no use any more."""
    return retention.purge_expired(at=clock.now())


@shared_task
def refresh_performance() -> int:
    """Count anew what partners make of their leads."""
    return performance.refresh_performance(at=clock.now())
