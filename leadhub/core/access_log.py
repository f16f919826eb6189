"""The web server's log of requests, should one be asked for: secrets in a path are left out."""

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from leadhub.core.logs import without_personal_data


class DiscreetLogger(Logger):  # type: ignore[misc]
    """Writes which path was asked for, its secrets left out."""

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        """Tell what the lines of the log are made of."""
        told: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {
            name: without_personal_data(value) if isinstance(value, str) else value
            for name, value in told.items()
        }
