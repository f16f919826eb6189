"""Tables that people upload: CSV as any program writes it, or a sheet of XLSX, as rows of text."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from leadhub.core.csv_cells import FORMULA_STARTS
from leadhub.core.sheets import ARCHIVE, UnreadableTable, read_sheet

COLUMNS_AT_MOST = 100
DELIMITERS = (";", ",", "\t", "|")
# A first line by which some programs tell Excel the separator.
SAYS_DELIMITER = "sep="
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# What is neither, and what to say of it.
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_OTHERS = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
# Of encodings without a mark of their own, the one in which most letters are some that occur.
_OF_ONE_BYTE = ("cp1252", "cp850", "mac_roman")
_LETTERS = frozenset("äöüÄÖÜßéèêàâîôûçñáíóúò")
_PROBED = 200_000
# In UTF-16 without a mark every other byte of Latin letters is zero.
_ZEROS = 0.3
_BLANKS = " \t\r\n\v\f\ufeff\xa0\u200b"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row.

    :ivar line: where it begins: in CSV the line, in a sheet the row, both from 1.
    """

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class UploadedTable:
    """What stands in a file; blank rows are left out, and blanks around a cell."""

    headings: Sequence[str]
    rows: Sequence[TableRow]


def read_table(content: bytes, *, rows_at_most: int) -> UploadedTable:
    """Read a file, recognised by its content: XLSX, else CSV.

    :raises UnreadableTable: saying why it cannot be read, and what to do.
    """
    if content.startswith(ARCHIVE):
        lines = read_sheet(content, columns_at_most=COLUMNS_AT_MOST + 1)
    else:
        lines = _csv_lines(decode(content))
    return _table(lines, rows_at_most)


def decode(content: bytes) -> str:
    """Turn the bytes of a text file into text.

    :raises UnreadableTable: if they are none.
    """
    if content.startswith(_OLD_OR_LOCKED):
        raise UnreadableTable(
            gettext_noop(
                "This is an Excel file of the old kind or one with a password. Save it as XLSX or "
                "CSV without a password and upload it again."
            )
        )
    text = "" if content.startswith(_OTHERS) else _decoded(content)
    if not text or "\0" in text:
        raise UnreadableTable(
            gettext_noop("This is neither CSV nor XLSX. Save your table as one of them.")
        )
    return text


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    probe = content[:_PROBED]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if probe[first::2].count(0) > len(probe) / 2 * _ZEROS:
            return _strictly(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        best = max(_OF_ONE_BYTE, key=lambda encoding: _likelihood(probe, encoding))
        return content.decode(best, errors="replace")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _likelihood(content: bytes, encoding: str) -> int:
    beyond = bytes(byte for byte in content if byte > 127)  # noqa: PLR2004 - ASCII ends there
    return sum(letter in _LETTERS for letter in beyond.decode(encoding, errors="replace"))


def _csv_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    delimiter, skipped = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if line > skipped:
                yield line, [cell.strip("\ufeff") for cell in cells]
            line = reader.line_num + 1
    except csv.Error:
        raise UnreadableTable(
            gettext_noop(
                "Line %(line)s cannot be read: its quotation marks do not match, or a cell is too "
                "long. Correct it and upload the file again."
            ),
            {"line": line},
        ) from None


def _delimiter(text: str) -> tuple[str, int]:
    """Tell what separates cells, and how many lines at the top only say so."""
    lines = text.splitlines()[:50]
    first = lines[0].strip('\r\n"\ufeff ') if lines else ""
    for delimiter in DELIMITERS:
        if first.lower() == f"{SAYS_DELIMITER}{delimiter}":
            return delimiter, 1
    header = next((line for line in lines if line.strip(_BLANKS)), "")
    return max(DELIMITERS, key=lambda one: _count_cells(header, one)), 0


def _count_cells(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return 0


def _table(lines: Iterable[tuple[int, Sequence[str]]], rows_at_most: int) -> UploadedTable:
    headings: list[str] | None = None
    rows: list[TableRow] = []
    for line, raw in lines:
        cells = _trimmed([_clean(cell) for cell in raw])
        if not cells:
            continue
        if headings is None:
            headings = _headings(cells)
            continue
        if len(rows) == rows_at_most:
            raise UnreadableTable(
                gettext_noop("There are more than %(most)s rows. Divide them into several files."),
                {"most": rows_at_most},
            )
        rows.append(TableRow(line, cells))
    if headings is None or not rows:
        raise UnreadableTable(
            gettext_noop(
                "The file has no rows. The first row has the names of the columns, each further "
                "one a partner or a lead."
            )
        )
    return UploadedTable(headings, rows)


def _headings(cells: list[str]) -> list[str]:
    if len(cells) > COLUMNS_AT_MOST:
        raise UnreadableTable(
            gettext_noop("There are more than %(most)s columns. Leave some out."),
            {"most": COLUMNS_AT_MOST},
        )
    return cells


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _clean(cell: str) -> str:
    """Take blanks off, and the mark that keeps a spreadsheet from taking a text for a formula."""
    cell = cell.strip(_BLANKS)
    if cell.startswith("'") and cell[1:].lstrip(" ").startswith(FORMULA_STARTS):
        return cell[1:]
    return cell


__all__ = ["TableRow", "UnreadableTable", "UploadedTable", "decode", "read_table"]
