"""Who we are to push services (RFC 8292): one key of the installation, made the first time."""

import base64
import os
import time
from email.utils import parseaddr
from functools import cache, lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from py_vapid import Vapid02

NAME = "vapid.pem"
# Signed anew each hour, valid for twice as long; a day is the most that is allowed.
SIGNED_FOR = 3_600


def public_key() -> str:
    """Tell what browsers need to subscribe: ``applicationServerKey``, in base64url."""
    return _text(_key(_place()).public_key())


def authorization(origin: str) -> str:
    """Sign who we are, for one push service.

    :param origin: scheme, host and port of the push service.
    """
    return _signed(_place(), origin, int(time.time() // SIGNED_FOR))


@lru_cache(maxsize=200)
def _signed(place: Path, origin: str, period: int) -> str:
    claims = {
        "aud": origin,
        "exp": (period + 2) * SIGNED_FOR,
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    signer = Vapid02(private_key=_key(place))
    header: str = signer.sign(claims)["Authorization"]
    return header


def _place() -> Path:
    return Path(settings.VAPID_KEY_FILE)


@cache
def _key(place: Path) -> EllipticCurvePrivateKey:
    """Read the key, and make it if there is none; of several processes one makes it."""
    if not place.exists():
        _make(place)
    key = load_pem_private_key(place.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        msg = f"{place} holds no key on the curve P-256."
        raise TypeError(msg)
    return key


def _make(place: Path) -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    try:
        # A link is made whole or not at all, and never over what another process made.
        os.link(draft, place)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _text(key: object) -> str:
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)  # type: ignore[attr-defined]
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
