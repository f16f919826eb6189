"""What needs no answer goes to the database in one message with what does, and nothing is lost."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from leadhub.core.ids import new_id
from leadhub.core.models import PostalCode
from leadhub.core.tenancy.context import current_scope, system_context, tenant_context
from tests.core.test_tenancy import told

pytestmark = pytest.mark.django_db(transaction=True)

ADD = """
    INSERT INTO core_postalcode (country, code, name, region, latitude, longitude)
    VALUES ('XX', %s, '100 %% Town', '', 0, 0)
"""


@pytest.fixture(autouse=True)
def _places() -> Iterator[None]:
    """Leave the places as they were, which tests share."""
    yield
    PostalCode.objects.filter(country="XX").delete()


def add_along(code: str) -> None:
    connection.say_along(ADD, [code])  # type: ignore[attr-defined]


def add_twice() -> None:
    with system_context("along"):
        add_along("1")
        add_along("1")


def codes_added() -> list[str]:
    return list(PostalCode.objects.filter(country="XX").values_list("code", flat=True))


def test_a_transaction_begins_with_its_first_statement_in_the_same_message() -> None:
    with tenant_context(new_id()), connection.cursor() as cursor:
        cursor.execute("SELECT %s || '%%'", ["100"])

        assert cursor.fetchone() == ("100%",)
        assert cursor.cursor.query.startswith(b"BEGIN; SELECT set_config(")


def test_whoever_says_nothing_sends_nothing() -> None:
    connection.ensure_connection()

    with tenant_context(new_id()), transaction.atomic(savepoint=False):
        assert connection.connection.get_transaction_status() == 0


@pytest.mark.parametrize("nonsense", [("SELEC 1", None), ("SELECT %s", ["\0"]), ("%s", [])])
def test_a_first_statement_that_is_not_understood_loses_neither_transaction_nor_context(
    nonsense: tuple[str, list[str] | None],
) -> None:
    with system_context("nonsense"):
        with connection.cursor() as cursor, pytest.raises((DatabaseError, ValueError, IndexError)):
            cursor.execute(*nonsense)
        assert told() == current_scope()
        add_along("1")
        transaction.set_rollback(True)

    assert codes_added() == []


def test_what_goes_along_is_seen_by_the_next_statement() -> None:
    with system_context("along"):
        add_along("1")

        assert codes_added() == ["1"]


def test_what_goes_along_last_is_stored_with_the_end() -> None:
    with system_context("along"):
        add_along("1")
        add_along("2")

    assert sorted(codes_added()) == ["1", "2"]


def test_the_end_raises_what_speaks_against_it_and_stores_nothing() -> None:
    with pytest.raises(IntegrityError):
        add_twice()

    assert codes_added() == []


def test_the_end_of_a_savepoint_raises_what_speaks_against_it() -> None:
    with system_context("along"):
        add_along("1")
        with pytest.raises(IntegrityError), transaction.atomic():
            add_along("1")

        assert codes_added() == ["1"]


def test_what_was_to_go_along_is_forgotten_with_its_savepoint() -> None:
    with system_context("along"):
        with transaction.atomic():
            add_along("1")
            transaction.set_rollback(True)

        assert codes_added() == []


def test_what_was_to_go_along_is_forgotten_with_its_transaction() -> None:
    with system_context("along"):
        add_along("1")
        transaction.set_rollback(True)

    assert codes_added() == []


def test_several_rows_and_rows_read_in_batches_begin_a_transaction_as_well() -> None:
    with system_context("many"), connection.cursor() as cursor:
        cursor.executemany(ADD, [["1"], ["2"]])
        transaction.set_rollback(True)
    assert codes_added() == []

    with system_context("many"):
        add_along("1")
        places = PostalCode.objects.filter(country="XX").order_by("code")
        assert [place.code for place in places.iterator()] == ["1"]
