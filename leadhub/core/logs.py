"""What a log never holds: e-mail addresses, telephone numbers, queries, secrets, values of rows.

The first layer is that nobody logs them. This is the second, for what others log: messages of the
framework name the address asked for, and messages of the database quote what it refuses: a value
that cannot be read, with what stands beside it. A traceback repeats that.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import Error

from leadhub.core.log_context import about_of, attach

LEFT_OUT = "(details left out)"

# Each pattern reads a line once, however long: what is logged of a request, anybody can write.
# So a match begins where a word does, and nothing that was read of it is given back, or no more
# than a telephone number is long.
_LEFT_OUT: tuple[tuple[re.Pattern[str], str], ...] = (
    # What PostgreSQL adds to an error: the values of the row.
    (
        re.compile(r"^([ \t]*(?:DETAIL|CONTEXT|HINT|QUERY|PARAMETERS)):.*$", re.MULTILINE),
        r"\1: (…)",
    ),
    # Who knows the address of an invitation, of a new password or of an offer is let in by it.
    (re.compile(r"""(/(?:invitations|password/new|l)/)[^/\s?"'<>]+"""), r"\1(…)"),
    (re.compile(r"""(?<![^\s?"'<>])([^\s?"'<>/]*+/[^\s?"'<>]*+)\?[^\s"'<>]+"""), r"\1?(…)"),
    (
        re.compile(
            r"""(?<![^\s@<>"'(),;:=/\[\]{}])[^\s@<>"'(),;:=/\[\]{}]++"""
            r"""@[\w.-]+\.[A-Za-z]{2,}"""
        ),
        "(address)",
    ),
    (re.compile(r"(?<![\w.:+-])(?:\+|00)[1-9](?:[ ()/.-]{0,3}\d){6,14}(?!\w)"), "(number)"),
    (
        re.compile(r"(?<![\w.:/-])\(?0[1-9]\d{1,4}\)?(?:[ /-]{0,3}\d){4,12}(?![\w-])"),
        "(number)",
    ),
)


def without_personal_data(text: str) -> str:
    """Leave out what looks like an address, a number, a query, a secret in a path, or a row."""
    for pattern, instead in _LEFT_OUT:
        text = pattern.sub(instead, text)
    return text


class DiscreetFormatter(logging.Formatter):
    """Writes a line, and the trace below it, without personal data; ids stand at its end."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        line, newline, rest = without_personal_data(super().format(record)).partition("\n")
        ids = " ".join(f"{name}={value}" for name, value in about_of(record).items())
        return f"{line} [{ids}]{newline}{rest}" if ids else f"{line}{newline}{rest}"


class JSONFormatter(DiscreetFormatter):
    """Writes an object a line, without personal data, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal_data(record.getMessage()),
            **about_of(record),
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            told["trace"] = without_personal_data(record.exc_text)
        return orjson.dumps(told, default=str).decode()


LINE = "{asctime} {levelname} {name} {message}"
FORMATTERS: dict[str, type[DiscreetFormatter]] = {"line": DiscreetFormatter, "json": JSONFormatter}


def make_formatter(form: str) -> DiscreetFormatter:
    """Make what writes a record: as a ``line`` for people, or as ``json`` for programs."""
    return FORMATTERS[form](LINE, style="{")


def quote_nothing_in_logs() -> None:
    """Let every record that tells of a database error say its first line only."""
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, "quotes_nothing", False):
        return

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        attach(record)
        if record.exc_info and record.exc_info[1] is not None:
            errors = [error for error in _chain(record.exc_info[1]) if "\n" in str(error)]
            if errors:
                record.exc_text = _told_without_quotes(record.exc_info[1], errors)
        return record

    make.quotes_nothing = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Find the database errors among an exception and those behind it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, Error) or hasattr(error, "pgerror"):
            yield error
        error = error.__cause__ or error.__context__


def _told_without_quotes(error: BaseException, errors: list[BaseException]) -> str:
    text = "".join(traceback.format_exception(error)).rstrip("\n")
    for one in errors:
        whole = str(one).rstrip("\n")
        first, _, _ = whole.partition("\n")
        text = text.replace(whole, f"{first} {LEFT_OUT}")
    return text
