"""Web Push (RFC 8030): encrypted for one browser (RFC 8291), signed as ours (RFC 8292).

The push service is named by the browser, so the request goes where requests to strangers' addresses
may go. It sees neither the text nor whom it is for.
"""

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from leadhub.core.channels import vapid
from leadhub.core.errors import InvalidInput
from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome, Result
from leadhub.core.outgoing import NoAnswer, send_request

AT_ONCE = 8
SECONDS_EACH = 10.0
DEVICE_GONE = "device_gone"
# What does not say that the request itself is wrong.
PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


class Push(NamedTuple):
    """What one browser is told.

    :ivar public_key: of the browser, as an uncompressed point; ``secret`` is what it shares.
    :ivar lives: seconds for which the push service keeps it for a browser that is off.
    """

    endpoint: str
    public_key: bytes
    secret: bytes
    payload: Mapping[str, str | int]
    lives: int
    is_urgent: bool


def send_pushes(pushes: Sequence[tuple[Delivery, Push]], *, seconds: float) -> Iterator[Outcome]:
    """Hand pushes over, several at once, and say of each what became of it.

    :param seconds: no further one is begun after so long.
    """
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as pool:
        yield from pool.map(lambda pair: _send(pair[0], pair[1], until), pushes)


def _send(delivery: Delivery, push: Push, until: float) -> Outcome:
    if time.monotonic() >= until:
        return Outcome(delivery, Result.UNTRIED)
    try:
        answer = send_request(
            "POST",
            push.endpoint,
            body=_encrypted(push),
            headers=_headers(delivery, push),
            seconds=SECONDS_EACH,
        )
    except NoAnswer:
        return Outcome(delivery, Result.PUT_OFF, "push_service_away")
    except InvalidInput:
        return Outcome(delivery, Result.PUT_OFF, "push_service_not_found")
    except Exception as error:  # noqa: BLE001 - one that cannot be written holds up no other
        return Outcome(delivery, Result.PUT_OFF, f"broken:{type(error).__name__}")
    return Outcome(delivery, *_judge(answer.status))


def _judge(status: int) -> tuple[Result, str]:
    if status // 100 == 2:  # noqa: PLR2004 - success, in HTTP
        return Result.SENT, ""
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return Result.SKIPPED, DEVICE_GONE
    is_final = status // 100 == 4 and status not in PASSING  # noqa: PLR2004
    return Result.REFUSED if is_final else Result.PUT_OFF, f"push_refused:{status}"


def _encrypted(push: Push) -> bytes:
    body: bytes = http_ece.encrypt(
        json.dumps(push.payload, ensure_ascii=False).encode(),
        private_key=generate_private_key(SECP256R1()),
        dh=push.public_key,
        auth_secret=push.secret,
        version="aes128gcm",
    )
    return body


def _headers(delivery: Delivery, push: Push) -> dict[str, str]:
    parts = urlsplit(push.endpoint)
    return {
        "Authorization": vapid.authorization(f"{parts.scheme}://{parts.netloc}"),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(push.lives),
        "Urgency": "high" if push.is_urgent else "normal",
        # A repeat takes the place of what it repeats: 22 of at most 32 characters (RFC 8030, 5.4).
        "Topic": base64.urlsafe_b64encode(delivery.id.bytes).rstrip(b"=").decode(),
    }
