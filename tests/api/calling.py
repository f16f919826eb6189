"""Calls of the interface as a program makes them."""

import json
from typing import Any

from django.test import Client

from tests.api.contract import check_answer

LEAD = {
    "external_id": "CRM-1001",
    "source": "website",
    "temperature": "HOT",
    "evidence": "Asked for a quote",
    "product_lines": ["heat-pumps"],
    "contact": {
        "first_name": "Erika",
        "last_name": "Beispiel",
        "email": "Erika@Example.com",
        "phone": "089 99998123",
        "street": "Musterweg 1",
    },
    "country": "DE",
    "postal_code": "80331",
    "wish": "12 kW, visit in the afternoon",
    "wish_summary": "Heat pump, 12 kW",
    "expected_value": "18000.00",
}


class Answer:
    """What came back."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.body: bytes = response.content

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        code: str = self.json["code"]
        return code

    @property
    def fields(self) -> list[str]:
        """The fields that a problem names."""
        return [error["field"] for error in self.json["errors"]]


class Api:
    """A program with a key, or without one."""

    def __init__(self, key: str | None = None) -> None:
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call ``/api/v1/`` + path; a body that is no ``bytes`` is sent as JSON."""
        data = (
            body
            if isinstance(body, bytes)
            else json.dumps(body).encode()
            if body is not None
            else b""
        )
        answer = Answer(
            self.client.generic(
                method,
                f"/api/v1/{path}",
                data,
                content_type="application/json",
                headers={**self.headers, **headers},
            )
        )
        media_type = answer.headers.get("Content-Type", "")
        check_answer(method, f"/api/v1/{path}", answer.status, media_type, answer.body)
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> Answer:
        return self.call("PATCH", path, body)


def lead_body(**changes: Any) -> dict[str, Any]:
    """A whole valid body with changes; ``...`` leaves a field out."""
    return {name: value for name, value in {**LEAD, **changes}.items() if value is not ...}
