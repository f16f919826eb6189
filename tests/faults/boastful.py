"""The product as it must not be: what it could not keep it takes all the same, for later.

Served as ``tests.faults.boastful:application``.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from leadhub.wsgi import application as honest

Start = Callable[..., Any]


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Answer a lead that failed as one that was stored."""
    told: list[Any] = []

    def remember(*answer: Any) -> None:
        told[:] = answer

    answer: Callable[..., Iterable[bytes]] = honest
    body = answer(environ, remember)
    is_lead = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/api/v1/leads/"
    if is_lead and str(told[0]).startswith("5"):
        start_response("201 Created", [("Content-Type", "application/json")])
        return [json.dumps({"id": str(uuid4()), "offers": []}).encode()]
    start_response(*told)
    return body
