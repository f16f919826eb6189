"""What is kept for a time only: answers, sessions, messages that have left."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from leadhub.core import outbox
from leadhub.core.answers import purge_answers
from leadhub.core.tenancy.context import system_context

PURGED_AT_ONCE = 1_000
# A day of many leads leaves more messages than are purged at once.
BATCHES_OF_MESSAGES = 50
# A device is noted a moment before its session is kept.
TIME_TO_LOG_IN = timedelta(hours=1)


def purge_expired(*, at: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Delete answers replayed no more, ended sessions with their devices, messages long gone.

    Any number of these may run at once: each passes over the rows that others delete.

    :returns: how many rows there were.
    """
    with system_context("retention.purge_expired"):
        purged = (
            purge_answers(at=at, limit=limit)
            + _purge_sessions(at, limit)
            + _purge_devices(at, limit)
        )
    return purged + _purge_messages(at, limit)


def _purge_messages(at: datetime, limit: int) -> int:
    """Delete in small batches, each committed, for nobody is to wait for many rows to be gone."""
    total = 0
    for _ in range(BATCHES_OF_MESSAGES):
        with system_context("retention.purge_messages"):
            purged = outbox.purge_done(at=at, limit=limit)
        total += purged
        if purged < limit:
            break
    return total


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
