"""API keys: made, shown once, stored as a digest, found again by their prefix, rotated, revoked."""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext_noop

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.digests import digest_secret
from leadhub.core.errors import InvalidInput, NotAllowed, StateConflict
from leadhub.core.prepared import execute_prepared
from leadhub.core.tenancy.context import PRESENT_KEY, in_tenant_of, tenant_context
from leadhub.core.turns import wait_for_turn
from partners.changes import fields_of, record_change
from partners.models import ApiKey, Partner
from partners.roles import Kind, scopes_of

# Of one name: the one in use, and its successor while programs change over.
LIVE_AT_A_TIME = 2
OVERLAP, LONGEST_OVERLAP = timedelta(days=7), timedelta(days=90)
# Noting each use would write a row for every request.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


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


class TooManyKeys(StateConflict):
    """As many keys of this name are live as may be at a time."""

    code = "too_many_keys"
    message = gettext_noop(
        "Two keys of this name are live. Revoke one of them first, or choose another name."
    )


class KeyIsOver(StateConflict):
    """The key is revoked or expired."""

    code = "key_is_over"
    message = gettext_noop("This key is no longer valid; make a new one.")


class MoreThanOwn(NotAllowed):
    """A key would get scopes that the key which makes it lacks."""

    code = "more_than_own_scopes"
    message = gettext_noop("A key can give no scope that it does not have itself.")


@in_tenant_of("by")
def issue_key(
    *,
    name: str,
    by: Actor,
    at: datetime,
    partner: Partner | None = None,
    scopes: Collection[str] | None = None,
    within: Collection[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a key for the manufacturer, or for one of its partners.

    :param scopes: what it may do; without them all that its kind can have, or all of ``within``.
    :param within: scopes of the key that asks, which a manufacturer's new key must not exceed;
        ``None`` for people. A partner's scopes are none of a manufacturer's key, and not measured.
    :returns: the key itself, which cannot be read again.
    :raises MoreThanOwn: if a key would get more than the key that asks.
    :raises TooManyKeys: if ``LIVE_AT_A_TIME`` of this name are live.
    :raises InvalidInput: naming ``scopes`` or ``expires_at``.
    """
    kind: Kind = "manufacturer" if partner is None else "partner"
    limit = within if kind == "manufacturer" else None
    chosen = tuple(scopes_of(kind) if limit is None else limit) if scopes is None else tuple(scopes)
    _check_scopes(chosen, kind=kind, limit=limit)
    if expires_at is not None and expires_at <= at:
        message = gettext_noop("A key has to be valid for a while: name a moment to come.")
        raise InvalidInput(field="expires_at", message=message, code="past")
    partner_id = None if partner is None else partner.id
    wait_for_turn("key", by.manufacturer_id, partner_id, name)
    if ApiKey.objects.alike(name=name, partner_id=partner_id).live(at).count() >= LIVE_AT_A_TIME:
        raise TooManyKeys
    return _make_key(name, partner_id, chosen, by=by, at=at, expires_at=expires_at)


@in_tenant_of("by")
def rotate_key(
    *,
    key: ApiKey,
    by: Actor,
    at: datetime,
    overlap: timedelta = OVERLAP,
    within: Collection[str] | None = None,
) -> str:
    """Make the successor of a key: of the same name and side, with the same scopes.

    The key itself stays valid for the overlap, so that programs can change over, and expires then.
    If it was given an end when it was made, its successor gets the same length of life.

    :param overlap: zero ends the key at once; at most ``LONGEST_OVERLAP``.
    :param within: as for ``issue_key``.
    :returns: the new key, which cannot be read again.
    :raises KeyIsOver: if the key is revoked or expired.
    :raises TooManyKeys: if its successor has been made already.
    :raises MoreThanOwn: if the successor would get more than the key that asks.
    """
    wait_for_turn("key", by.manufacturer_id, key.partner_id, key.name)
    key = ApiKey.objects.get(id=key.id)
    if not key.is_live(at):
        raise KeyIsOver
    kind: Kind = "manufacturer" if key.partner_id is None else "partner"
    scopes = tuple(scope for scope in key.scopes if scope in scopes_of(kind))
    _check_scopes(scopes, kind=kind, limit=within if kind == "manufacturer" else None)
    others = ApiKey.objects.alike(name=key.name, partner_id=key.partner_id).exclude(id=key.id)
    if others.live(at).count() >= LIVE_AT_A_TIME - 1:
        raise TooManyKeys
    before = _recorded(key)
    life = None if key.expires_at is None else key.expires_at - key.created_at
    ends_at = at + min(max(overlap, timedelta()), LONGEST_OVERLAP)
    key.expires_at = ends_at if key.expires_at is None else min(key.expires_at, ends_at)
    key.save(update_fields=["expires_at"])
    _record(key, before=before, by=by)
    expires_at = None if life is None else at + life
    return _make_key(key.name, key.partner_id, scopes, by=by, at=at, expires_at=expires_at)


@in_tenant_of("by")
def revoke_key(*, key: ApiKey, by: Actor, at: datetime) -> bool:
    """End a key at once; ``False`` if it was revoked before."""
    key = ApiKey.objects.select_for_update(no_key=True).get(id=key.id)
    if key.revoked_at is not None:
        return False
    before = _recorded(key)
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    _record(key, before=before, by=by)
    return True


def _recorded(key: ApiKey) -> dict[str, Any]:
    partner = key.partner.name if key.partner else None
    return fields_of(key, "name", "scopes", "expires_at", "revoked_at") | {"partner": partner}


def _record(key: ApiKey, *, by: Actor, before: dict[str, Any] | None) -> None:
    after = _recorded(key)
    record_change(by=by, kind="api_key", key=key.id, name=key.name, before=before, after=after)


def _check_scopes(scopes: Collection[str], *, kind: Kind, limit: Collection[str] | None) -> None:
    unknown = sorted(set(scopes) - set(scopes_of(kind)))
    if unknown or not scopes:
        raise InvalidInput(
            field="scopes",
            message=gettext_noop("Choose at least one of these scopes: %(scopes)s."),
            params={"scopes": ", ".join(scopes_of(kind))},
            code="unknown" if unknown else "required",
        )
    if limit is not None and not set(scopes) <= set(limit):
        raise MoreThanOwn


def _make_key(
    name: str,
    partner_id: UUID | None,
    scopes: Collection[str],
    *,
    by: Actor,
    at: datetime,
    expires_at: datetime | None,
) -> str:
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        manufacturer_id=by.manufacturer_id,
        partner_id=partner_id,
        name=name,
        prefix=prefix,
        secret_digest=digest_secret(secret),
        scopes=list(dict.fromkeys(scopes)),
        created_at=at,
        expires_at=expires_at,
    )
    _record(key, before=None, by=by)
    return f"lh_{prefix}_{secret}"


def find_key_holder(token: str, *, at: datetime | None = None) -> KeyHolder | None:
    """Find who presents this key; ``None`` if it is unknown, revoked or expired.

    The first statement of a request: it reads the clock as well, and finds out whether the
    database is still there, with one more try on a new connection.

    :param at: when it is presented, now unless said otherwise.
    """
    mark, prefix, secret = _parts_of(token)
    if mark != "lh" or not prefix or not secret or "\0" in token:
        return None
    found = _find(prefix, at or clock.replaced())
    if found is None:
        return None
    key_id, manufacturer_id, partner_id, digest, scopes, last_used_at, at = found
    if not hmac.compare_digest(bytes(digest), digest_secret(secret)):
        return None
    if last_used_at is None or at - last_used_at >= USE_IS_NOTED_EVERY:
        _note_use(manufacturer_id, key_id, at)
    actor = Actor(manufacturer_id=manufacturer_id, label=f"key:{key_id}", partner_id=partner_id)
    return KeyHolder(actor=actor, key_id=key_id, scopes=frozenset(scopes), at=at)


def prefix_of(token: str) -> str:
    """Tell how a key begins, which is no secret."""
    return _parts_of(token)[1]


def _parts_of(token: str) -> tuple[str, str, str]:
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    return mark, prefix, secret


def _note_use(manufacturer_id: UUID, key_id: UUID, at: datetime) -> None:
    """Write down that a key was used, waiting for nobody: neither another writer nor the disk."""
    with tenant_context(manufacturer_id), connection.cursor() as cursor:
        cursor.execute(_NOTE_USE, [at, key_id, at - USE_IS_NOTED_EVERY])


_NOTE_USE = """
    SELECT set_config('synchronous_commit', 'off', true);
    UPDATE partners_apikey SET last_used_at = %s
    WHERE id = (
        SELECT id FROM partners_apikey
        WHERE id = %s AND (last_used_at IS NULL OR last_used_at <= %s)
        FOR UPDATE SKIP LOCKED
    )
"""


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
