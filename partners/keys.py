"""API keys: made, shown once, stored as a digest, found again by their prefix."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.prepared import execute_prepared
from leadhub.core.tenancy.context import PRESENT_KEY, in_tenant_of, tenant_context
from partners.models import ApiKey, Partner
from partners.roles import Kind, scopes_of

MANUFACTURER_SCOPES, PARTNER_SCOPES = scopes_of("manufacturer"), scopes_of("partner")
# Noting each use would write a row for every request.
USE_IS_NOTED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The caller behind a key.

    :ivar actor: whom it acts as.
    :ivar scopes: what it may do.
    :ivar at: when the key was presented, by the one clock.
    """

    actor: Actor
    key_id: UUID
    scopes: frozenset[str]
    at: datetime

    # What Django REST framework asks of a user.
    is_authenticated = True
    is_active = True

    @property
    def kind(self) -> Kind:
        """On whose side the key acts."""
        return "partner" if self.actor.is_partner else "manufacturer"


@in_tenant_of("by")
def issue_key(
    *,
    name: str,
    by: Actor,
    at: datetime,
    partner: Partner | None = None,
    scopes: Sequence[str] | None = None,
) -> str:
    """Make a key for the manufacturer, or for one of its partners, with all scopes of its kind.

    :returns: the key itself, which cannot be read again.
    """
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    all_scopes = MANUFACTURER_SCOPES if partner is None else PARTNER_SCOPES
    ApiKey.objects.create(
        manufacturer_id=by.manufacturer_id,
        partner=partner,
        name=name,
        prefix=prefix,
        secret_digest=_digest(secret),
        scopes=list(all_scopes if scopes is None else scopes),
        created_at=at,
    )
    return f"lh_{prefix}_{secret}"


def find_key_holder(token: str, *, at: datetime | None = None) -> KeyHolder | None:
    """Find who presents this key; ``None`` if it is unknown, revoked or expired.

    The first statement of a request: it reads the clock as well, and finds out whether the
    database is still there, with one more try on a new connection.

    :param at: when it is presented, now unless said otherwise.
    """
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != "lh" or not prefix or not secret or "\0" in token:
        return None
    found = _find(prefix, at or clock.replaced())
    if found is None:
        return None
    key_id, manufacturer_id, partner_id, digest, scopes, last_used_at, at = found
    if not hmac.compare_digest(bytes(digest), _digest(secret)):
        return None
    if last_used_at is None or at - last_used_at > USE_IS_NOTED_EVERY:
        with tenant_context(manufacturer_id):
            ApiKey.objects.filter(id=key_id).update(last_used_at=at)
    actor = Actor(manufacturer_id=manufacturer_id, label=f"key:{key_id}", partner_id=partner_id)
    return KeyHolder(actor=actor, key_id=key_id, scopes=frozenset(scopes), at=at)


def _find(prefix: str, at: datetime | None) -> Any:
    if connection.in_atomic_block:
        return _find_once(prefix, at)
    # What follows shows whether the connection is usable; to ask before would cost every request.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _find_once(prefix, at)
    except (OperationalError, InterfaceError):
        connection.close()
        return _find_once(prefix, at)


def _find_once(prefix: str, at: datetime | None) -> Any:
    with connection.cursor() as cursor:
        parameters = {"prefix": prefix, "at": at}
        execute_prepared(cursor, _FIND, parameters, _TYPES, after=(PRESENT_KEY, [prefix]))
        return cursor.fetchone()


_FIND = """
    SELECT k.id, k.manufacturer_id, k.partner_id, k.secret_digest, k.scopes, k.last_used_at,
           coalesce(%(at)s, clock_timestamp())
    FROM partners_apikey k
    WHERE k.prefix = %(prefix)s AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > coalesce(%(at)s, clock_timestamp()))
"""
_TYPES = {"prefix": "text", "at": "timestamptz"}


def _digest(secret: str) -> bytes:
    """Digest a secret of 256 random bits; no slower digest would make it harder to guess."""
    return hashlib.sha256(secret.encode()).digest()
