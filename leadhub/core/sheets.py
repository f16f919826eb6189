"""Sheets of Excel that people upload, read row by row; nothing in them is run or calculated.

The package reads a sheet as a stream, so that two cells far apart cost nothing, and takes of a
formula the value that was saved with it. Before it reads anything, the archive is unpacked once,
piece by piece and counted: what it says of its own size proves nothing.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZipFile, ZipInfo

from django.utils.translation import gettext_noop
from openpyxl import load_workbook

from leadhub.core.errors import InvalidInput
from leadhub.core.uploads import MEGABYTE

logger = logging.getLogger(__name__)

ARCHIVE = b"PK\x03\x04"
PARTS_AT_MOST = 2_000
UNPACKED_AT_MOST = 120 * MEGABYTE
# The last row that a sheet can have (ECMA-376).
LAST_ROW = 1_048_576
_MAIN_PART = "xl/workbook.xml"
_CHUNK = MEGABYTE
# What spreadsheets never write, and by which XML grows beyond all bounds.
_DECLARATION = b"<!DOCTYPE"


class UnreadableTable(InvalidInput):
    """The whole is not what it should be, so that no row of it can be read."""

    def __init__(self, message: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(field="file", message=message, code="unreadable", params=params)


def read_sheet(content: bytes, *, columns_at_most: int) -> Iterator[tuple[int, list[str]]]:
    """Read the first sheet in which anything stands: the number of each row, and its cells.

    :raises UnreadableTable: if it is no XLSX, or too much.
    """
    refuse_bombs(content)
    try:
        yield from _rows(content, columns_at_most)
    except (GeneratorExit, UnreadableTable):
        raise
    except Exception as error:
        # Whatever the package makes of a file that is not what it should be.
        logger.info("a sheet cannot be read: %s", type(error).__name__)
        raise _broken() from error


def refuse_bombs(content: bytes) -> None:
    """Unpack an archive without keeping it, and refuse one that is broken or grows too large.

    :raises UnreadableTable: if it does, or is no workbook.
    """
    try:
        _unpack_all(content)
    except UnreadableTable:
        raise
    except Exception as error:
        # Several packages unpack, each with failures of its own.
        raise _broken() from error


def _unpack_all(content: bytes) -> None:
    with ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        if _MAIN_PART not in {part.filename.lower() for part in parts}:
            raise UnreadableTable(
                gettext_noop("This is neither CSV nor XLSX. Save your table as one of them.")
            )
        if len(parts) > PARTS_AT_MOST:
            raise _too_large()
        left = UNPACKED_AT_MOST
        for part in parts:
            left -= _unpack(archive, part, left)


def _unpack(archive: ZipFile, part: ZipInfo, at_most: int) -> int:
    size, tail = 0, b""
    with archive.open(part) as opened:
        while chunk := opened.read(_CHUNK):
            size += len(chunk)
            if size > at_most:
                raise _too_large()
            # Without the zeros of UTF-16.
            seen = tail + chunk.replace(b"\0", b"")
            if _DECLARATION in seen:
                raise _broken()
            tail = seen[-len(_DECLARATION) :]
    return size


def _rows(content: bytes, columns_at_most: int) -> Iterator[tuple[int, list[str]]]:
    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    with_rows = False
    try:
        for sheet in book.worksheets:
            # What a sheet says of its own size is often wrong.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True, max_col=columns_at_most)
            for number, row in enumerate(rows, start=1):
                if number > LAST_ROW:
                    raise _broken()
                if row.count(None) == len(row):
                    continue
                cells = [_text(value) for value in row]
                if any(cells):
                    with_rows = True
                    yield number, cells
            if with_rows:
                return
    finally:
        with suppress(Exception):
            book.close()


def _text(value: Any) -> str:
    """Write a value as somebody would who types it; whole numbers without decimals."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _broken() -> UnreadableTable:
    return UnreadableTable(
        gettext_noop(
            "This XLSX file is damaged. Open it in your spreadsheet, save it anew as XLSX or CSV "
            "and upload that."
        )
    )


def _too_large() -> UnreadableTable:
    return UnreadableTable(
        gettext_noop(
            "There is too much in this XLSX file. Save only the sheet with your table, as XLSX or "
            "CSV."
        )
    )
