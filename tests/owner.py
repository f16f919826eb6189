"""Changes as the owner of the tables can make them, past what refuses them to the application."""

from contextlib import closing
from typing import Any

from django.db import connections, transaction

from leads.invariants.catalogue import APPEND_ONLY


def as_owner(sql: str, *parameters: Any) -> int:
    """Change rows: the trigger out of the way, and a context by hand; tell how many."""
    with transaction.atomic(using="owner"), closing(connections["owner"].cursor()) as cursor:
        cursor.execute("SELECT set_config('leadhub.system', 'planted', true)")
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        cursor.execute(sql, parameters or None)
        changed: int = cursor.rowcount
        # What is checked at the end is checked now: a table with checks pending is not altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    return changed
