"""Logs without customers: what PostgreSQL quotes of a statement in its errors is left out.

Row level security hides refused rows, but a value that cannot be read is quoted in an error's
details, with what stands beside it, and a traceback repeats that. Every log record is made here,
whoever formats it afterwards.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

from django.db import Error

LEFT_OUT = "(details left out)"


def quote_nothing_in_logs() -> None:
    """Let every record that tells of a database error say its first line only."""
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, "quotes_nothing", False):
        return

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
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
