"""The chain that the facts of a lead form: each carries a digest of itself and of those before.

A fact's digest is SHA-256 over its canonical form: a JSON array without spaces, in UTF-8, of

1. the digest of the fact before it in hexadecimal digits, an empty string for the first;
2. the ids of the manufacturer, of the lead and of the fact itself;
3. ``sequence``, ``type``, the ids of partner and assignment, ``actor``;
4. ``at`` in UTC (RFC 3339, microseconds if there are any);
5. ``data``, the keys of every object sorted.

``recorded_at`` is not part of it, for the database writes it; checkpoints hold on to it. Numbers in
``data`` have to be read back as they were written, which floats of 1e16 and more, and a negative
zero, are not.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson

FIRST = b""


class Fact(NamedTuple):
    """What of a fact is covered by its digest."""

    manufacturer_id: UUID
    lead_id: UUID
    id: UUID
    sequence: int
    type: str
    partner_id: UUID | None
    assignment_id: UUID | None
    actor: str | None
    at: datetime
    data: Mapping[str, Any]


def digest_after(previous: bytes, fact: Fact) -> bytes:
    """Compute the digest of a fact that follows the one with the digest ``previous``.

    This function will return 32 bytes.
    """
    moment = fact.at if fact.at.tzinfo is UTC else fact.at.astimezone(UTC)
    values = (previous.hex(), *fact[:8], moment, fact.data)
    form = orjson.dumps(values, default=_as_text, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(form).digest()


def _as_text(value: object) -> str:
    """Write an amount as it is stored."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError
