"""Reads past leads from CSV or JSON into rows of text, each with the line to report it by."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kpis.history.checking import COLUMNS, REQUIRED_COLUMNS
from leadhub.core.errors import InvalidInput

DELIMITERS = (",", ";", "\t")


class UnreadableHistory(InvalidInput):
    """The whole is not what it should be, so that no row of it can be read."""

    def __init__(self, message: str) -> None:
        super().__init__(field="rows", message=message, code="unreadable")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it was given.

    :ivar line: where it begins: in CSV the line, the header being line 1; in JSON the element,
        counted from 1.
    :ivar values: column -> text; absent and blank are the same.
    :ivar problem: why it has no values, if it has none.
    """

    line: int
    values: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def read_csv(content: bytes) -> list[RawRow]:
    """Read CSV in UTF-8, separated by commas, semicolons or tabs, with a header.

    :raises UnreadableHistory: if it is no such text, or its header lacks a column or has one that
        nobody knows.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 text (byte {error.start})."
        raise UnreadableHistory(message) from error
    first_line = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        return list(_csv_rows(reader, header))
    except csv.Error as error:
        message = f"line {reader.line_num}: not CSV: {error}."
        raise UnreadableHistory(message) from error


def read_json(content: bytes) -> list[RawRow]:
    """Read a JSON list of objects, one a row, their keys being the columns.

    :raises UnreadableHistory: if it is not.
    """
    try:
        rows = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        message = f"This is not JSON in UTF-8: {error}."
        raise UnreadableHistory(message) from error
    return read_json_rows(rows)


def read_json_rows(rows: Any) -> list[RawRow]:
    """Read rows out of JSON that is parsed already: a list, alone or as ``{"rows": [...]}``.

    :raises UnreadableHistory: if it is neither.
    """
    if isinstance(rows, dict):
        rows = rows.get("rows")
    if not isinstance(rows, list):
        message = "A list of rows is needed, each an object with the columns as keys."
        raise UnreadableHistory(message)
    return [_json_row(number, row) for number, row in enumerate(rows, start=1)]


def _check_header(header: list[str]) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    unknown = sorted(set(header) - set(COLUMNS))
    repeated = sorted({name for name in header if header.count(name) > 1})
    problems = [
        f"{what}: {', '.join(names)}"
        for what, names in (
            ("missing columns", missing),
            ("unknown columns", unknown),
            ("repeated columns", repeated),
        )
        if names
    ]
    if problems:
        known = ", ".join(COLUMNS)
        message = f"line 1: {'; '.join(problems)}. The columns are: {known}."
        raise UnreadableHistory(message)


def _csv_rows(reader: Any, header: list[str]) -> Iterator[RawRow]:
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) == len(header):
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            if any(values.values()):
                yield RawRow(line, values)
        elif cells:
            problem = f"it has {len(cells)} cells, the header has {len(header)}"
            yield RawRow(line, problem=problem)
        line = reader.line_num + 1


def _json_row(number: int, row: Any) -> RawRow:
    if not isinstance(row, dict):
        return RawRow(number, problem="it is not an object")
    unknown = sorted(set(row) - set(COLUMNS))
    if unknown:
        return RawRow(number, problem=f"unknown columns: {', '.join(unknown)}")
    values = {}
    for name, value in row.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | None):
            return RawRow(number, problem=f"{name} has to be a text")
        values[name] = "" if value is None else str(value).strip()
    return RawRow(number, values)
