"""What is counted by itself: figures of partners beside their network's."""

from celery import shared_task

from kpis.comparing import compare_due_networks
from leadhub.core import clock


@shared_task
def compare_partners() -> int:
    """Compare the partners of every network, four times a day."""
    return compare_due_networks(at=clock.now())
