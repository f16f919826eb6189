"""Reads past leads from CSV or JSON into rows of text, each with the line to report it by."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from kpis.history.checking import COLUMNS, REASON, REQUIRED_COLUMNS, Reason
from leadhub.core.errors import InvalidInput

DELIMITERS = (",", ";", "\t")


class UnreadableHistory(InvalidInput):
    """The whole is not what it should be, so that no row of it can be read."""

    def __init__(self, message: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(field="rows", message=message, code="unreadable", params=params)


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
    problem: Reason | None = None


def read_csv(content: bytes) -> list[RawRow]:
    """Read CSV in UTF-8, separated by commas, semicolons or tabs, with a header.

    :raises UnreadableHistory: if it is no such text, or its header lacks a column or has one that
        nobody knows.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = gettext_noop("The file is not UTF-8 text (byte %(byte)s).")
        raise UnreadableHistory(message, {"byte": error.start}) from error
    first_line = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        return list(_csv_rows(reader, header))
    except csv.Error as error:
        message = gettext_noop("line %(line)s: not CSV: %(error)s.")
        raise UnreadableHistory(message, {"line": reader.line_num, "error": error}) from error


def read_json(content: bytes) -> list[RawRow]:
    """Read a JSON list of objects, one a row, their keys being the columns.

    :raises UnreadableHistory: if it is not.
    """
    try:
        rows = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        message = gettext_noop("This is not JSON in UTF-8: %(error)s.")
        raise UnreadableHistory(message, {"error": error}) from error
    return read_json_rows(rows)


def read_json_rows(rows: Any) -> list[RawRow]:
    """Read rows out of JSON that is parsed already: a list, alone or as ``{"rows": [...]}``.

    :raises UnreadableHistory: if it is neither.
    """
    if isinstance(rows, dict):
        rows = rows.get("rows")
    if not isinstance(rows, list):
        message = gettext_noop("A list of rows is needed, each an object with the columns as keys.")
        raise UnreadableHistory(message)
    return [_json_row(number, row) for number, row in enumerate(rows, start=1)]


def _check_header(header: list[str]) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    unknown = sorted(set(header) - {*COLUMNS, REASON})
    repeated = sorted({name for name in header if header.count(name) > 1})
    for message, names in (
        (
            gettext_noop("line 1: missing columns: %(names)s. The columns are: %(known)s."),
            missing,
        ),
        (
            gettext_noop("line 1: unknown columns: %(names)s. The columns are: %(known)s."),
            unknown,
        ),
        (
            gettext_noop("line 1: repeated columns: %(names)s. The columns are: %(known)s."),
            repeated,
        ),
    ):
        if names:
            told = {"names": ", ".join(names), "known": ", ".join(COLUMNS)}
            raise UnreadableHistory(message, told)


def _csv_rows(reader: Any, header: list[str]) -> Iterator[RawRow]:
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) == len(header):
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            values.pop(REASON, None)
            if any(values.values()):
                yield RawRow(line, values)
        elif cells:
            told = {"cells": len(cells), "columns": len(header)}
            problem = Reason(
                gettext_noop("it has %(cells)s cells, the header has %(columns)s"), told
            )
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
            yield RawRow(line, values, problem)
        line = reader.line_num + 1


def _json_row(number: int, row: Any) -> RawRow:
    if not isinstance(row, dict):
        return RawRow(number, problem=Reason(gettext_noop("it is not an object")))
    unknown = sorted(set(row) - set(COLUMNS))
    if unknown:
        words = {"names": ", ".join(unknown)}
        return RawRow(number, problem=Reason(gettext_noop("unknown columns: %(names)s"), words))
    values = {}
    for name, value in row.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | None):
            problem = Reason(gettext_noop("%(name)s has to be a text"), {"name": name})
            return RawRow(number, problem=problem)
        values[name] = "" if value is None else str(value).strip()
    return RawRow(number, values)
