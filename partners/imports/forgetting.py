"""Files and what came of them, forgotten in time."""

from datetime import datetime, timedelta

from leadhub.core.tenancy.context import system_context
from partners.imports.jobs import forget_import
from partners.models import Import
from partners.models.imports import ASKING

# A file that nobody goes on with; and what came of one, for as long as it can be taken back.
WAITS_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
FORGOTTEN_AT_ONCE = 20


def forget_imports(*, at: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
    """Delete imports that nobody went on with for a day, or that ended 30 days ago.

    Any number of these may run at once: each passes over the rows that others delete.

    :returns: how many there were.
    """
    with system_context("imports.forget"):
        left = Import.objects.filter(status__in=ASKING, worked_at__lt=at - WAITS_FOR)
        ended = Import.objects.filter(finished_at__lt=at - KEPT_FOR, queued_at__isnull=True)
        old = [
            job
            for found in (left, ended)
            for job in found.order_by("id").select_for_update(skip_locked=True)[:limit]
        ]
        for job in old:
            forget_import(job)
    return len(old)
