"""The Celery application: hands that do what the database says is due, never the memory."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    task_postrun,
    task_prerun,
    worker_init,
)
from django.conf import settings

from leadhub.core import log_context
from leadhub.core.logs import make_formatter
from leadhub.core.metrics import ErrorCounter, count_step
from leadhub.core.tenancy.roles import refuse_to_start_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")

app = Celery("leadhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def ring() -> None:
    """Let a worker look at once for what is new; called by the doorbell's own thread.

    :raises Exception: whatever a broker that is away makes of it.
    """
    app.send_task("leads.tasks.spread", ignore_result=True, expires=5, retry=False)


@worker_init.connect
def look_at_role(**_: Any) -> None:
    """Refuse to start a worker that would see every tenant's rows."""
    refuse_to_start_unsafe()


@after_setup_logger.connect
@after_setup_task_logger.connect
def log_discreetly(logger: logging.Logger, **_: Any) -> None:
    """Write the worker's log as all others; Celery sets its handlers up by itself."""
    for handler in logger.handlers:
        handler.setFormatter(make_formatter(settings.LOG_FORMAT))
    logger.addHandler(ErrorCounter(logging.ERROR))


@task_prerun.connect
def name_lines(task_id: str, **_: Any) -> None:
    """Let whatever a task logs carry its id."""
    log_context.begin(task_id.replace("-", ""))


@task_postrun.connect
def note_outcome(task: Any, state: str, **_: Any) -> None:
    """Count the task, and let its id be."""
    count_step(task.name.rpartition(".")[2], is_done=state == "SUCCESS")
    log_context.begin("")
