"""The one clock: the database's, so that wrong clocks on application servers move no deadline."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection

_set_to: ContextVar[datetime | None] = ContextVar("leadhub_clock_set_to", default=None)


def now() -> datetime:
    """Read the database's clock. Interfaces ask once and pass the instant on as ``at``.

    :returns: an aware instant in UTC.
    """
    replaced = _set_to.get()
    if replaced is not None:
        return replaced
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
    instant: datetime = at
    return instant


def replaced() -> datetime | None:
    """Tell what the clock was set to, if it was; for statements that read it themselves."""
    return _set_to.get()


@contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """Replace the clock within the block; tests and the demo world replace nothing else."""
    token = _set_to.set(at)
    try:
        yield
    finally:
        _set_to.reset(token)
