"""What timers should have done by now, and how late the oldest of each kind is, by one clock.

Every look is the first row of an index that a timer reads as well, so that it costs the same
however much waits. Who or whose it is stays unsaid. Not among these: a lead that keeps failing and
is therefore put off behind the others (``check_invariants`` names it), messages that wait for a
server that is away, and replays, which take their time.
"""

from collections.abc import Iterator, Mapping

from django.db import connection

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context

# After so many seconds something is wrong with the timers.
LATE_AFTER = 60.0


def oldest_overdue() -> Mapping[str, float]:
    """Tell for each kind of timer for how many seconds its oldest row has been due; 0 is none.

    Messages and letters that somebody is sending right now are in hand, and not late.
    """
    with system_context("lateness.oldest_overdue"), connection.cursor() as cursor:
        cursor.execute(_OLDEST, {"at": clock.replaced()})
        return dict(cursor.fetchall())


def _kinds() -> Iterator[tuple[str, str]]:
    yield (
        "waves",
        "SELECT due_at FROM leads_lead WHERE status = 'OFFERED' ORDER BY due_at, id LIMIT 1",
    )
    yield (
        "follow-ups",
        (
            "SELECT follow_up_at FROM leads_assignment WHERE follow_up_at IS NOT NULL"
            " ORDER BY follow_up_at, id LIMIT 1"
        ),
    )
    for channel in Delivery.Channel.values:
        yield (
            "notices" if channel == Delivery.Channel.NOTICE else f"messages by {channel}",
            (
                f"SELECT due_at FROM core_delivery WHERE channel = '{channel}' AND due_at < now.at"
                " AND done_at IS NULL AND failed_at IS NULL"
                " AND (claimed_until IS NULL OR claimed_until < now.at) ORDER BY due_at, id LIMIT 1"
            ),
        )
    yield (
        "letters",
        (
            "SELECT due_at FROM core_letter WHERE expires_at > now.at"
            " AND (claimed_until IS NULL OR claimed_until < now.at) ORDER BY due_at LIMIT 1"
        ),
    )


_OLDEST = "WITH now AS (SELECT coalesce(%(at)s::timestamptz, clock_timestamp()) AS at) " + (
    " UNION ALL ".join(
        f"SELECT '{kind}', coalesce(greatest(extract(epoch FROM now.at - ({sql})), 0), 0)::float"
        " FROM now"
        for kind, sql in _kinds()
    )
)
