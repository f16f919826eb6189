"""Does an answer keep to the OpenAPI document? Asked of every answer in these tests."""

import json
import re
from functools import cache
from typing import Any

from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from openapi_schema_validator import OAS31Validator


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, as it is published."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    plain: dict[str, Any] = json.loads(json.dumps(made, default=str))
    return plain


@cache
def validator(path: str, method: str, status: int, media_type: str) -> OAS31Validator:
    """Find the schema of an answer; a status or media type that is not declared has none."""
    answer = document()["paths"][path][method]["responses"][str(status)]
    schema = answer["content"][media_type]["schema"]
    return OAS31Validator({"components": document()["components"], "allOf": [schema]})


def check_answer(method: str, path: str, status: int, media_type: str, body: bytes) -> None:
    """Fail if the document does not declare this answer."""
    try:
        route = resolve(path.partition("?")[0]).route
    except Resolver404:
        return
    template = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    operations = document()["paths"][template]
    if method.lower() not in operations or method == "HEAD":
        return
    if not body:
        assert operations[method.lower()]["responses"][str(status)].keys() == {"description"}
        return
    media_type = media_type.partition(";")[0]
    declared = validator(template, method.lower(), status, media_type)
    if media_type.endswith("json"):
        declared.validate(json.loads(body))
