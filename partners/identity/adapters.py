"""How allauth is to act here: who may log in, how often they may try, and what they are told."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.pages.languages import remember_language
from leadhub.core.sealed import seal, unseal
from leadhub.core.visitors import address_of
from partners.identity.throttling import TooManyAttempts, place_of, seconds_to_wait
from partners.known_devices import remember_after_log_in
from partners.letters import send_letter
from partners.memberships import is_staff
from partners.models import User
from partners.proofs import is_recent

PURPOSE = "second factor"

# What is said after something was done, by the name of allauth's own template; the rest is not.
SAID: Mapping[str, Promise] = {
    "account/messages/login_code_sent.txt": _("If there is an account, a code is on its way."),
    "account/messages/password_changed.txt": _("Your password was changed."),
    "account/messages/password_set.txt": _("Your password was set."),
    "mfa/messages/totp_activated.txt": _("Your authenticator app was added."),
    "mfa/messages/totp_deactivated.txt": _("Your authenticator app was removed."),
    "mfa/messages/webauthn_added.txt": _("Your passkey was added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey was removed."),
    "usersessions/messages/sessions_logged_out.txt": _("All other devices were logged out."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are by invitation, and known by their e-mail address alone."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This address and password do not go together."),
        "incorrect_code": _("This code is not right, or it was used already."),
        "incorrect_password": _("This password is not right."),
        "enter_current_password": _("This is not your present password."),
        "too_many_login_attempts": _("Too many attempts. Please wait a few minutes."),
        "rate_limited": _("Too many attempts. Please wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password; of an account that is closed nothing is told, not even that."""
        user = super().authenticate(request, **credentials)
        return user if isinstance(user, User) and user.is_active else None

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        """Lead on, in the person's language from now on."""
        response: HttpResponse = super().post_login(request, user, **options)
        remember_language(response, user.language)
        remember_after_log_in(request, response, user)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Answer whoever shows a passkey of an account that is closed as one that nobody knows."""
        messages.error(request, str(self.error_messages["incorrect_code"]))
        return redirect("person-log-in")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to where one logs in."""
        return reverse("person-log-in")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the account."""
        return reverse("person-account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Name the address in the mail: the installation's own, whatever host was asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "U", "key": "K"})
        return f"{settings.LEADHUB_BASE_URL}{path.replace('U-K', key)}"

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Ask again who it is before something sensitive, unless that was shown just now."""
        return not is_recent(get_authentication_records(context.request, context.request.user))

    def add_message(  # noqa: PLR0917 - as allauth calls it
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: Mapping[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say what was done, in our words; of most steps nothing needs to be said."""
        said = message or SAID.get(message_template or "")
        if said:
            messages.add_message(request, level, str(said))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Tell the address of whoever asks, by the one reading of it."""
        return address_of(request)

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Send a code or a link."""
        reader = User.objects.filter(email=email.lower()).first()
        # What is written in the mail, and not the request that asked for it.
        told = {name: context[name] for name in ("code", "password_reset_url") if name in context}
        send_letter(template_prefix.rpartition("/")[2], to=email, reader=reader, **told)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: Mapping[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell somebody that their account is protected in another way from now on."""
        send_letter("account_changed", to=user.email, reader=user, what=template_prefix)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures of an address together with where they come from."""
        return place_of(request, credentials.get("email", ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse before the password is looked at, saying how long to wait.

        :raises ValidationError: if there were too many failures.
        """
        key = self._get_login_attempts_cache_key(request, **credentials)
        seconds = seconds_to_wait(request, action="login_failed", key=key)
        if seconds:
            raise TooManyAttempts(seconds)
        super().pre_authenticate(request, **credentials)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticators are kept sealed, and a manufacturer's people keep one at least."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or it was used already."),
        "cannot_delete_authenticator": _(
            "You work for a manufacturer, which takes a second factor: add another one first."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Seal the secret of an authenticator."""
        return seal(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Read the secret of an authenticator."""
        return unseal(encrypted_text, purpose=PURPOSE)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Leave somebody who needs a second factor with one that is no recovery code."""
        if not is_staff(authenticator.user_id):
            return True
        factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=factors)
        return bool(others.exclude(id=authenticator.id).exists())

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """Name a passkey that its owner gave no name."""
        number = Authenticator.objects.filter(user_id=user.id, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the product on the device."""
        return {**super().get_public_key_credential_rp_entity(), "name": "leadhub"}
