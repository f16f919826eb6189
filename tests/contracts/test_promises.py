"""Every test that the page of promises names is there to be run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "promises.md"
ROW = re.compile(r"^\| (P\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[^`]+)`")
NOTHING_FOUND = 4  # as pytest says it


def named_in(rows: str) -> list[str]:
    """The names of tests in rows of the page."""
    return [name for _, _, named, _ in ROW.findall(rows) for name in TEST.findall(named)]


def collect(*names: str) -> subprocess.CompletedProcess[str]:
    """Have pytest look for tests, without running them."""
    words = ("pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", *names)
    return subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_names_a_test_and_a_figure_for_each_promise() -> None:
    page = PAGE.read_text("utf-8")
    promises = [number for number, *_ in ROW.findall(page)]

    assert len(promises) == len(set(promises)) == page.count("\n| P")
    for number, _, named, figure in ROW.findall(page):
        assert TEST.findall(named), number
        assert re.search(r"\d|every", figure), number


def test_names_only_tests_that_exist() -> None:
    names = named_in(PAGE.read_text("utf-8"))

    found = collect(*names)

    assert found.returncode == 0, found.stdout[-2_000:] + found.stderr[-2_000:]
    assert len(names) > 20


@pytest.mark.parametrize("name", ["tests/leaks/test_leaks.py::test_x", "tests/leaks/test_x.py"])
def test_would_miss_a_test_that_is_gone(name: str) -> None:
    assert collect(name).returncode == NOTHING_FOUND
