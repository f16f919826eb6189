"""How the OpenAPI document is made from the views, and where it is read."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadhub.core.api.retirement import Retirement

Direction = Literal["request", "response"]
PROBLEM_NAME = "Problem"
PROBLEM = {
    "type": "object",
    "description": "What is wrong, and what to do (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "errors": {
            "type": "array",
            "description": "The fields that are wrong.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "Its path, `contact.phone`."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
# What every call may answer, and what those with a body or an object may.
COMMON = {
    "401": "No key, or none that is valid.",
    "403": "The key lacks the scope, or is of the wrong kind.",
    "405": "There is no such method here.",
    "429": "Too many requests; `Retry-After` says when to try again.",
    "503": "The database does not answer.",
}
WITH_OBJECT = {"404": "There is no such object, or it is somebody else's."}
WITH_QUERY = {"400": "A parameter is wrong; `errors` names it."}
WITH_BODY = {
    "400": "The body is wrong; `errors` names the fields.",
    "409": "The state of things does not allow it.",
    "413": "The body is too large.",
    "415": "The body is not declared as application/json.",
}
WHEN_RETIRED = {
    "Deprecation": "Since when this call is deprecated (RFC 9745).",
    "Sunset": "Until when it works at least (RFC 8594).",
    "Link": "Where it stands what takes its place.",
}
WITH_IDEMPOTENCY = {"422": "The Idempotency-Key was used with another request."}


class Schema(AutoSchema):
    """Adds to every operation the problems it may answer with, and the idempotency key."""

    def get_override_parameters(self) -> list[Any]:
        """Offer the idempotency key on every POST."""
        if self.method != "POST":
            return []
        return [
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="The same key and body within 7 days replay the first answer,"
                " marked by `Idempotent-Replayed: true`.",
            )
        ]

    def get_tags(self) -> list[str]:
        """Group calls by their first step below the base path."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def is_deprecated(self) -> bool:
        """Tell whether the call is about to go."""
        return self._retirement() is not None

    def get_description(self) -> str:  # type: ignore[override]
        """Say of a call that is about to go until when it works."""
        said: str = super().get_description()
        retirement = self._retirement()
        if retirement is None:
            return said
        return f"{said}\n\nWorks until {retirement.until.isoformat()}: see {retirement.see}"

    def _retirement(self) -> "Retirement | None":
        retired: Mapping[str, Retirement] = getattr(self.view, "retired", {})
        return retired.get(self.method)

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for parameter in parameters:
            if parameter["name"].endswith("_id") and parameter["name"] != "external_id":
                parameter["schema"] = {"type": "string", "format": "uuid"}
        return parameters

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, description in self._problems().items():
            bodies.setdefault(status, _problem_response(description))
        if self.is_deprecated():
            for body in bodies.values():
                body["headers"] = _headers(WHEN_RETIRED)
        return dict(sorted(bodies.items()))

    def _problems(self) -> dict[str, str]:
        problems = dict(COMMON)
        if "{" in self.path:
            problems |= WITH_OBJECT
        if self.method == "GET":
            problems |= WITH_QUERY
        else:
            problems |= WITH_BODY
        if self.method == "POST":
            problems |= WITH_IDEMPOTENCY
        return problems


def _problem_response(description: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{PROBLEM_NAME}"}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": reference}},
    }


def _headers(described: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": description, "required": True, "schema": {"type": "string"}}
        for name, description in described.items()
    }


def add_problem(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Put the problem document among the components (a hook of drf-spectacular)."""
    result["components"].setdefault("schemas", {})[PROBLEM_NAME] = PROBLEM
    return result


def openapi_document(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document; it is made once in the life of a process."""
    return HttpResponse(_document(), content_type="application/vnd.oai.openapi+json;version=3.1")


@cache
def _document() -> bytes:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


@require_safe
def integration_guide(request: HttpRequest) -> HttpResponse:
    """Answer the page that leads a program's author in, as it was written."""
    return HttpResponse(_guide(), content_type="text/plain; charset=utf-8")


@cache
def _guide() -> bytes:
    return (settings.BASE_DIR / "docs" / "integrate.md").read_bytes()
