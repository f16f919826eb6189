"""How somebody proved who they are in this session, and what that is good for."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from partners.models import User

SECOND_FACTOR = "mfa"
RECENTLY = 300.0  # seconds


def has_second_factor(request: HttpRequest, user: User) -> bool:
    """Tell whether an authenticator app, a passkey or a recovery code was used in this session."""
    return any(record.get("method") == SECOND_FACTOR for record in _records(request, user))


def _records(request: HttpRequest, user: User) -> list[Mapping[str, Any]]:
    return list(get_authentication_records(request, user))


def is_recent(records: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether somebody showed who they are just now; needs no second question then."""
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return time.time() - newest < RECENTLY
