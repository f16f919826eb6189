"""Rows of several tables in one statement: what belongs together is written together, at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from django.db import connection, models

from leadhub.core.prepared import execute_prepared_in_order


def insert_together(
    rows: Iterable[models.Model], *, also: Sequence[tuple[str, Sequence[Any]]] = ()
) -> None:
    """Insert new rows of any tables with one statement.

    Foreign keys between the rows are checked when all are there. Columns with a default of the
    database get that default.

    :param also: further statements that go along, each as SQL and its parameters.
    """
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    parts: list[str] = []
    parameters: list[Any] = []
    types: list[str] = []
    for model, group in by_model.items():
        parts.append(_insert_sql(model, len(group)))
        types += _types(model) * len(group)
        for row in group:
            parameters += [adapt(getattr(row, attname)) for adapt, attname in _columns(model)]
            row._state.adding = False  # noqa: SLF001 - what Model.save does as well
    for sql, values in also:
        parts.append(sql)
        parameters += values
        types += ["unknown"] * len(values)
    if not parts:
        return
    steps = ", ".join(f"step_{number} AS ({part})" for number, part in enumerate(parts))
    with connection.cursor() as cursor:
        execute_prepared_in_order(cursor, f"WITH {steps} SELECT", parameters, types)


@cache
def _types(model: type[models.Model]) -> list[str]:
    return [str(field.db_type(connection)) for field in _fields(model)]


@cache
def _columns(model: type[models.Model]) -> tuple[tuple[Any, str], ...]:
    return tuple((_adapter(field), field.attname) for field in _fields(model))


@cache
def _fields(model: type[models.Model]) -> tuple["models.Field[Any, Any]", ...]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - the documented name
    return tuple(field for field in fields if not field.has_db_default())


@cache
def _insert_sql(model: type[models.Model], count: int) -> str:
    fields = _fields(model)
    table = model._meta.db_table  # noqa: SLF001 - the documented name
    columns = ", ".join(f'"{field.column}"' for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    return f"INSERT INTO {table} ({columns}) VALUES " + ", ".join([row] * count)


def _adapter(field: "models.Field[Any, Any]") -> Any:
    return _json if isinstance(field, models.JSONField) else _plain


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def _plain(value: Any) -> Any:
    return value
