"""Prints how many cases were tried, and begins with what takes longest."""

from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CASES = "cases of leaks"  # the property of a test that tells them


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let these tests come first: where several processes share the tests, none waits for them."""
    items.sort(key=lambda item: not item.path.is_relative_to(HERE))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell the cases of each configuration, whether all held or not."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, line in getattr(report, "user_properties", ()):
                if name == CASES and report.when == "call":
                    terminalreporter.write_line(f"leaks, {line}")
