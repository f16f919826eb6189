"""Which transaction wrote a row, and which may still write: what a feed must know to skip nothing.

PostgreSQL numbers the transactions that write, in the order in which they begin to. Of two that run
side by side the later number may commit first; so whoever has read up to a number has read
everything below it only once no transaction with a lower one runs any more.
"""

from django.db.models import BigIntegerField, Func


class TransactionNumber(Func):
    """The number of the transaction that runs: 64 bits wide, so it never starts anew."""

    function = "pg_current_xact_id"
    template = "(%(function)s()::text)::bigint"
    output_field = BigIntegerField()


class FirstUnsettled(Func):
    """The lowest number that may still write here; all transactions below it have ended.

    PostgreSQL numbers the transactions of all databases of a server together. Those of another
    database write nothing here: however long one runs, nobody waits for it. Which process has a
    number its lock on the number tells, and which database it works in its locks on tables there.
    A number of nobody known counts.
    """

    template = """(
        SELECT least(
            min(running::text::bigint),
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
            pg_current_xact_id_if_assigned()::text::bigint
        )
        FROM pg_snapshot_xip(pg_current_snapshot()) AS running
        WHERE running::xid NOT IN (
            SELECT transactionid FROM (
                SELECT pid, locktype, transactionid, granted, bool_or(
                    database NOT IN (
                        0, (SELECT oid FROM pg_database WHERE datname = current_database())
                    )
                ) OVER (PARTITION BY pid) AS is_elsewhere
                FROM pg_locks WHERE pid IS NOT NULL
            ) AS held
            WHERE locktype = 'transactionid' AND granted AND is_elsewhere
        )
    )"""
    output_field = BigIntegerField()
