"""Nothing starts, and nothing connects, as a role that row level security does not bind."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from leadhub.core.tenancy.roles import (
    CAN_BYPASS,
    NOT_FORCED,
    OWNS_TABLES,
    UnsafeDatabase,
    find_faults,
)

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
ADMIN = os.environ["LEADHUB_TEST_ADMIN_URL"]
START = {
    "web": ("-c", "import leadhub.wsgi"),
    "worker": ("-m", "celery", "--app", "leadhub", "worker", "--pool", "solo"),
    "timers": ("manage.py", "run_timers", "--once"),
}


def as_superuser() -> str:
    """The address of the tests' database for whoever may do everything."""
    return urlsplit(ADMIN)._replace(path=urlsplit(os.environ["DATABASE_URL"]).path).geturl()


def as_owner() -> str:
    """The address of the tests' database for who owns the tables."""
    return os.environ["DATABASE_OWNER_URL"]


Connect = Callable[[str], "psycopg2.extensions.connection"]


@pytest.fixture
def connect() -> Iterator[Connect]:
    opened = []

    def connect(url: str) -> "psycopg2.extensions.connection":
        parts = urlsplit(url)._replace(scheme="postgresql")
        opened.append(psycopg2.connect(parts.geturl()))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def run(*arguments: str, database: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "leadhub.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_finds_nothing_against_the_runtime_role(connect: Connect) -> None:
    assert find_faults(connect(os.environ["DATABASE_URL"])) == []


def test_finds_that_a_superuser_can_bypass(connect: Connect) -> None:
    assert find_faults(connect(as_superuser())) == [CAN_BYPASS, OWNS_TABLES]


def test_finds_that_the_owner_owns(connect: Connect) -> None:
    assert find_faults(connect(as_owner())) == [OWNS_TABLES]


def test_finds_a_role_that_can_become_another(connect: Connect) -> None:
    """A role that is a member of the owner needs no more than SET ROLE."""
    owner = urlsplit(as_owner()).username
    admin = connect(as_superuser())
    with closing(admin.cursor()) as cursor:
        cursor.execute(f"CREATE ROLE leadhub_test_heir NOLOGIN IN ROLE {owner}")
        cursor.execute("SET SESSION AUTHORIZATION leadhub_test_heir")

    assert find_faults(admin) == [OWNS_TABLES]
    admin.rollback()


def test_finds_a_table_whose_security_was_switched_off(connect: Connect) -> None:
    owner = connect(as_owner())
    with closing(owner.cursor()) as cursor:
        cursor.execute("ALTER TABLE leads_wave NO FORCE ROW LEVEL SECURITY")

    assert NOT_FORCED in find_faults(owner)
    owner.rollback()


def test_looks_at_every_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has started connects anew, perhaps with other rights."""
    fresh = connection.copy()
    fresh.settings_dict = {**connection.settings_dict, "USER": urlsplit(as_owner()).username}
    fresh.settings_dict["PASSWORD"] = urlsplit(as_owner()).password or ""

    with pytest.raises(UnsafeDatabase, match="owns tables"):
        fresh.connect()

    assert fresh.connection is None


def test_reports_it_as_a_system_check() -> None:
    found = run("manage.py", "check", "--database", "default", database=as_superuser())

    assert found.returncode == 1
    assert "(leadhub.E001)" in found.stderr
    assert "(leadhub.E002)" in found.stderr


def test_reports_nothing_of_the_runtime_role() -> None:
    found = run("manage.py", "check", "--database", "default", database=os.environ["DATABASE_URL"])

    assert found.returncode == 0


@pytest.mark.parametrize("process", ["web", "worker", "timers"])
def test_refuses_to_start(process: str) -> None:
    found = run(*START[process], database=as_superuser())

    assert found.returncode == 1
    assert "can bypass row level security" in found.stderr


@pytest.mark.parametrize("process", ["web", "timers"])
def test_starts_as_the_runtime_role(process: str) -> None:
    """The control: the same commands, as who they are made for."""
    found = run(*START[process], database=os.environ["DATABASE_URL"])

    assert (found.returncode, found.stderr) == (0, "")


def test_starts_the_web_server_without_a_database() -> None:
    """It answers that the database is away; who it will connect as, it asks then."""
    nowhere = urlsplit(os.environ["DATABASE_URL"])._replace(netloc="leadhub_app@127.0.0.1:1")

    found = run(*START["web"], database=nowhere.geturl())

    assert found.returncode == 0
    assert "does not answer" in found.stderr


def test_uses_the_backend_that_looks() -> None:
    assert settings.DATABASES["default"]["ENGINE"] == "leadhub.core.tenancy.database"
    assert "postgresql" in settings.DATABASES["owner"]["ENGINE"]
