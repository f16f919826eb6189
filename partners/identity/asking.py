"""Requests to a manufacturer's provider: the one place by which they leave.

Allauth asks by ``requests``; what it asks goes out as every request to an address that a tenant
named does, to the very address that was checked.
"""

from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from leadhub.core.outgoing import LARGEST_ANSWER, AddressRefused, NoAnswer, send_request

TIME_LIMIT = 5.0  # seconds
# How a body is packed and a line is kept open is not the caller's to say.
_OURS = ("accept-encoding", "connection")


class NotAsked(requests.RequestException):
    """The address leads inside, or no answer came that is to be trusted."""


def provider_session() -> requests.Session:
    """Make a session that follows no redirects, waits briefly, and leads nowhere inside."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Guarded())
    return session


class _Guarded(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        """Send a request, and read the whole answer.

        :raises NotAsked: if it may not be sent, or the answer is a redirect, too long or none.
        """
        headers = {
            str(name): str(value)
            for name, value in request.headers.items()
            if name.lower() not in _OURS
        }
        try:
            answer = send_request(
                str(request.method),
                str(request.url),
                body=_bytes_of(request.body),
                headers=headers,
                seconds=TIME_LIMIT,
            )
        except (AddressRefused, NoAnswer) as refusal:
            raise NotAsked(type(refusal).__name__) from refusal
        if "location" in answer.headers or len(answer.body) >= LARGEST_ANSWER:
            reason = "a redirect, or too much"
            raise NotAsked(reason)
        return self.build_response(
            request,
            HTTPResponse(
                body=BytesIO(answer.body),
                # Nobody asked for a packed body: one is not unpacked, whatever it would become.
                headers={k: v for k, v in answer.headers.items() if k != "content-encoding"},
                status=answer.status,
                preload_content=False,
            ),
        )


def _bytes_of(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")
