"""A Celery application whose one task does nothing: what a task costs at the least."""

from typing import Any

from celery import Celery
from django.conf import settings
from redis import Redis

app = Celery("nothing", broker=settings.CELERY_BROKER_URL)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=settings.CELERY_TASK_ACKS_LATE,
    task_reject_on_worker_lost=settings.CELERY_TASK_REJECT_ON_WORKER_LOST,
    worker_prefetch_multiplier=settings.CELERY_WORKER_PREFETCH_MULTIPLIER,
)


@app.task
def do_nothing() -> None:
    """Do nothing."""


def client() -> Any:
    """Look into the broker."""
    return Redis.from_url(settings.CELERY_BROKER_URL)
