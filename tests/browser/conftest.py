"""Fixtures: pages in Chromium, of the application as it is served, watched for what goes wrong."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from django.conf import settings
from playwright.sync_api import sync_playwright

from leadhub.embedded.chromium import INSTRUCTIONS, find_chromium
from tests.browser.serving import Application, served
from tests.browser.visiting import DEVICES, LOCALES
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

HERE = Path(__file__).parent
PICTURES = Path(settings.BASE_DIR) / ".leadhub" / "browser"
PATIENCE = 10_000  # milliseconds until what a test waits for will not come
_FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    # a page of another origin may show one of ours in a frame, though both are on this machine
    "--disable-features=LocalNetworkAccessChecks",
    # no name leads anywhere: a request to another host is noted and goes nowhere
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let these tests come last: the event loop of their browser is no business of the others."""
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Let a test fail for what went wrong on its pages; leave pictures of those of a failed one."""
    watch: Watch | None = getattr(item, "funcargs", {}).get("watch")
    if watch is None:
        return (yield)
    try:
        yield
        watch.catch_up()
        if watch.problems:
            pytest.fail("\n".join(["Pages had problems:", *watch.problems]), pytrace=False)
    except BaseException as failure:
        for line in [*watch.problems, *watch.take_pictures(PICTURES, _file_name(item))]:
            failure.add_note(line)
        raise


def _file_name(item: pytest.Item) -> str:
    return re.sub(r"\W+", "-", f"{item.path.stem}-{item.name}").strip("-")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, the same for all tests; each gets a profile of its own."""
    program = find_chromium()
    if program is None:
        pytest.fail(INSTRUCTIONS, pytrace=False)
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright's event loop counts as running while tests run, and Django refuses queries
        # there, lest they hold it up. Nothing else uses this loop.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(
            executable_path=program,
            args=list(_FLAGS),
            chromium_sandbox=os.geteuid() != 0,  # which root cannot have
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def application() -> Application:
    """The application that is served."""
    return Application()


@pytest.fixture(scope="session")
def address(django_db_setup: None, application: Application) -> Iterator[str]:
    """Where the application is served, on the database of the tests."""
    with served(application) as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "LEADHUB_BASE_URL", url)
        yield url


@pytest.fixture
def watch(address: str) -> Watch:
    """What goes wrong on the pages of a test, which fails for it at its end."""
    return Watch(address)


@pytest.fixture
def language() -> str:
    """The language that the browser asks for; name another one by parametrizing."""
    return "en"


@pytest.fixture
def colours() -> str:
    """The colour scheme of the device; name another one by parametrizing."""
    return "light"


@dataclass(frozen=True)
class Preferences:
    """What a browser asks of pages."""

    language: str
    colours: str


@pytest.fixture
def preferences(language: str, colours: str) -> Preferences:
    """What the browsers of a test ask of pages, unless opened with something else."""
    return Preferences(language, colours)


class OpenPage(Protocol):
    """Opens a page in a profile of its own: another person, or another device."""

    def __call__(
        self,
        device: str,
        *,
        preferences: Preferences = ...,
        width: int = ...,
        scripts: bool = ...,
        workers: bool = ...,
    ) -> Page: ...


@pytest.fixture
def open_page(  # noqa: PLR0917 - fixtures
    browser: Browser,
    address: str,
    application: Application,
    watch: Watch,
    committed: None,
    preferences: Preferences,
) -> Iterator[OpenPage]:
    """Open pages for as many people and devices as a test needs."""
    contexts: list[BrowserContext] = []
    usual = preferences

    def open_it(
        device: str,
        *,
        preferences: Preferences = usual,
        width: int = 0,
        scripts: bool = True,
        workers: bool = False,
    ) -> Page:
        options = dict(DEVICES[device])
        if width:
            options["viewport"] = options["viewport"] | {"width": width}
        context = browser.new_context(
            base_url=address,
            locale=LOCALES[preferences.language],
            timezone_id="Europe/Berlin",
            color_scheme=preferences.colours,  # type: ignore[arg-type]
            reduced_motion="reduce",
            service_workers="allow" if workers else "block",
            java_script_enabled=scripts,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch.over(context)
        return context.new_page()

    yield open_it
    for context in contexts:
        context.close()
    application.settle(PATIENCE / 1_000)


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page on a phone."""
    return open_page("phone")


@pytest.fixture
def desk(open_page: OpenPage) -> Page:
    """A page on a large screen."""
    return open_page("desk")
