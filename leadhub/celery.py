"""The Celery application: hands that do what the database says is due, never the memory."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger, worker_init

from leadhub.core.logs import DiscreetFormatter
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
    """Keep personal data out of the worker's log as well, which Celery sets up by itself."""
    for handler in logger.handlers:
        handler.setFormatter(DiscreetFormatter("{asctime} {levelname} {name} {message}", style="{"))
