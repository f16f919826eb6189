"""Digests of secrets that are handed out once: all that is kept of them."""

import hashlib


def digest_secret(secret: str) -> bytes:
    """Digest a secret of 256 random bits; no slower digest would make it harder to guess."""
    return hashlib.sha256(secret.encode()).digest()
