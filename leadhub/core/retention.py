"""What is kept for a time only, and of no manufacturer in particular: kept answers, sessions."""

from datetime import datetime

from django.contrib.sessions.models import Session

from leadhub.core.answers import purge_answers
from leadhub.core.tenancy.context import system_context

PURGED_AT_ONCE = 1_000


def purge_expired(*, at: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Delete answers that are replayed no more and sessions that have ended, some of each.

    Any number of these may run at once: each passes over the rows that others delete.

    :returns: how many rows there were.
    """
    with system_context("retention.purge_expired"):
        return purge_answers(at=at, limit=limit) + _purge_sessions(at, limit)


def _purge_sessions(at: datetime, limit: int) -> int:
    ended = Session.objects.filter(expire_date__lt=at).order_by("expire_date")
    batch = ended.select_for_update(skip_locked=True).values_list("session_key", flat=True)[:limit]
    purged, _ = Session.objects.filter(session_key__in=list(batch)).delete()
    return purged
