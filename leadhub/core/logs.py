"""What a log never holds: e-mail addresses, telephone numbers, queries, values of rows.

The first layer is that nobody logs them. This is the second, for what others log: messages of the
database quote the row that they refuse, and messages of the framework the address asked for.
"""

import logging
import re

_LEFT_OUT: tuple[tuple[re.Pattern[str], str], ...] = (
    # What PostgreSQL adds to an error: the values of the row.
    (re.compile(r"^(\s*(?:DETAIL|CONTEXT|HINT|QUERY|PARAMETERS)):.*$", re.MULTILINE), r"\1: (…)"),
    (re.compile(r"""((?:https?://|/)[^\s?"'<>]*)\?[^\s"'<>]+"""), r"\1?(…)"),
    (re.compile(r"""[^\s@<>"'(),;:=/\[\]{}]+@[\w.-]+\.[A-Za-z]{2,}"""), "(address)"),
    (re.compile(r"(?<![\w.:+-])(?:\+|00)[1-9](?:[ ()/-]?\d){6,14}(?!\w)"), "(number)"),
    (re.compile(r"(?<![\w.:/-])\(?0[1-9]\d{1,4}\)?[ /-]?\d{4,}(?![\w-])"), "(number)"),
)


def without_personal_data(text: str) -> str:
    """Leave out what looks like an address, a number, a query or a row."""
    for pattern, instead in _LEFT_OUT:
        text = pattern.sub(instead, text)
    return text


class DiscreetFormatter(logging.Formatter):
    """Writes a line, and the trace below it, without personal data."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        return without_personal_data(super().format(record))
