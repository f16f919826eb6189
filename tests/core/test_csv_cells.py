"""Cells of a CSV are what was written, and no spreadsheet's formula."""

import csv
import io
from decimal import Decimal

import pytest

from leadhub.core.csv_cells import write_lines

# The last four are the signs as East Asian keyboards write them.
STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"]


@pytest.mark.parametrize("start", STARTS)
def test_starts_no_formula(start: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(write_lines([[f"{start}1+1"]]), newline=""))

    assert cell == f"'{start}1+1"


def test_leaves_everything_else_as_it_is() -> None:
    cells = ["a=b", "", None, -5, 1.5, Decimal("-2.50"), "x\r\ny", 'say "x", y']

    (read,) = csv.reader(io.StringIO(write_lines([cells]), newline=""))

    assert read == ["a=b", "", "", "-5", "1.5", "-2.50", "x\r\ny", 'say "x", y']
