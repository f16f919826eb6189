"""What Celery does: one call each, no decision. `manage.py run_timers` does the same without it."""

from contextlib import suppress

from celery import shared_task
from celery.exceptions import OperationalError

from leadhub.core import clock, mail, retention
from leads import (
    audit,
    digests,
    erasure,
    escalation,
    messages,
    missed_months,
    performance,
    spreading,
)
from leads.replay import jobs
from leads.webhooks.fan_out import fan_out as make_messages
from leads.webhooks.log import forget_old

# Seconds after which a worker looks at what else there is to do.
REPLAY_AT_A_TIME = 2.0


@shared_task
def sweep() -> int:
    """Move on the leads whose wave is overdue."""
    return escalation.sweep(at=clock.now())


@shared_task
def spread() -> int:
    """Make messages of the notices that are due, and let the channels know at once."""
    spread_notices = spreading.spread_due(at=clock.now())
    if spread_notices:
        # The schedule does it in a second anyway.
        with suppress(OperationalError):
            for channel in messages.HANDS:
                deliver.apply_async((channel,), retry=False, expires=5)
    return spread_notices


@shared_task
def fan_out() -> int:
    """Make messages to webhooks of what was recorded, and let the channel know at once."""
    made = make_messages()
    if made:
        with suppress(OperationalError):
            deliver.apply_async((messages.WEBHOOK,), retry=False, expires=5)
    return made


@shared_task
def deliver(channel: str) -> int:
    """Send the messages of one channel that are due."""
    return messages.deliver(channel)


@shared_task
def write_digests() -> int:
    """Make the digests due for everybody whose hour has come."""
    return digests.write_digests(at=clock.now())


@shared_task
def send_letters() -> int:
    """Send the letters about accounts that are due."""
    return mail.send_due()


@shared_task
def replay() -> int:
    """Go on with the replays that wait."""
    return jobs.go_on_with_replays(at=clock.now(), seconds=REPLAY_AT_A_TIME)


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
def forget_old_webhooks() -> int:
    """Forget what went to webhooks, and those removed, once nothing of it is shown any more."""
    return forget_old(at=clock.now())


@shared_task
def count_missed_leads() -> int:
    """Count what kept partners from leads, once an hour for each manufacturer."""
    return missed_months.count_due_months(at=clock.now())


@shared_task
def refresh_performance() -> int:
    """Count anew what partners make of their leads."""
    return performance.refresh_performance(at=clock.now())
