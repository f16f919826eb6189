"""How the OpenAPI document is made from the views, and where it is read."""

from functools import cache
from typing import Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

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
