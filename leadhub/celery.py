"""The Celery application: hands that do what the database says is due, never the memory."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from leadhub.core.tenancy.roles import refuse_to_start_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")

app = Celery("leadhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def look_at_role(**_: Any) -> None:
    """Refuse to start a worker that would see every tenant's rows."""
    refuse_to_start_unsafe()
