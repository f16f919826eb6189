"""``Idempotency-Key``: the same request again gets the first answer again, and acts once."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from leadhub.core.answers import REPLAYED_FOR, subjects_of
from leadhub.core.api.problems import (
    AlreadyAnswered,
    BodyTooLarge,
    IdempotencyMismatch,
    StillRunning,
)
from leadhub.core.models import IdempotentAnswer
from leadhub.core.tenancy.context import tenant_context

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request whose answer is to be kept.

    :ivar digest: of method, path and body.
    :ivar at: when it came.
    """

    manufacturer_id: UUID
    api_key_id: UUID
    key: str
    digest: bytes
    at: datetime

    @property
    def lock(self) -> int:
        """Number of the lock that lets one request with this key run at a time."""
        name = f"{self.api_key_id}:{self.key}".encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)


def recognise(
    request: HttpRequest,
    *,
    manufacturer_id: UUID,
    api_key_id: UUID,
    at: datetime,
    at_most: int = settings.API_BODY_MAX_BYTES,
) -> Repeatable | None:
    """Recognise a POST with an idempotency key; ``None`` for every other request.

    :param at_most: bytes of a body that the call takes.
    :raises ValidationError: if the key is too long.
    :raises BodyTooLarge: if the call takes no such body.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if request.method != "POST" or not key:
        return None
    if len(key) > LONGEST_KEY or "\0" in key:
        raise ValidationError(
            {"Idempotency-Key": f"At most {LONGEST_KEY} characters, please."}, "too_long"
        )
    body = _body_of(request, at_most)
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).digest()
    return Repeatable(manufacturer_id, api_key_id, key, digest, at)


def _body_of(request: HttpRequest, at_most: int) -> bytes:
    """Read the whole body; one with a file in it may be larger than those of forms."""
    try:
        return request.body
    except RequestDataTooBig:
        body = request.read(at_most + 1)
    if len(body) > at_most:
        raise BodyTooLarge
    request._body = body  # noqa: SLF001 - from where whoever reads on takes what was read
    return body


@contextmanager
def one_at_a_time(repeat: Repeatable) -> Iterator[None]:
    """Hold the key until the request is answered and committed.

    The lock belongs to the connection, so that it spans the transactions of a request that makes
    several; a connection that is lost loses it.

    :raises StillRunning: if another request with this key is being worked on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [repeat.lock])
        (is_mine,) = cursor.fetchone()
    if not is_mine:
        raise StillRunning
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [repeat.lock])


def replay(repeat: Repeatable) -> None:
    """Look for the first answer.

    :raises AlreadyAnswered: with the stored answer.
    :raises IdempotencyMismatch: if the key came with another request.
    """
    with tenant_context(repeat.manufacturer_id):
        stored = IdempotentAnswer.objects.filter(
            manufacturer_id=repeat.manufacturer_id, api_key_id=repeat.api_key_id, key=repeat.key
        ).first()
        if stored is not None and stored.created_at < repeat.at - REPLAYED_FOR:
            stored.delete()
            stored = None
    if stored is None:
        return
    if bytes(stored.request_digest) != repeat.digest:
        raise IdempotencyMismatch
    answer = HttpResponse(bytes(stored.body), status=stored.status, content_type="application/json")
    answer.headers["Idempotent-Replayed"] = "true"
    raise AlreadyAnswered(answer)


def keep(repeat: Repeatable, response: Response, *, secrets: Collection[str] = ()) -> None:
    """Store a successful answer; one that changed nothing may be tried again.

    :param secrets: fields that are shown once and never stored; replayed as ``null``.
    """
    if response.status_code >= 300:  # noqa: PLR2004 - no success
        return
    body = response.content
    if secrets:
        shown = {**response.data, **dict.fromkeys(secrets)}
        body = orjson.dumps(shown, default=str, option=orjson.OPT_UTC_Z)
    with tenant_context(repeat.manufacturer_id):
        IdempotentAnswer.objects.create(
            manufacturer_id=repeat.manufacturer_id,
            api_key_id=repeat.api_key_id,
            key=repeat.key,
            request_digest=repeat.digest,
            status=response.status_code,
            body=body,
            subjects=subjects_of(response.data),
            created_at=repeat.at,
        )
