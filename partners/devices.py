"""Browsers that may be told of news: added by whoever is logged in there, forgotten when gone."""

import base64
import binascii
import hashlib
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.utils.translation import gettext_noop

from leadhub.core.errors import InvalidInput
from leadhub.core.outgoing import check_address
from leadhub.core.tenancy.context import system_context, user_context
from partners.models import PushDevice

AT_MOST = 10
LENGTH_OF_SECRET = 16


def add_device(
    *,
    user_id: UUID,
    endpoint: str,
    public_key: str,
    secret: str,
    name: str,
    at: datetime,
) -> PushDevice:
    """Let a browser be told from now on; known ones are renewed, and pass to whoever uses them now.

    Of more than ten the oldest are forgotten.

    :param public_key: ``p256dh`` of the subscription, in base64url; ``secret`` its ``auth``.
    :raises InvalidInput: if the address leads inside, or a key is none.
    """
    check_address(endpoint)
    _check_keys(public_key, secret)
    # It may be another person's until now, whose rows this one does not see.
    with system_context("devices.add_device"):
        device, _ = PushDevice.objects.update_or_create(
            endpoint_digest=_digest(endpoint),
            defaults={
                "user_id": user_id,
                "endpoint": endpoint,
                "public_key": public_key,
                "secret": secret,
                "name": name[:120],
                "added_at": at,
            },
        )
        kept = PushDevice.objects.filter(user=user_id).order_by("-added_at", "-id")[:AT_MOST]
        PushDevice.objects.filter(user=user_id).exclude(id__in=[one.id for one in kept]).delete()
    return device


def remove_device(*, user_id: UUID, endpoint: str = "", device_id: UUID | None = None) -> bool:
    """Tell a person's browser nothing any more; ``False`` if it was not told anyway."""
    with user_context(user_id):
        own = PushDevice.objects.filter(user=user_id)
        found = (
            own.filter(id=device_id) if device_id else own.filter(endpoint_digest=_digest(endpoint))
        )
        removed, _ = found.delete()
    return removed > 0


def devices_of(user_id: UUID) -> list[PushDevice]:
    """List a person's browsers, the newest first."""
    with user_context(user_id):
        return list(PushDevice.objects.filter(user=user_id).order_by("-added_at", "-id"))


def forget_devices(device_ids: list[UUID]) -> None:
    """Forget browsers that their push service does not know any more."""
    with system_context("devices.forget_devices"):
        PushDevice.objects.filter(id__in=device_ids).delete()


def read_key(text: str) -> bytes:
    """Read what browsers write in base64url, with or without its end.

    :raises ValueError: if it is none.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "not base64url"
        raise ValueError(msg) from error


def _check_keys(public_key: str, secret: str) -> None:
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), read_key(public_key))
        is_right = len(read_key(secret)) == LENGTH_OF_SECRET
    except ValueError:
        is_right = False
    if not is_right:
        raise InvalidInput(
            field="keys",
            message=gettext_noop("Send the keys as the browser's subscription gives them."),
            code="malformed",
        )


def _digest(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode()).digest()
