"""Bodies in JSON, no larger than a call takes."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from leadhub.core.api.problems import BodyTooLarge


class JSONParser(BaseParser):
    """Read a JSON body up to a size; views may allow more (``body_max_bytes``)."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read the body.

        :raises BodyTooLarge: if it is longer than the call takes.
        :raises ParseError: if it is not JSON.
        """
        view = (parser_context or {}).get("view")
        most = getattr(view, "body_max_bytes", settings.API_BODY_MAX_BYTES)
        body = stream.read(most + 1)
        if len(body) > most:
            raise BodyTooLarge
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            detail = f"This is not JSON: {error}"
            raise ParseError(detail) from error
