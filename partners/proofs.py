"""How somebody proved who they are in this session, and what that is good for."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from partners.models import User
from partners.sessions import PROVIDER_KEY

SECOND_FACTOR = "mfa"
RECENTLY = 300.0  # seconds
# After that a provider is asked again whether somebody still works there.
PROVIDER_IS_BELIEVED_FOR = timedelta(hours=12)


def reach_of(request: HttpRequest) -> UUID | None:
    """Tell to which manufacturer alone a session reaches; ``None`` if to all of the person's.

    A manufacturer's provider can say anything of anybody. So a log-in by it shows nothing of
    another manufacturer, and changes nothing that protects the account.
    """
    stored = request.session.get(PROVIDER_KEY)
    return UUID(stored) if stored else None


def has_second_factor(request: HttpRequest, user: User) -> bool:
    """Tell whether an authenticator app, a passkey or a recovery code was used in this session.

    To ask for a second factor is up to a manufacturer's provider, as far as its log-in reaches.
    """
    if reach_of(request) is not None:
        return True
    return any(record.get("method") == SECOND_FACTOR for record in _records(request, user))


def has_factor(user: User) -> bool:
    """Tell whether somebody set up an authenticator app or a passkey, in a context of theirs."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))


def owes_second_factor(request: HttpRequest, user: User) -> bool:
    """Tell whether a session is older than the second factor of its owner, and never showed it.

    Whoever was let in by a password alone is not to do away with what was added to it since.
    """
    return not has_second_factor(request, user) and has_factor(user)


def _records(request: HttpRequest, user: User) -> list[Mapping[str, Any]]:
    return list(get_authentication_records(request, user))


def is_recent(records: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether somebody showed who they are just now; needs no second question then."""
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return time.time() - newest < RECENTLY
