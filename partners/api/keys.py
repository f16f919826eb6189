"""Calls about API keys: the manufacturer's own, and those of its partners."""

from datetime import timedelta
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.serializers import (
    API_KEY,
    ApiKeyOutput,
    NewKeyInput,
    RotateKeyInput,
    ShownKeyOutput,
)
from partners.api.views import ApiView
from partners.keys import OVERLAP, issue_key, prefix_of, revoke_key, rotate_key
from partners.roles import Capability
from partners.selectors import keys_visible_to, partner_named

NEW, ROTATION = NewKeyInput(), RotateKeyInput()


class KeyView(ApiView):
    """What calls about keys share."""

    needs: ClassVar[dict[str, Capability]] = {
        "GET": Capability.MANAGE_KEYS,
        "POST": Capability.MANAGE_KEYS,
        "DELETE": Capability.MANAGE_KEYS,
    }
    secrets = ("key",)

    def answer_token(self, token: str) -> Response:
        """Answer a new key with all that is known of it, and itself, this once."""
        key = keys_visible_to(self.actor).get(prefix=prefix_of(token))
        return Response({**API_KEY.to_representation(key), "key": token}, status=201)


class KeysView(KeyView):
    """``/keys/``."""

    @extend_schema(operation_id="list_keys", responses=ApiKeyOutput(many=True))
    def get(self, request: Request) -> Response:
        """List keys, the newest first, also those that are over."""
        return self.answer_page(keys_visible_to(self.actor), API_KEY)

    @extend_schema(operation_id="create_key", request=NewKeyInput, responses={201: ShownKeyOutput})
    def post(self, request: Request) -> Response:
        """Make a key; it is shown this once.

        :raises MoreThanOwn: if it would get a scope that the key which asks lacks.
        :raises TooManyKeys: if two of this name are live.
        """
        sent = self.read(NEW)
        token = issue_key(
            name=sent["name"],
            partner=partner_named(sent.get("partner"), actor=self.actor),
            scopes=sent.get("scopes"),
            within=self.holder.scopes,
            expires_at=sent.get("expires_at"),
            by=self.actor,
            at=self.at,
        )
        return self.answer_token(token)


class KeyDetailView(KeyView):
    """``/keys/{id}/``."""

    @extend_schema(operation_id="get_key", responses=ApiKeyOutput)
    def get(self, request: Request, key_id: str) -> Response:
        """Show what is known of a key."""
        key = self.find(keys_visible_to(self.actor), key_id)
        return Response(API_KEY.to_representation(key))

    @extend_schema(operation_id="revoke_key", responses={204: None})
    def delete(self, request: Request, key_id: str) -> Response:
        """Revoke a key, at once; one that is revoked stays so."""
        key = self.find(keys_visible_to(self.actor), key_id)
        revoke_key(key=key, by=self.actor, at=self.at)
        return Response(status=204)


class RotateKeyView(KeyView):
    """``/keys/{id}/rotate/``."""

    @extend_schema(
        operation_id="rotate_key", request=RotateKeyInput, responses={201: ShownKeyOutput}
    )
    def post(self, request: Request, key_id: str) -> Response:
        """Make the key's successor, shown this once; the key itself expires after the overlap.

        :raises KeyIsOver: if the key is revoked or expired.
        :raises TooManyKeys: if it has a successor already.
        :raises MoreThanOwn: if the successor would get a scope that the key which asks lacks.
        """
        key = self.find(keys_visible_to(self.actor), key_id)
        sent = self.read(ROTATION)
        overlap = timedelta(seconds=sent["overlap"]) if "overlap" in sent else OVERLAP
        token = rotate_key(
            key=key, overlap=overlap, within=self.holder.scopes, by=self.actor, at=self.at
        )
        return self.answer_token(token)
