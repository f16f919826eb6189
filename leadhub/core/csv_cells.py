"""CSV for spreadsheets: the one place where a line is written, with cells that start no formula."""

import csv
import io
from collections.abc import Iterable
from typing import Any

# What a spreadsheet takes for the start of a formula, or skips before one.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_lines(lines: Iterable[Iterable[Any]]) -> str:
    """Write lines as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([defuse(cell) for cell in line] for line in lines)
    return text.getvalue()


def defuse(cell: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula; numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
