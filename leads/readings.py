"""What a watcher is told of the state of things, read from the database when it is asked for.

Everything costs the same however much there is: first rows of indexes, and counts that stop at
``COUNTED_AT_MOST``. Nothing is told by tenant.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads.lateness import oldest_overdue

COUNTED_AT_MOST = 10_000
# No reading takes longer than this; a database that is so busy is not to be kept busier.
LONGEST = "2s"


class Reading(NamedTuple):
    """One figure.

    :ivar label: its one label's name and value, if it has one.
    """

    name: str
    help: str
    value: float
    label: tuple[str, str] | None = None


def read_state() -> list[Reading]:
    """Read everything there is to tell."""
    with system_context("readings.read_state"), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST}'")
        overdue = [
            Reading(
                "leadhub_overdue_seconds",
                "For how long the oldest row that a timer works on has been due.",
                seconds,
                ("timer", timer),
            )
            for timer, seconds in oldest_overdue().items()
        ]
        cursor.execute(_READ, {"at": clock.replaced()})
        told = [
            Reading(name, _HELP[name], value, ("timer", timer) if timer else None)
            for name, timer, value in cursor.fetchall()
        ]
    return overdue + told


_HELP = {
    "leadhub_overdue_rows": f"How many rows are due now, counted up to {COUNTED_AT_MOST}.",
    "leadhub_wave_age_seconds": "How long ago the wave that ends next was opened; 0 without any.",
    "leadhub_messages_given_up": (
        f"Messages given up and not sent again, counted up to {COUNTED_AT_MOST}."
    ),
    "leadhub_replay_waiting_seconds": "How long ago the oldest replay at work was asked for.",
    "leadhub_import_waiting_seconds": "How long ago the oldest import at work was asked for.",
}


def _counts() -> Iterator[tuple[str, str, str]]:
    """Name what is counted. In an order, so that the index is read and never the table."""
    due = "leadhub_overdue_rows"
    yield (
        due,
        "waves",
        "FROM leads_lead WHERE status = 'OFFERED' AND due_at <= now.at ORDER BY due_at",
    )
    yield (
        due,
        "follow-ups",
        "FROM leads_assignment WHERE follow_up_at <= now.at ORDER BY follow_up_at",
    )
    for channel in Delivery.Channel.values:
        timer = "notices" if channel == Delivery.Channel.NOTICE else f"messages by {channel}"
        pending = "done_at IS NULL AND failed_at IS NULL"
        where = f"FROM core_delivery WHERE channel = '{channel}' AND {pending}"
        yield due, timer, f"{where} AND due_at <= now.at ORDER BY due_at"
    yield "leadhub_messages_given_up", "", "FROM core_delivery WHERE failed_at IS NOT NULL"


_AGES = (
    (
        "leadhub_wave_age_seconds",
        """
        SELECT w.opened_at FROM (
            SELECT manufacturer_id, id, wave FROM leads_lead
            WHERE status = 'OFFERED' ORDER BY due_at, id LIMIT 1
        ) l JOIN leads_wave w ON w.manufacturer_id = l.manufacturer_id AND w.lead_id = l.id
            AND w.number = l.wave
        """,
    ),
    (
        "leadhub_replay_waiting_seconds",
        (
            "SELECT created_at FROM leads_replay WHERE status IN ('WAITING', 'RUNNING')"
            " ORDER BY created_at, id LIMIT 1"
        ),
    ),
    (
        "leadhub_import_waiting_seconds",
        (
            "SELECT queued_at FROM partners_import WHERE queued_at IS NOT NULL"
            " ORDER BY queued_at, id LIMIT 1"
        ),
    ),
)
_READ = "WITH now AS (SELECT coalesce(%(at)s::timestamptz, clock_timestamp()) AS at) " + (
    " UNION ALL ".join(
        [
            f"SELECT '{name}', '{timer}', (SELECT count(*) FROM (SELECT {rows}"
            f" LIMIT {COUNTED_AT_MOST}) AS counted)::float FROM now"
            for name, timer, rows in _counts()
        ]
        + [
            f"SELECT '{name}', '', coalesce(extract(epoch FROM now.at - ({sql})), 0)::float"
            " FROM now"
            for name, sql in _AGES
        ]
    )
)
