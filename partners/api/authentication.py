"""Who calls: the key in ``Authorization: Bearer``."""

from datetime import datetime
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from leadhub.core.log_context import note_tenant
from partners.keys import KeyHolder, find_key_holder

CHALLENGE = 'Bearer realm="leadhub"'


class KeyRefused(AuthenticationFailed):
    """The key is unknown, revoked or expired."""

    auth_header = CHALLENGE
    default_detail = "This key is unknown, expired or revoked."


class NoKey(KeyRefused):
    """There is none."""

    default_code = "not_authenticated"
    default_detail = "Send your key: Authorization: Bearer <key>."


class ApiKeyAuthentication(BaseAuthentication):
    """Finds the key's holder: the actor it acts as, and its scopes."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, datetime]:
        """Check the key; every request needs one.

        :returns: the holder, and the instant of the request by the one clock, asked once.
        :raises NoKey: if it is missing.
        :raises KeyRefused: if it is unknown, revoked or expired.
        """
        kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise NoKey
        holder = find_key_holder(token.strip())
        if holder is None:
            raise KeyRefused
        note_tenant(holder.actor.manufacturer_id)
        return holder, holder.at

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme for ``WWW-Authenticate``."""
        return CHALLENGE


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document tells of the key."""

    target_class = "partners.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Describe the header."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of a manufacturer or of a partner.",
        }
