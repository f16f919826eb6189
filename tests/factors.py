"""Second factors of people in tests: authenticator apps, and what they show."""

import time

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    validate_totp_code,
)
from allauth.mfa.utils import decrypt
from django.contrib.sessions.backends.base import SessionBase
from django.test import RequestFactory

from leadhub.core.tenancy.context import system_context
from partners.models import User

# Of people who do not exist; one for all, so that a test that knows the person knows the code.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - of people who do not exist


def code_of(secret: str = SECRET, *, steps: int = 0) -> str:
    """Tell what the app shows now, or so many steps of 30 s later."""
    counter = int(time.time()) // app_settings.TOTP_PERIOD + steps
    return str(format_hotp_value(hotp_value(secret, counter)))


def give_app(user: User, secret: str = SECRET) -> Authenticator:
    """Let somebody have an authenticator app, unless they have one."""
    with system_context("test.give_app"):
        found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
        return found or TOTP.activate(user, secret).instance


def show_second_factor(session: SessionBase, user: User) -> None:
    """Type the code of somebody's app, and note in the session that it was right."""
    app = give_app(user)
    request = RequestFactory().post("/log-in/second-factor/")
    request.session = session
    with context.request_context(request):
        # Somebody may be logged in several times within a test; a code is taken by a page but once.
        assert validate_totp_code(decrypt(app.data["secret"]), code_of())
        record_authentication(request, user, "mfa", id=app.pk, type=app.type)
