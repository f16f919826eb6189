"""What is kept for a time only, and of no manufacturer in particular: kept answers, sessions."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from leadhub.core.answers import purge_answers
from leadhub.core.tenancy.context import system_context

PURGED_AT_ONCE = 1_000
# A device is noted a moment before its session is kept.
TIME_TO_LOG_IN = timedelta(hours=1)


def purge_expired(*, at: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Delete answers that are replayed no more, sessions that have ended, and their devices.

    Any number of these may run at once: each passes over the rows that others delete.

    :returns: how many rows there were.
    """
    with system_context("retention.purge_expired"):
        return (
            purge_answers(at=at, limit=limit)
            + _purge_sessions(at, limit)
            + _purge_devices(at, limit)
        )


def _purge_sessions(at: datetime, limit: int) -> int:
    ended = Session.objects.filter(expire_date__lt=at).order_by("expire_date")
    batch = ended.select_for_update(skip_locked=True).values_list("session_key", flat=True)[:limit]
    purged, _ = Session.objects.filter(session_key__in=list(batch)).delete()
    return purged


def _purge_devices(at: datetime, limit: int) -> int:
    """Forget where somebody was logged in, with address and browser, once they no longer are."""
    session = Session.objects.filter(session_key=OuterRef("session_key"))
    ended = UserSession.objects.filter(~Exists(session), created_at__lt=at - TIME_TO_LOG_IN)
    batch = ended.select_for_update(skip_locked=True, of=("self",)).order_by("id")[:limit]
    purged: int
    purged, _ = UserSession.objects.filter(id__in=[device.pk for device in batch]).delete()
    return purged
