"""Pages of lists: a cursor into a stable order, down to a unique column.

The cursor names the last row that was shown, by the columns of the order, and is signed. Rows
that come or go meanwhile neither repeat nor hide others, however many rows share an instant.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.core import signing
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

PAGE_SIZE = 50
LARGEST_PAGE = 200
NEXT, PREVIOUS = "next", "previous"


class Pages(BasePagination):
    """50 rows a page, up to 200 by ``page_size``; a view names its ``ordering``, all one way.

    :cvar parameter: the one of the query that holds the cursor.
    """

    parameter: ClassVar[str] = "cursor"

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: Any | None = None
    ) -> list[Any]:
        """Read one page.

        :raises ValidationError: naming ``cursor`` or ``page_size``.
        """
        self.request = request
        self.ordering: Sequence[str] = getattr(view, "ordering", ("-id",))
        self.signer = signing.Signer(salt=f"cursor:{request.path}")
        size = _page_size(request.query_params)
        direction, position = self._cursor(request.query_params.get(self.parameter))
        is_back = direction == PREVIOUS
        ordering = [_reversed(name) for name in self.ordering] if is_back else self.ordering
        rows = queryset.order_by(*ordering)
        if position is not None:
            rows = rows.filter(_beyond(queryset, ordering, position))
        page = list(rows[: size + 1])
        has_more = len(page) > size
        page = page[:size]
        if is_back:
            page.reverse()
        has_next, has_previous = (True, has_more) if is_back else (has_more, position is not None)
        self.links = {
            NEXT: self._link(NEXT, page[-1]) if page and has_next else None,
            PREVIOUS: self._link(PREVIOUS, page[0]) if page and has_previous else None,
        }
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Answer the page with links to its neighbours."""
        return Response({**self.links, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": [NEXT, PREVIOUS, "results"],
            "properties": {NEXT: link, PREVIOUS: link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the two query parameters."""
        return [
            {
                "name": self.parameter,
                "in": "query",
                "description": "As earlier answers carry it.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "description": "Rows a page.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LARGEST_PAGE,
                    "default": PAGE_SIZE,
                },
            },
        ]

    def _cursor(self, sent: str | None) -> tuple[str, list[str] | None]:
        if not sent:
            return NEXT, None
        try:
            direction, *position = self.signer.unsign_object(sent)
        except (signing.BadSignature, ValueError):
            raise ValidationError(
                {self.parameter: "Take the cursor from a link of this list."}, "invalid"
            ) from None
        return direction, position

    def _link(self, direction: str, row: Any) -> str:
        cursor = self._cursor_at(direction, row)
        return replace_query_param(self.request.build_absolute_uri(), self.parameter, cursor)

    def _cursor_at(self, direction: str, row: Any) -> str:
        position = [_written(getattr(row, name.lstrip("-"))) for name in self.ordering]
        return self.signer.sign_object([direction, *position])


class Feed(Pages):
    """What comes to be, oldest first, for whoever asks again and again.

    An answer always carries the ``cursor`` from which to ask on, also where there is nothing yet;
    ``next`` is there as long as there is more already.
    """

    parameter = "after"

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: Any | None = None
    ) -> list[Any]:
        """Read one page.

        :raises ValidationError: naming ``after`` or ``page_size``.
        """
        page = super().paginate_queryset(queryset, request, view)
        sent = request.query_params.get(self.parameter)
        self.cursor = self._cursor_at(NEXT, page[-1]) if page else (sent or None)
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Answer the page with the cursor behind it."""
        return Response({NEXT: self.links[NEXT], "cursor": self.cursor, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        return {
            "type": "object",
            "required": [NEXT, "cursor", "results"],
            "properties": {
                NEXT: {"type": ["string", "null"], "format": "uri"},
                "cursor": {"type": ["string", "null"]},
                "results": schema,
            },
        }


def _page_size(query: Mapping[str, str]) -> int:
    sent = query.get("page_size")
    if not sent:
        return PAGE_SIZE
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10 and int(sent) > 0):  # noqa: PLR2004
        raise ValidationError({"page_size": f"A number from 1 to {LARGEST_PAGE}."}, "invalid")
    return min(int(sent), LARGEST_PAGE)


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(
    rows: QuerySet[Any], ordering: Sequence[str], position: Sequence[str]
) -> TupleGreaterThan | TupleLessThan:
    """Beyond a position in a lexical order, as one comparison of rows, which an index serves."""
    names = [name.lstrip("-") for name in ordering]
    fields = [rows.model._meta.get_field(name) for name in names]  # noqa: SLF001 - Django's API
    values = tuple(field.to_python(text) for field, text in zip(fields, position, strict=True))
    past = TupleLessThan if ordering[0].startswith("-") else TupleGreaterThan
    return past(Tuple(*map(F, names)), values)


def _written(value: Any) -> str:
    return str(value) if isinstance(value, (str, int, UUID)) else str(value.isoformat())
