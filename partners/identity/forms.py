"""The forms of allauth in our words, and what they check beyond it."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as factors
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from partners.identity.adapters import SecondFactorAdapter
from partners.identity.throttling import count_mail
from partners.memberships import is_staff
from partners.models import User

CODE_WIDGET = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
# Longer than an authenticator's code can be valid, with a step of tolerance either way.
CODE_IS_REMEMBERED = 120  # seconds
LONGEST_PASSWORD = 200


def email_field(**attributes: object) -> forms.EmailField:
    """Ask for an e-mail address."""
    given = {"autocomplete": "username", "inputmode": "email", **attributes}
    return forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(given)
    )


def password_field(label: Any, *, autocomplete: str, **options: Any) -> forms.CharField:
    """Ask for a password."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput({"autocomplete": autocomplete}),
        **options,
    )


def code_field(label: Any, **attributes: object) -> forms.CharField:
    """Ask for a code."""
    return forms.CharField(
        label=label, max_length=40, widget=forms.TextInput({**CODE_WIDGET, **attributes})
    )


class LogInForm(account.LoginForm):  # type: ignore[misc]
    """Who it is, by e-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = email_field(autofocus=True)
        self.fields["password"] = password_field(_("Password"), autocomplete="current-password")
        self.order_fields(["login", "password"])

    def add_prefix(self, field_name: str) -> str:
        """Call the address what it is."""
        return super().add_prefix("email" if field_name == "login" else field_name)  # type: ignore[no-any-return]


class PasswordAgainForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something sensitive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field(_("Password"), autocomplete="current-password")


class AskForCodeForm(account.RequestLoginCodeForm):  # type: ignore[misc]
    """Where a code to log in is to be sent."""

    _user: User | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field(autofocus=True)

    def clean_email(self) -> str:
        """Find the account; a manufacturer's people get no code, and nobody is told which.

        :raises TooManyAttempts: if so many codes were asked for here.
        """
        count_mail(context.request, self.cleaned_data["email"])
        email: str = super().clean_email()
        if self._user is not None and is_staff(self._user.id):
            self._user = None
        return email


class TypeCodeForm(account.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code that was sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field(
            _("Code from the mail"), inputmode="text", autocapitalize="none"
        )


class AskForNewPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    """Where the link to choose a new password is to be sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field(autofocus=True)

    def clean_email(self) -> str:
        """Find the account, if there is one.

        :raises TooManyAttempts: if so many links were asked for here.
        """
        count_mail(context.request, self.cleaned_data["email"])
        email: str = super().clean_email()
        return email


class _OnePassword(forms.Form):
    """A new password, typed once: browsers show it on demand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password1"]
        field.label = _("New password")
        field.help_text = _("At least 8 characters, and none that everybody uses.")
        field.widget = forms.PasswordInput({"autocomplete": "new-password"})
        del self.fields["password2"]


class NewPasswordForm(_OnePassword, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password instead of a forgotten one."""


class FirstPasswordForm(_OnePassword, account.SetPasswordForm):  # type: ignore[misc]
    """A password where there was none."""


class ChangePasswordForm(_OnePassword, account.ChangePasswordForm):  # type: ignore[misc]
    """A new password instead of the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = password_field(
            _("Present password"), autocomplete="current-password"
        )
        self.order_fields(["oldpassword", "password1"])


class _CodeOnce(forms.Form):
    """A code of an authenticator or a recovery code; none is taken twice."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field(pgettext_lazy("of an authenticator", "Code"))

    def clean_code(self) -> str:
        """Check the code, and that nobody typed it before while it is valid."""
        code: str = super().clean_code()  # type: ignore[misc]
        name = f"second-factor:{self.user.pk}:{''.join(code.split())}"
        if not cache.add(name, "used", timeout=CODE_IS_REMEMBERED):
            reason = "incorrect_code"
            raise SecondFactorAdapter().validation_error(reason)
        return code


class SecondFactorForm(_CodeOnce, factors.AuthenticateForm):  # type: ignore[misc]
    """The second factor of a log-in."""


class SecondFactorAgainForm(_CodeOnce, factors.ReauthenticateForm):  # type: ignore[misc]
    """The second factor once more, before something sensitive."""


class ActivateAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field(_("Code that the app shows"))


class _CredentialField(forms.JSONField):
    """What a browser says of a passkey, by whoever sends it."""

    default_error_messages = {"invalid": _("The passkey could not be read. Try again.")}

    def to_python(self, value: Any) -> Any:
        """Read it, unless it is nested more deeply than can be read."""
        try:
            return super().to_python(value)
        except RecursionError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class _Passkey(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = _CredentialField(widget=forms.HiddenInput)


class PasskeyLogInForm(_Passkey, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of a password."""


class PasskeyForm(_Passkey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second factor of a log-in."""


class PasskeyAgainForm(_Passkey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey once more, before something sensitive."""


class AddPasskeyForm(_Passkey, AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey, which the browser makes and signs for."""

    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("Name"),
            max_length=60,
            required=False,
            initial="",
            help_text=_("Such as the device that it is kept on."),
        )
