"""The runtime role works with rows and can do nothing else."""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from psycopg2 import errors, extras

from leadhub.embedded.roles import (
    Role,
    RoleTaken,
    can_bypass_row_security,
    can_create_roles,
    connected,
    ensure_backup_role,
    ensure_roles,
)

ADMIN = os.environ["LEADHUB_TEST_ADMIN_URL"]
OWNER = Role("example_owner", "one")
RUNTIME = Role("example_runtime", "two")


def url_of(role: Role, database: str) -> str:
    parts = urlsplit(ADMIN)
    server = f"{role.name}:{role.password}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(netloc=server, path=f"/{database}"))


@pytest.fixture(scope="module")
def database() -> str:
    """A database of its own in the throw-away cluster, with one table of the owner's."""
    name = f"example_{secrets.token_hex(4)}"
    for _ in range(2):  # the second time changes nothing
        ensure_roles(ADMIN, database=name, owner=OWNER, runtime=RUNTIME)
    run(url_of(OWNER, name), "CREATE TABLE example (id bigserial)")
    return name


def run(url: str, statement: str) -> None:
    with closing(connected(url)) as made, made.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO example DEFAULT VALUES",
        "SELECT * FROM example",
        "UPDATE example SET id = 2",
        "DELETE FROM example",
    ],
)
def test_the_runtime_role_works_with_rows(database: str, statement: str) -> None:
    run(url_of(RUNTIME, database), statement)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE example",
        "DROP TABLE example",
        "ALTER TABLE example DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE other (id bigint)",
        "CREATE TEMPORARY TABLE other (id bigint)",
        "CREATE ROLE other",
        "CREATE DATABASE other",
        f"SET ROLE {OWNER.name}",
    ],
)
def test_the_runtime_role_can_do_nothing_else(database: str, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        run(url_of(RUNTIME, database), statement)


def test_the_role_for_backups_may_copy_the_server_and_enter_nothing(database: str) -> None:
    role = Role(f"example_backup_{secrets.token_hex(4)}", "four")
    for _ in range(2):  # the second time changes nothing
        ensure_backup_role(ADMIN, role)

    copying = psycopg2.connect(
        url_of(role, "postgres"), connection_factory=extras.PhysicalReplicationConnection
    )
    copying.close()
    with pytest.raises(psycopg2.OperationalError, match="CONNECT privilege"):
        connected(url_of(role, database))
    assert not can_bypass_row_security(url_of(role, "postgres"))
    assert not can_create_roles(url_of(role, "postgres"))


@pytest.mark.parametrize("role", [OWNER, RUNTIME], ids=lambda role: role.name)
def test_no_other_role_may_copy_the_server(database: str, role: Role) -> None:
    with pytest.raises(psycopg2.OperationalError, match="REPLICATION"):
        psycopg2.connect(
            url_of(role, database), connection_factory=extras.PhysicalReplicationConnection
        )


@pytest.mark.parametrize("role", [OWNER, RUNTIME], ids=lambda role: role.name)
def test_no_role_of_the_product_goes_around_row_security(database: str, role: Role) -> None:
    assert not can_bypass_row_security(url_of(role, database))
    assert not can_create_roles(url_of(role, database))


def test_the_administrator_would_go_around_row_security() -> None:
    assert can_bypass_row_security(ADMIN)


def test_strangers_do_not_enter_the_database(database: str) -> None:
    stranger = Role(f"stranger_{secrets.token_hex(4)}", "three")
    run(ADMIN, f"CREATE ROLE {stranger.name} LOGIN PASSWORD '{stranger.password}'")

    with pytest.raises(psycopg2.OperationalError, match="CONNECT privilege"):
        connected(url_of(stranger, database))


def test_the_password_of_another_installation_is_left_alone(database: str) -> None:
    with pytest.raises(RoleTaken, match="another leadhub"):
        ensure_roles(
            ADMIN,
            database=database,
            owner=Role(OWNER.name, "guessed"),
            runtime=RUNTIME,
            may_reset_passwords=False,
        )

    run(url_of(OWNER, database), "SELECT 1")
