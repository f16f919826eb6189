"""Contexts: whose rows the database shows, for the length of one transaction.

Row level security is fail-closed: without a context a query sees no row. That would go unnoticed
where somebody forgot to enter one, so such a query is refused before it is sent. Each context
opens a transaction and sets what the policies read with ``set_config(..., is_local => true)``, so
that nothing leaks into the next transaction of the connection. Contexts nest: a domain function
that acts for the whole tenant after an access check enters the tenant's context, and leaving it
restores the one before.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction

from leadhub.core import log_context
from leadhub.core.tenancy.operations import MASKS


@dataclass(frozen=True, slots=True)
class Scope:
    """What the policies read; empty means nobody.

    :ivar manufacturer: the tenant whose rows are visible and writable.
    :ivar partners: ids of the partners a person or a key acts for; read only.
    :ivar user: the person; sees their own memberships.
    :ivar system: the name of an installation-wide job; sees every row.
    """

    manufacturer: str = ""
    partners: str = ""
    user: str = ""
    system: str = ""

    @property
    def schemas(self) -> str:
        """Where tables are looked for: partners see some of them through a mask."""
        return f"{MASKS}, public" if self.partners else "public"


Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

NOBODY = Scope()
_NAMES = tuple(field.name for field in fields(Scope))
_SET_SCOPE = (
    "SELECT set_config('leadhub.key_prefix', '', true), set_config('search_path', %s, true), "
    + ", ".join(f"set_config('leadhub.{name}', %s, true)" for name in _NAMES)
)

# An API key presented shows that key's row and no other, for the one statement that looks it up.
PRESENT_KEY = "SELECT set_config('leadhub.key_prefix', %s, true)"

_scope: ContextVar[Scope] = ContextVar("leadhub_scope", default=NOBODY)


class NoContext(RuntimeError):
    """A programming error: rows of tenants are asked for, and nothing says whose."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"A statement about {table} outside of every context would see no row: enter the"
            " context of a tenant, partner, person or, under its name, of the system."
        )


def refuse_without_context(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Let a statement pass unless it is about tenants' rows and has no context.

    Runs around every statement; inside a context it costs one look at a variable. Whoever
    prepares a statement reads nothing yet (see ``core.prepared``).

    :raises NoContext: if the context was forgotten.
    """
    if _scope.get() is NOBODY and not sql.startswith("PREPARE "):
        table = tenant_table_in(sql)
        if table is not None:
            raise NoContext(table)
    return execute(sql, *rest)


def tenant_table_in(sql: str) -> str | None:
    """Name the first table of tenants that a statement names, if any."""
    found = _tenant_tables().search(sql)
    return found[0] if found else None


@cache
def _tenant_tables() -> re.Pattern[str]:
    """Match the names of tables that hold rows of tenants, people, or how people log in."""
    tables = {
        model._meta.db_table  # noqa: SLF001 - the documented name
        for model in apps.get_models()
        if model._meta.app_label == "partners"  # noqa: SLF001
        or model is apps.get_model("core", "Letter")
        or model.__module__.startswith("allauth.")
        or any(field.attname == "manufacturer_id" for field in model._meta.concrete_fields)  # noqa: SLF001
    }
    return re.compile(rf"\b(?:{'|'.join(sorted(tables))})\b")


def current_scope() -> Scope:
    """Tell which scope the running code has."""
    return _scope.get()


@contextmanager
def tenant_context(manufacturer_id: UUID) -> Iterator[None]:
    """Act inside one manufacturer's rows."""
    with _scoped(Scope(manufacturer=str(manufacturer_id))):
        yield


@contextmanager
def tenant_context_without_return(manufacturer_id: UUID) -> Iterator[None]:
    """Act inside one manufacturer's rows as part of a transaction that stands or falls whole.

    Costs no message of its own. Whoever catches what is raised here must have begun outside of the
    transaction, for there is no savepoint to return to.
    """
    with _scoped(Scope(manufacturer=str(manufacturer_id)), savepoint=False):
        yield


@contextmanager
def partner_context(partner_ids: Iterable[UUID], *, user_id: UUID | None = None) -> Iterator[None]:
    """Read what the given partners, possibly of several manufacturers, may see."""
    partners = "{" + ",".join(str(partner_id) for partner_id in partner_ids) + "}"
    with _scoped(Scope(partners=partners, user=str(user_id or ""))):
        yield


@contextmanager
def user_context(user_id: UUID) -> Iterator[None]:
    """Read a person's own account and memberships, before one of them is chosen."""
    with _scoped(Scope(user=str(user_id))):
        yield


@contextmanager
def system_context(name: str) -> Iterator[None]:
    """Do an installation-wide job, under its name: a sweep, a command, a log-in by e-mail."""
    if not name:
        msg = "A system context needs the name of the job it is for."
        raise ValueError(msg)
    with _scoped(Scope(system=name)):
        yield


@contextmanager
def system_snapshot(name: str) -> Iterator[None]:
    """Read everybody's rows as they are at one instant, and write nothing: a ``system_context``.

    Within a transaction that is open already, that one decides what is seen.
    """
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        if not is_nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with system_context(name):
            yield


def in_tenant_of(
    parameter: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Run a domain function in one transaction, in the tenant of what it is called with.

    Who may call it has been decided before: whoever holds the object could see it. What follows,
    such as withdrawing the offers of others, concerns rows that the caller may not see.

    :param parameter: name of the keyword argument whose ``manufacturer_id`` names the tenant.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @wraps(function)
        def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            with tenant_context(kwargs[parameter].manufacturer_id):  # type: ignore[attr-defined]
                return function(*args, **kwargs)

        return run

    return decorate


@contextmanager
def _scoped(scope: Scope, *, savepoint: bool = True) -> Iterator[None]:
    before = _scope.get()
    is_nested = connection.in_atomic_block
    with transaction.atomic(savepoint=savepoint):
        if scope == before and is_nested:
            yield
            return
        _tell_database(scope)
        token, about = _scope.set(scope), log_context.about()
        try:
            yield
            # The end of an outermost transaction ends its settings as well.
            if is_nested and not connection.needs_rollback:
                _tell_database(before)
        finally:
            _scope.reset(token)
            log_context.go_back_to(about)


def _tell_database(scope: Scope) -> None:
    values = [scope.schemas, *(getattr(scope, name) for name in _NAMES)]
    connection.say_along(_SET_SCOPE, values)  # type: ignore[attr-defined]
