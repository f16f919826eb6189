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
    """The lowest number that may still write; all transactions below it have ended."""

    function = "pg_snapshot_xmin"
    template = "(%(function)s(pg_current_snapshot())::text)::bigint"
    output_field = BigIntegerField()
