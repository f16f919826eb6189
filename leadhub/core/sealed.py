"""Secrets that have to be read again, such as those of authenticators: never in clear at rest."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotUnseal(ValueError):
    """The text was sealed by another installation, for another purpose, or changed."""


def seal(text: str, *, purpose: str) -> str:
    """Encrypt a text by the installation's ``SECRET_KEY``, readable for the same purpose only."""
    return _cipher(purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, *, purpose: str) -> str:
    """Read a sealed text again, also by keys in ``SECRET_KEY_FALLBACKS``.

    :raises CannotUnseal: if no key of the installation opens it.
    """
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        msg = "A secret was sealed by another SECRET_KEY: set it, or add it as a fallback."
        raise CannotUnseal(msg) from None


def _cipher(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_key_for(purpose, key) for key in keys])


def _key_for(purpose: str, key: str) -> Fernet:
    # The key is long and random: one digest is enough to give each purpose a key of its own.
    digest = hashlib.blake2b(
        purpose.encode(), key=hashlib.sha512(key.encode()).digest(), digest_size=32
    ).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
