"""A small demo world, loaded once by the command and looked at by every test of a module."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import global_settings
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from leadhub.core import clock
from partners.models import User
from tests.conftest import wipe

BASE_URL = "http://127.0.0.1:8123"


class World(NamedTuple):
    """What was loaded, and the instant before which all of it happened."""

    path: Path
    description: dict[str, Any]
    loaded_after: datetime


def load(path: Path, *, base_url: str = BASE_URL) -> dict[str, Any]:
    """Run the command as `bin/run` does, for a world of a few partners and leads."""
    call_command("load_demo", base_url=base_url, write=str(path), partners=7, leads=24)
    described: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return described


def opens(account: User, password: str) -> bool:
    """Tell whether a password fits, by the product's digests rather than by those of tests."""
    with override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS):
        return check_password(password, account.password)


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Both manufacturers, made by two processes."""
    path = tmp_path_factory.mktemp("demo") / "demo.json"
    with django_db_blocker.unblock():
        try:
            loaded_after = clock.now()
            yield World(path, load(path), loaded_after)
        finally:
            wipe()
            for connection in connections.all():
                connection.close()
