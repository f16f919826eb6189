"""Every check finds a break that somebody plants who may write every table."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from pytest_django import DjangoDbBlocker

from leads.invariants.catalogue import APPEND_ONLY, GUARDS, keys_to_parents
from leads.invariants.checking import find_broken
from leads.invariants.histories import REPLAYED
from leads.invariants.statements import OF_ROWS, OF_TIMERS, Invariant
from tests.acting import HOUR
from tests.conftest import wipe
from tests.contracts.catalogue import World, tenant_tables
from tests.invariants.breaks import PLANTED
from tests.invariants.worlds import AFTER, two_worlds


@pytest.fixture(scope="module")
def worlds(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[World, World]]:
    """Two worlds, committed once: whatever is planted is rolled back."""
    with django_db_blocker.unblock():
        try:
            yield two_worlds()
        finally:
            wipe()
            for one in connections.all():
                one.close()


@pytest.fixture
def owner(
    worlds: tuple[World, World], django_db_blocker: DjangoDbBlocker
) -> Iterator[CursorWrapper]:
    """The cursor of a transaction of the owner in which everybody's rows are seen."""
    with django_db_blocker.unblock(), transaction.atomic(using="owner"):
        with closing(connections["owner"].cursor()) as cursor:
            cursor.execute("SELECT set_config('leadhub.system', 'planted', true)")
            yield cursor
        transaction.set_rollback(True, using="owner")


def broken(owner: CursorWrapper, *, at: datetime = AFTER) -> set[str]:
    among = (*OF_ROWS, *OF_TIMERS, REPLAYED)
    return {one.invariant.name for one in find_broken(owner, among=among, at=at) if one.rows}


def unlock(owner: CursorWrapper) -> None:
    """Put everything out of the way that refuses changes: triggers, keys and checks."""
    for table in APPEND_ONLY:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    owner.execute(
        "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('f', 'c')"
        " AND connamespace = 'public'::regnamespace"
    )
    for table, name in owner.fetchall():
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for index in ("one_accepted_offer_per_lead", "one_open_assignment_per_lead"):
        owner.execute(f"DROP INDEX {index}")


# Nothing runs the timers in these worlds at the instant that is looked at.
LATE_ANYWAY = {"waves_end_in_time", "follow_ups_in_time", "messages_in_time"}


def test_finds_nothing_where_nothing_is_planted(owner: CursorWrapper) -> None:
    assert broken(owner) - LATE_ANYWAY == set()


@pytest.mark.parametrize(("name", "change"), PLANTED)
def test_finds_what_is_planted(owner: CursorWrapper, name: str, change: str) -> None:
    unlock(owner)
    owner.execute(change)

    assert owner.rowcount > 0, "the control: there is something to break"
    assert name in broken(owner)


def test_has_a_break_planted_for_every_invariant() -> None:
    names = {invariant.name for invariant in (*OF_ROWS, *OF_TIMERS, REPLAYED)}

    assert {name for name, _ in PLANTED} == names


def test_finds_a_row_of_another_tenant_by_every_key_there_is(owner: CursorWrapper) -> None:
    keys = list(keys_to_parents(owner))
    before = {key.sql: rows_found(owner, key) for key in keys}
    named = named_by_keys(owner)
    unlock(owner)
    for table, column in named:
        owner.execute(f"UPDATE {table} SET {column} = coalesce({column}, gen_random_uuid())")
    for table in tenant_tables():
        owner.execute(f"UPDATE {table} SET manufacturer_id = gen_random_uuid()")

    assert len(keys) > 50
    assert set(before.values()) == {0}
    assert [key.sql for key in keys if not rows_found(owner, key)] == []


def rows_found(owner: CursorWrapper, key: Invariant) -> int:
    (finding,) = find_broken(owner, among=[key], at=AFTER)
    return finding.rows


def named_by_keys(owner: CursorWrapper) -> list[tuple[str, str]]:
    """Every column that, with the tenant's, names a row: whatever holds no row yet is given one."""
    owner.execute(
        "SELECT conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE contype = 'f'"
        " AND cardinality(conkey) = 2 AND attname <> 'manufacturer_id'"
    )
    return [(table, column) for table, column in owner.fetchall()]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE leads_leadevent DISABLE TRIGGER append_only", "trigger append_only of "),
        ("DROP TRIGGER append_only ON leads_leadevent", "append-only trigger of leads_leadevent"),
        ("ALTER TABLE leads_lead NO FORCE ROW LEVEL SECURITY", "row security of leads_lead"),
        ("ALTER TABLE core_delivery DISABLE ROW LEVEL SECURITY", "row security of core_delivery"),
        (
            "ALTER TABLE leads_leadoffer DROP CONSTRAINT leads_leadoffer_lead_id_in_same_tenant",
            "key of leads_leadoffer over lead_id",
        ),
        (
            (
                "ALTER TABLE leads_lead DROP CONSTRAINT an_offered_lead_has_a_deadline,"
                " ADD CONSTRAINT an_offered_lead_has_a_deadline CHECK (status <> '') NOT VALID"
            ),
            "constraint an_offered_lead_has_a_deadline",
        ),
        ("ALTER TABLE leads_leadcontact DISABLE TRIGGER renew_words", "trigger renew_words of "),
    ],
)
def test_finds_a_guard_that_is_out_of_force(owner: CursorWrapper, change: str, told: str) -> None:
    (before,) = find_broken(owner, among=[GUARDS], at=AFTER)
    owner.execute(change)

    (after,) = find_broken(owner, among=[GUARDS], at=AFTER)

    assert before.rows == 0
    assert after.rows == 1
    assert after.examples[0].startswith(told)


def test_asks_for_no_message_that_may_have_been_purged(
    owner: CursorWrapper, settings: LazySettings
) -> None:
    owner.execute("DELETE FROM core_delivery")
    told = broken(owner, at=AFTER + HOUR)

    settings.MESSAGES_KEPT = timedelta(minutes=30)

    assert "every_fact_is_told" in told
    assert "every_fact_is_told" not in broken(owner, at=AFTER + HOUR)
