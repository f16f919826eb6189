"""Rows of several tables in one statement: what belongs together is written together, at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.base import ModelState

from leadhub.core.prepared import execute_prepared_in_order

Row = TypeVar("Row", bound=models.Model)


def new_row(model: type[Row], **values: Any) -> Row:
    """Make a row that is about to be inserted: like calling the model, at a fraction of the cost.

    :param values: column -> value; a foreign key by its id. Others get the field's default.
    :raises TypeError: if there is no such column.
    """
    if not values.keys() <= _known_names(model):
        msg = f"{model.__name__} has no such columns: {values.keys() - _known_names(model)}"
        raise TypeError(msg)
    row = model.__new__(model)
    held = vars(row)
    held["_state"] = ModelState()
    constants, made = _defaults(model)
    held.update(constants)
    held.update(values)
    for name, make in made:
        if name not in values:
            held[name] = make()
    return row


def read_row(model: type[Row], names: Sequence[str], values: Sequence[Any]) -> Row:
    """Make a row of what was read: like ``Model.from_db``, at a fraction of the cost.

    :param names: every column of the model, in the order of ``values``.
    """
    row = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    held = vars(row)
    held["_state"] = state
    held.update(zip(names, values, strict=True))
    return row


def insert_together(
    rows: Iterable[models.Model],
    *,
    also: Sequence[tuple[str, Sequence[Any]]] = (),
    is_along: bool = False,
) -> None:
    """Insert new rows of any tables with one statement, each table's as one parameter in JSON.

    Foreign keys between the rows are checked when all are there. Columns with a default of the
    database get that default; columns of durations are refused.

    :param also: further statements that go along, each as SQL and its parameters.
    :param is_along: send it with the next statement or the end of the transaction, which then
        raise what the database has against it.
    """
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    parts = [_insert_sql(model) for model in by_model]
    parameters: list[Any] = [_insertable(model, group) for model, group in by_model.items()]
    types = ["jsonb"] * len(parts)
    for sql, values in also:
        parts.append(sql)
        parameters += values
        types += ["unknown"] * len(values)
    if not parts:
        return
    steps = ", ".join(f"step_{number} AS ({part})" for number, part in enumerate(parts))
    with connection.cursor() as cursor:
        execute_prepared_in_order(
            cursor, f"WITH {steps} SELECT", parameters, types, is_along=is_along
        )


def update_together(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save these columns of rows of one table with one statement, as ``save`` does for each alone.

    :param fields: names of columns; columns of durations are refused.
    """
    if not rows:
        return
    model = type(rows[0])
    wanted = frozenset(fields)
    names = tuple(f.attname for f in _fields(model) if f.name in wanted or f.attname in wanted)
    key = str(model._meta.pk.attname)  # noqa: SLF001 - the documented name
    values = _as_json(rows, (key, *names))
    with connection.cursor() as cursor:
        execute_prepared_in_order(cursor, _update_sql(model, key, names), [values], ["jsonb"])


def _insertable(model: type[models.Model], rows: Sequence[models.Model]) -> str:
    values = _as_json(rows, _names(model))
    for row in rows:
        row._state.adding = False  # noqa: SLF001 - what Model.save does as well
    return values


def _as_json(rows: Sequence[models.Model], names: Sequence[str]) -> str:
    values = [{name: held[name] for name in names} for held in map(vars, rows)]
    return orjson.dumps(values, default=_as_text).decode()


def _as_text(value: object) -> str:
    """Write what JSON has no form for as PostgreSQL reads it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return f"\\x{value.hex()}"
    msg = f"A column of {type(value).__name__} cannot be inserted this way."
    raise TypeError(msg)


@cache
def _fields(model: type[models.Model]) -> tuple["models.Field[Any, Any]", ...]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - the documented name
    return tuple(field for field in fields if not field.has_db_default())


@cache
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in _fields(model))


@cache
def _known_names(model: type[models.Model]) -> frozenset[str]:
    return frozenset(_names(model))


@cache
def _defaults(
    model: type[models.Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Part the defaults that are values from those that are made for each row.

    A column with a default of the database holds what stands for it, for other ways to insert.
    """
    constants: dict[str, Any] = {}
    made: list[tuple[str, Callable[[], Any]]] = []
    for field in model._meta.concrete_fields:  # noqa: SLF001 - the documented name
        if callable(field.default) and field.has_default():
            made.append((field.attname, field.get_default))
        else:
            constants[field.attname] = field.get_default()
    return constants, made


@cache
def _insert_sql(model: type[models.Model]) -> str:
    fields = _fields(model)
    table = model._meta.db_table  # noqa: SLF001 - the documented name
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(f'"{field.attname}"' for field in fields)
    shape = ", ".join(f'"{field.attname}" {field.db_type(connection)}' for field in fields)
    return (
        f"INSERT INTO {table} ({columns})"
        f" SELECT {values} FROM jsonb_to_recordset(%s) AS row ({shape})"
    )


@cache
def _update_sql(model: type[models.Model], key: str, names: tuple[str, ...]) -> str:
    table = model._meta.db_table  # noqa: SLF001 - the documented name
    of_name = {field.attname: field for field in _fields(model)}
    changes = ", ".join(f'"{of_name[name].column}" = row."{name}"' for name in names)
    shape = ", ".join(f'"{name}" {of_name[name].db_type(connection)}' for name in (key, *names))
    return (
        f"UPDATE {table} SET {changes} FROM jsonb_to_recordset(%s) AS row ({shape})"
        f" WHERE {table}.{of_name[key].column} = row.{key}"
    )
