"""Second factors, set or reset without a log-in: by the demo world or a command."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt

from leadhub.core.tenancy.context import system_context
from partners.letters import send_letter
from partners.models import User


def new_secret() -> str:
    """Make the secret of an authenticator app, in base 32."""
    return str(generate_totp_secret())


def set_app(user_id: UUID, secret: str) -> None:
    """Let somebody's log-in ask for what an authenticator app with this secret shows."""
    with system_context("second_factors.set_app"):
        apps = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP)
        apps.delete()
        TOTP.activate(User.objects.get(id=user_id), secret)


def code_now(email: str) -> str | None:
    """Tell what somebody's authenticator app shows now; ``None`` if they have none."""
    with system_context("second_factors.code_now"):
        app = Authenticator.objects.filter(
            user__email=email.lower(), type=Authenticator.Type.TOTP
        ).first()
    if app is None:
        return None
    counters = list(yield_hotp_counters_from_time())
    secret = decrypt(app.data["secret"])
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


def take_off(email: str) -> bool:
    """Take all second factors off somebody who lost them; they set up new ones when they log in.

    A mail tells them, in case it was somebody else who asked for it.

    :returns: whether there is an account with this address.
    """
    with system_context("second_factors.take_off"):
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            return False
        count, _ = Authenticator.objects.filter(user_id=user.id).delete()
        if count:
            send_letter("account_changed", to=user.email, reader=user, what="second_factors_reset")
        return True
