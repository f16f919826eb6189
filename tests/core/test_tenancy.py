"""Contexts: entered, nested, left, also when something fails in them."""

from dataclasses import dataclass
from threading import Thread
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import (
    NOBODY,
    Scope,
    current_scope,
    in_tenant_of,
    partner_context,
    system_context,
    tenant_context,
    user_context,
)

pytestmark = pytest.mark.django_db

ACME, GLOBEX = new_id(), new_id()


def told() -> Scope:
    """What the database has been told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"current_setting('leadhub.{n}', true)" for n in Scope.__slots__)
        )
        return Scope(*(value or "" for value in cursor.fetchone()))


def broken_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def test_tells_the_database_each_scope() -> None:
    person, partner = new_id(), new_id()

    for context, scope in (
        (tenant_context(ACME), Scope(manufacturer=str(ACME))),
        (
            partner_context([partner], user_id=person),
            Scope(partners=f"{{{partner}}}", user=str(person)),
        ),
        (user_context(person), Scope(user=str(person))),
        (system_context("test"), Scope(system="test")),
    ):
        with context:
            assert told() == current_scope() == scope
        assert told() == current_scope() == NOBODY


def test_replaces_the_outer_scope_and_restores_it() -> None:
    with tenant_context(ACME):
        with tenant_context(GLOBEX):
            inside = told()
        after = told()

    assert inside == Scope(manufacturer=str(GLOBEX))
    assert after == Scope(manufacturer=str(ACME))


def test_keeps_a_scope_entered_twice() -> None:
    with tenant_context(ACME):
        with tenant_context(ACME):
            pass

        assert told() == current_scope() == Scope(manufacturer=str(ACME))


def test_restores_the_outer_scope_when_the_inner_one_fails() -> None:
    with tenant_context(ACME):
        with pytest.raises(LookupError), tenant_context(GLOBEX):
            raise LookupError

        assert told() == current_scope() == Scope(manufacturer=str(ACME))


def test_restores_the_outer_scope_when_a_statement_fails_in_the_inner_one() -> None:
    with tenant_context(ACME):
        with pytest.raises(DatabaseError), tenant_context(GLOBEX):
            broken_statement()

        assert told() == current_scope() == Scope(manufacturer=str(ACME))


def test_restores_the_outer_scope_when_the_inner_one_is_rolled_back() -> None:
    with tenant_context(ACME):
        with tenant_context(GLOBEX):
            transaction.set_rollback(True)

        assert told() == current_scope() == Scope(manufacturer=str(ACME))


def test_starts_every_thread_as_nobody() -> None:
    seen = []

    with tenant_context(ACME):
        thread = Thread(target=lambda: seen.append(current_scope()))
        thread.start()
        thread.join()

    assert seen == [NOBODY]


def test_needs_a_name_for_the_system() -> None:
    with pytest.raises(ValueError, match="name"), system_context(""):
        pass


def test_works_for_no_partner_at_all() -> None:
    with partner_context([]), connection.cursor() as cursor:
        cursor.execute("SELECT leadhub_partners()")

        assert cursor.fetchone() == ([],)


@dataclass(frozen=True)
class Owned:
    manufacturer_id: UUID


@in_tenant_of("thing")
def look(*, thing: Owned) -> tuple[Scope, bool]:
    return told(), connection.in_atomic_block


def test_runs_a_function_in_the_tenant_of_what_it_is_called_with() -> None:
    with partner_context([new_id()]):
        scope, is_atomic = look(thing=Owned(GLOBEX))

        assert scope == Scope(manufacturer=str(GLOBEX))
        assert is_atomic
        assert told().manufacturer == ""
