"""Runs a report's statement: a few hundred thousand short rows sorted, and few answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

# Room to sort without files; and to compile such a statement takes longer than to run it.
_ROOM = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"


def fetch(statement: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an answer by the names of their columns. Inside of a context."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOM)
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        for values in cursor.fetchall():
            yield dict(zip(names, values, strict=True))
