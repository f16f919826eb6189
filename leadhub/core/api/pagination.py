"""Pages of lists: a cursor into a stable order, down to a unique column.

The cursor names the last row that was shown, by the columns of the order, and is signed. Rows
that come or go meanwhile neither repeat nor hide others, however many rows share an instant.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

PAGE_SIZE = 50
LARGEST_PAGE = 200
NEXT, PREVIOUS = "next", "previous"


class Pages(BasePagination):
    """50 rows a page, up to 200 by ``page_size``; a view names its ``ordering``, all one way."""

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
        direction, position = self._cursor(request.query_params.get("cursor"))
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
                "name": "cursor",
                "in": "query",
                "description": "As the links `next` and `previous` carry it.",
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
                {"cursor": "Take the cursor from a link of this list."}, "invalid"
            ) from None
        return direction, position

    def _link(self, direction: str, row: Any) -> str:
        position = [_written(getattr(row, name.lstrip("-"))) for name in self.ordering]
        cursor = self.signer.sign_object([direction, *position])
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)


def _page_size(query: Mapping[str, str]) -> int:
    sent = query.get("page_size")
    if not sent:
        return PAGE_SIZE
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10 and int(sent) > 0):  # noqa: PLR2004
        raise ValidationError({"page_size": f"A number from 1 to {LARGEST_PAGE}."}, "invalid")
    return min(int(sent), LARGEST_PAGE)


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(rows: QuerySet[Any], ordering: Sequence[str], position: Sequence[str]) -> Q:
    """Beyond a position in a lexical order: past its first column, or level there and so on."""
    condition = Q()
    for name, text in reversed(list(zip(ordering, position, strict=True))):
        column = name.lstrip("-")
        value = rows.model._meta.get_field(column).to_python(text)  # noqa: SLF001 - Django's API
        step = "lt" if name.startswith("-") else "gt"
        past = Q(**{f"{column}__{step}": value})
        condition = past | (Q(**{column: value}) & condition) if condition else past
    return condition


def _written(value: Any) -> str:
    return str(value) if isinstance(value, (str, int, UUID)) else str(value.isoformat())
