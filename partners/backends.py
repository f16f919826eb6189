"""Checks an e-mail address and a password, before anybody's rows may be seen."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from leadhub.core.tenancy.context import system_context
from partners.models import User


class EmailBackend(ModelBackend):
    """Finds people by e-mail address over all manufacturers."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Tell who it is; an unknown address takes as long as a wrong password."""
        with system_context("backends.authenticate"):
            user = super().authenticate(request, username=username, password=password, **kwargs)
        return user if isinstance(user, User) else None
