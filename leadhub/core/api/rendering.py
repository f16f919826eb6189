"""Answers in JSON: instants in UTC with ``Z``, money as strings."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class JSONRenderer(BaseRenderer):
    """Render plain values, fast."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Write the value; an empty answer stays empty."""
        if data is None:
            return b""
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class AlwaysJSON(DefaultContentNegotiation):
    """Answer in the first format that a view offers, unless the client asks for another of them."""

    def select_renderer(  # type: ignore[override]
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Choose by the whole media types that the client names, never refusing."""
        accepted = request.META.get("HTTP_ACCEPT", "")
        for renderer in renderers:
            if renderer.media_type in accepted:
                return renderer, renderer.media_type
        return renderers[0], renderers[0].media_type
