"""Prepared statements, for the few queries of every lead: planning costs more than running them.

A statement is prepared once for each connection to the database, under a name made from its text,
and planned without knowing the parameters (the settings force it). It needs a connection that is
kept: a pooler between must pool by session.
"""

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper

from leadhub.core.tenancy.context import NOBODY, NoContext, current_scope, tenant_table_in

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# A plan is made for tables as large as they are then; it is made anew after this long, in seconds,
# so that one from the first hour of an installation does not stay.
PLANS_LAST = 60.0
PREPARED_AT_MOST = 200


class _Prepared:
    """What one connection has prepared, and since when its plans stand."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.planned_at = time.monotonic()


_known: WeakKeyDictionary[Any, _Prepared] = WeakKeyDictionary()


def execute_prepared(
    cursor: CursorWrapper,
    sql: str,
    parameters: Mapping[str, Any],
    types: Mapping[str, str],
    *,
    after: tuple[str, Sequence[Any]] | None = None,
) -> None:
    """Run a statement as the connection's prepared statement, preparing it the first time.

    :param sql: with named placeholders such as ``%(at)s``; an expression, not a literal, stands
        wherever one does.
    :param types: name of a parameter -> its type in SQL.
    :param after: a statement and its values that go first in the same message, and without a
        transaction of the caller's in the same transaction; what it answers is dropped. It may be
        what says whose rows are read.
    :raises NoContext: if nothing else says so.
    """
    statement = _compile_named(sql, tuple(sorted(types.items())))
    values = [parameters[name] for name in statement.order]
    if after is None:
        _refuse_without_context(statement)
    else:
        first, first_values = after
        statement = statement._replace(execute=f"{first}; {statement.execute}")
        values = [*first_values, *values]
    _execute(cursor, statement, values)


def execute_prepared_in_order(
    cursor: CursorWrapper,
    sql: str,
    parameters: Sequence[Any],
    types: Sequence[str],
    *,
    is_along: bool = False,
) -> None:
    """Run a statement whose placeholders are ``%s``, preparing it the first time.

    :param types: the type in SQL of each parameter; ``unknown`` where the statement tells it.
    :param is_along: it need not go before the next statement, or the end of the transaction.
    :raises NoContext: if rows of tenants are concerned, and nothing says whose.
    """
    statement = _compile_ordered(sql, tuple(types))
    _refuse_without_context(statement)
    _execute(cursor, statement, parameters, is_along=is_along)


def _refuse_without_context(statement: "_Statement") -> None:
    """Look at what was prepared, for the statement that runs it names no table."""
    if statement.table is not None and current_scope() is NOBODY:
        raise NoContext(statement.table)


class _Statement(NamedTuple):
    name: str
    prepare: str
    execute: str
    order: tuple[str, ...]
    table: str | None


def _execute(
    cursor: CursorWrapper, statement: _Statement, values: Sequence[Any], *, is_along: bool = False
) -> None:
    connection.ensure_connection()
    prepared = _known.get(connection.connection)
    if prepared is None:
        prepared = _known[connection.connection] = _Prepared()
    if time.monotonic() - prepared.planned_at > PLANS_LAST:
        cursor.execute("DISCARD PLANS")
        prepared.planned_at = time.monotonic()
        if len(prepared.names) > PREPARED_AT_MOST:
            cursor.execute("DEALLOCATE ALL")
            prepared.names = set()
    if statement.name not in prepared.names:
        cursor.execute(statement.prepare)
        prepared.names.add(statement.name)
    if is_along:
        connection.say_along(statement.execute, values)  # type: ignore[attr-defined]
    else:
        cursor.execute(statement.execute, values)


@lru_cache(maxsize=200)
def _compile_named(sql: str, types: tuple[tuple[str, str], ...]) -> _Statement:
    """Give each name a number, so that one that stands twice is one parameter."""
    type_of = dict(types)
    order = tuple(dict.fromkeys(_PLACEHOLDER.findall(sql)))
    number = {parameter: position for position, parameter in enumerate(order, start=1)}
    body = _PLACEHOLDER.sub(lambda match: f"${number[match[1]]}", sql)
    return _statement(body, [type_of[parameter] for parameter in order], order)


@lru_cache(maxsize=200)
def _compile_ordered(sql: str, types: tuple[str, ...]) -> _Statement:
    first, *rest = sql.split("%s")
    body = first + "".join(f"${number}{part}" for number, part in enumerate(rest, start=1))
    return _statement(body, types, ())


def _statement(body: str, types: Sequence[str], order: tuple[str, ...]) -> _Statement:
    name = "leadhub_" + hashlib.sha256(body.encode()).hexdigest()[:16]
    declared = f" ({', '.join(types)})" if types else ""
    placeholders = f" ({', '.join(['%s'] * len(types))})" if types else ""
    return _Statement(
        name=name,
        prepare=f"PREPARE {name}{declared} AS {body}",
        execute=f"EXECUTE {name}{placeholders}",
        order=order,
        table=tenant_table_in(body),
    )
