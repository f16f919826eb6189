"""What is settled: an instant before which nothing more will be recorded by anybody.

Rows carry the time at which they were written, not the time at which they could be seen: a long
transaction shows late what it wrote early. Whoever reads on from where it stopped has to know how
far it has really seen everything.
"""

from datetime import datetime, timedelta

from django.db import connection

# How long at least a transaction may have gone unnoticed that is about to record something.
USUAL = timedelta(minutes=1)


def nothing_is_written_before(settled: timedelta = USUAL) -> datetime:
    """Find an instant before which no running transaction can still record anything.

    A row is recorded at the beginning of its transaction or later, by the database's clock. Ask
    before you read: what was settled then, every later statement sees.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(statement_timestamp() - make_interval(secs => %s), min(xact_start))"
            " FROM pg_stat_activity WHERE datname = current_database()",
            [settled.total_seconds()],
        )
        instant: datetime = cursor.fetchone()[0]
    return instant
