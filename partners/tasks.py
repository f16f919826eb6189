"""What Celery does for networks: one call each; `manage.py run_timers` does the same without it."""

from celery import shared_task

from leadhub.core import clock
from partners.imports import forgetting, jobs

# Seconds after which a worker looks at what else there is to do.
IMPORT_AT_A_TIME = 2.0


@shared_task
def import_files() -> int:
    """Go on with the files that manufacturers import."""
    return jobs.go_on_with_imports(at=clock.now(), seconds=IMPORT_AT_A_TIME)


@shared_task
def forget_imports() -> int:
    """Delete files that nobody went on with, and what is kept of old ones."""
    return forgetting.forget_imports(at=clock.now())
