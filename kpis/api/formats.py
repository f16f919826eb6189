"""CSV, in and out."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from leadhub.core.api.problems import BodyTooLarge
from leadhub.core.csv_cells import write_lines


class FiguresCSV(BaseRenderer):
    """Writes figures as CSV: one line for each group, the last line for the total."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Mapping[str, Any],
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Write the lines; nested names are joined, as in ``contact_time_mean``."""
        lines = [
            ["row", *data["group_by"], *(name for name, _ in _cells(data["total"]))],
            *(["group", *row["group"].values(), *_values(row)] for row in data["rows"]),
            ["total", *("" for _ in data["group_by"]), *_values(data["total"])],
        ]
        return write_lines(lines).encode()


class HistoryCSV(BaseParser):
    """Hands the body of a CSV upload on as it is."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read the body.

        :raises BodyTooLarge: if it is longer than the call takes.
        """
        body = stream.read(settings.API_BULK_BODY_MAX_BYTES + 1)
        if len(body) > settings.API_BULK_BODY_MAX_BYTES:
            message = f"The body is larger than {settings.API_BULK_BODY_MAX_BYTES} bytes."
            raise BodyTooLarge(message)
        return body


def _cells(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if name == "group":
            continue
        if isinstance(value, Mapping):
            yield from _inner_cells(name, value)
        else:
            yield name, value


def _inner_cells(name: str, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Write each number in a cell of its own; an interval takes two.

    What stands beside a figure is named as if it stood in it.
    """
    for inner, of in value.items():
        if isinstance(of, Mapping):
            yield from _inner_cells(inner, of)
        elif inner == "interval":
            low, high = of or (None, None)
            yield from ((f"{name}_low", low), (f"{name}_high", high))
        else:
            yield f"{name}_{inner}", of


def _values(row: Mapping[str, Any]) -> list[Any]:
    return [value for _, value in _cells(row)]
