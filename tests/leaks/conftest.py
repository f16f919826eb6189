"""Prints how many cases were tried."""

from typing import Any

REPORT: list[str] = []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell the cases of each configuration, whether all held or not."""
    for line in REPORT:
        terminalreporter.write_line(f"leaks, {line}")
