"""Fixtures: how much is tried, an installation for tests that leave it whole, and their figures."""

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.installation import Installation

Figures = Callable[[str, str], None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that are asked for by the number or a word of their promise."""
    words = [word.lower() for word in config.getoption("about")]
    if not words:
        return
    here = Path(__file__).parent
    left_out = [
        item for item in items if item.path.is_relative_to(here) and not _is_about(item, words)
    ]
    for item in left_out:
        _note_unshown(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the promises of tests that failed: they have no figure then."""
    outcome = yield
    if not outcome.passed:
        _note_unshown(item)
    return outcome


def _note_unshown(item: pytest.Item) -> None:
    for mark in item.iter_markers("promise"):
        _note(item.config, promise=mark.args[0], figure=None)


def _note(config: pytest.Config, *, promise: str, figure: str | None) -> None:
    """Write a line for `bin/faults`; one without a figure says that a promise was not shown."""
    if file := config.getoption("figures"):
        with Path(file).open("a", encoding="utf-8") as written:
            written.write(json.dumps({"promise": promise, "figure": figure}) + "\n")


def _is_about(item: pytest.Item, words: list[str]) -> bool:
    promises = {str(mark.args[0]).lower() for mark in item.iter_markers("promise")}
    name = item.nodeid.lower()
    return any(word in promises or (not _is_number(word) and word in name) for word in words)


def _is_number(word: str) -> bool:
    return word[:1] == "p" and word[1:].isdecimal()


@dataclass(frozen=True)
class Size:
    """How much is tried: what the promises say, as `bin/faults` does, or a small part of it."""

    is_full: bool

    def of(self, *, short: int, full: int) -> int:
        """Choose by it."""
        return full if self.is_full else short


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Size:
    return Size(is_full=bool(request.config.getoption("full")))


@pytest.fixture(scope="session")
def shared_installation() -> Iterator[Installation]:
    """One installation for many tests: to make one takes seconds.

    What must hold of all rows has to hold of what all of them have left.
    """
    with Installation() as made:
        yield made
        made.check_invariants()


@pytest.fixture
def installation(shared_installation: Installation, size: Size) -> Iterator[Installation]:
    """Services that run and nothing of the product; what a test starts is ended after it.

    Faults that break rows are for an ``own_installation``.
    """
    shared_installation.environment.clear()
    yield shared_installation
    shared_installation.end_product()
    shared_installation.environment.clear()
    shared_installation.set_right()
    if size.is_full:
        shared_installation.check_invariants()


@pytest.fixture
def own_installation() -> Iterator[Installation]:
    """An installation for a test that leaves nothing whole."""
    with Installation() as made:
        yield made


@pytest.fixture
def figures(request: pytest.FixtureRequest, size: Size, report: Callable[[str], None]) -> Figures:
    """Tell the figures of a promise: below the tests, and to `bin/faults` for the page."""

    def tell(promise: str, line: str) -> None:
        report(f"{promise}: {line}{'' if size.is_full else ' (short form)'}")
        if size.is_full:
            _note(request.config, promise=promise, figure=line)

    return tell
