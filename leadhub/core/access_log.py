"""The web server's log of requests, should one be asked for: secrets in a path are left out."""

import os
from datetime import timedelta
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from leadhub.core.logs import make_formatter, without_personal_data


class DiscreetLogger(Logger):  # type: ignore[misc]
    """Writes which path was asked for, its secrets left out, and its own lines as others do."""

    def setup(self, cfg: Any) -> None:
        """Set the web server's own log up."""
        super().setup(cfg)
        # The web server logs before it loads the application, which sets this as well.
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")
        for handler in self.error_log.handlers:
            handler.setFormatter(make_formatter(settings.LOG_FORMAT))

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        """Tell what the lines of the log are made of."""
        told: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {
            name: without_personal_data(value) if isinstance(value, str) else value
            for name, value in told.items()
        }
