"""Fixtures: the database made by its owner and used by the runtime role, and networks in it."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.utils import translation
from pytest_django import DjangoDbBlocker

from leadhub.core.models import PostalCode
from leads.models import Lead
from tests.factories import PLACES, Network, count_rows

# Tables that stay as they are between tests that commit.
KEPT = ("core_postalcode", "django_migrations", "django_content_type", "auth_permission")

LONGEST = ("leaks", "lifecycle", "any_call", "faults")
FIGURES = "figures"  # the property of a test that tells some


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever has time try more: calls of the interface, faults of the machine."""
    parser.addoption(
        "--calls",
        type=int,
        default=8,
        help="how many calls of each operation tests/any_call makes in each of two ways",
    )
    parser.addoption(
        "--full", action="store_true", help="let tests/faults try the sizes of the promises"
    )
    parser.addoption(
        "--about",
        action="append",
        default=[],
        metavar="WORD",
        help="of tests/faults only those of a promise (P1), or with this word in their name",
    )
    parser.addoption("--figures", help="a file to which tests/faults --full write their figures")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: where processes share the tests, none waits for it."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures of tests that have some, whichever process ran them."""
    for outcomes in terminalreporter.stats.values():
        for outcome in outcomes:
            for name, line in getattr(outcome, "user_properties", ()):
                if name == FIGURES and outcome.when == "call":
                    terminalreporter.write_line(line)


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have a line printed below the tests, when all are over."""
    return lambda line: record_property(FIGURES, line)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Hash passwords quickly: a slow hash, half a second each, protects nobody here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def no_rate_limits() -> None:
    """Limit nothing unless a test is about limits: what one takes, others would lack."""
    settings.RATE_LIMIT_URL = ""


@pytest.fixture(scope="session", autouse=True)
def no_doorbell() -> None:
    """Ring nobody after a commit; the doorbell has tests of its own."""
    settings.DOORBELL = ""


@pytest.fixture(scope="session", autouse=True)
def own_cache() -> None:
    """Count attempts in the memory of the tests; the shared cache has tests of its own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def nothing_counted(own_cache: None) -> Iterator[None]:
    """Let no test be stopped by the attempts of another."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    """Let no test read the language of the last page that another opened."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> None:
    """Migrate the database that the environment names, which must be there for tests only.

    The owner migrates; the tests themselves are the runtime role, for a superuser or owner would
    pass row level security unseen.
    """
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        if count_rows(Lead):
            pytest.exit("The database holds leads: DATABASE_URL must name one made for tests.", 2)
        _load_places()


def _load_places() -> None:
    PostalCode.objects.bulk_create(
        [
            PostalCode(
                country=country,
                code=code,
                name=name,
                region=region,
                latitude=latitude,
                longitude=longitude,
            )
            for (country, code), (name, region, latitude, longitude) in PLACES.items()
        ],
        ignore_conflicts=True,
    )


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let a test commit, for threads and processes to see it; everything is wiped afterwards."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            wipe()
            for connection in connections.all():
                connection.close()


def wipe() -> None:
    """Empty every table that tests write, as the owner: the runtime role may not truncate."""
    with connections["owner"].cursor() as cursor:
        tables = [
            table
            for table in connections["owner"].introspection.table_names(cursor)
            if table not in KEPT
        ]
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


@pytest.fixture
def network(db: None) -> Network:
    """A manufacturer with two product lines and two levels, and no partners yet."""
    return Network("acme")


@pytest.fixture
def other_network(db: None) -> Network:
    """Another manufacturer, to whom the first one's rows are none of its business."""
    return Network("globex")
