"""Allauth's views where they are to act in another way than usual."""

from http import HTTPStatus
from itertools import chain
from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as factors
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext

from leadhub.core import clock
from leadhub.core.pages.headers import tokened_page
from partners.identity.throttling import TooManyAttempts, seconds_to_wait
from partners.known_devices import end_proofs, is_known, remember
from partners.proofs import SECOND_FACTOR, has_factor
from partners.sessions import name_device

LONGEST_NUMBER = 18  # digits; what a column of the database holds has no more


def answer_refused(response: HttpResponse, form: Form, *, wait: int = 0) -> HttpResponse:
    """Say by status that a form was refused, and how long to wait if that was the reason.

    :param wait: seconds, if the form does not know.
    """
    response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    for error in chain.from_iterable(form.errors.as_data().values()):
        if isinstance(error, TooManyAttempts):
            wait = error.seconds
    if wait:
        response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        response.headers["Retry-After"] = str(wait)
    return response


class Refuses:
    """Answers a form that was refused with a status that says so."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again."""
        return answer_refused(super().form_invalid(form), form)  # type: ignore[misc]


class LogInView(Refuses, account.LoginView):  # type: ignore[misc]
    """Log in by e-mail address and password."""

    template_name = "partners/log_in.html"


class AskForCodeView(Refuses, account.RequestLoginCodeView):  # type: ignore[misc]
    """Ask for a code to log in."""

    template_name = "partners/identity/ask_for_code.html"


class TypeCodeView(Refuses, account.ConfirmLoginCodeView):  # type: ignore[misc]
    """Log in by a code."""

    template_name = "partners/identity/type_code.html"


class AskForNewPasswordView(Refuses, account.PasswordResetView):  # type: ignore[misc]
    """Ask for a link to choose a new password."""

    template_name = "partners/identity/ask_for_new_password.html"


class NewPasswordAskedView(account.PasswordResetDoneView):  # type: ignore[misc]
    """Say that a link is on its way, if there is an account."""

    template_name = "partners/identity/new_password_asked.html"


class NewPasswordView(Refuses, account.PasswordResetFromKeyView):  # type: ignore[misc]
    """Choose a new password by a link that was mailed."""

    template_name = "partners/identity/new_password.html"

    def dispatch(self, request: HttpRequest, uidb36: str, key: str, **named: Any) -> HttpResponse:
        """Tell nobody the address while it holds the key; it leads on to one without."""
        answer = super().dispatch
        if key != self.reset_url_key:
            answer = tokened_page(answer)
        response: HttpResponse = answer(request, uidb36=uidb36, key=key, **named)
        return response


class NewPasswordSetView(account.PasswordResetFromKeyDoneView):  # type: ignore[misc]
    """Say that the new password holds."""

    def get(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """Lead to the log-in, where it is said."""
        return redirect("person-log-in")


class ChangePasswordView(Refuses, account.PasswordChangeView):  # type: ignore[misc]
    """Change one's password."""

    template_name = "partners/identity/change_password.html"


class FirstPasswordView(Refuses, account.PasswordSetView):  # type: ignore[misc]
    """Choose a password where there was none."""

    template_name = "partners/identity/change_password.html"


class PasswordAgainView(Refuses, account.ReauthenticateView):  # type: ignore[misc]
    """Ask for the password once more."""

    template_name = "partners/identity/who_again.html"


class SecondFactorView(factors.AuthenticateView):  # type: ignore[misc]
    """Ask for the second factor of a log-in."""

    template_name = "partners/identity/second_factor.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again."""
        wait = 0
        if any(errors.as_data()[0].code == "too_many_login_attempts" for errors in _errors(form)):
            key = f"mfa-auth-user-{self.stage.login.user.pk}"
            wait = max(1, seconds_to_wait(self.request, action="login_failed", key=key))
        return answer_refused(super().form_invalid(form), form, wait=wait)


class SecondFactorAgainView(Refuses, factors.ReauthenticateView):  # type: ignore[misc]
    """Ask for the second factor once more."""

    template_name = "partners/identity/who_again.html"


class SecurityView(factors.IndexView):  # type: ignore[misc]
    """Show what protects the account."""

    template_name = "partners/identity/security.html"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Tell whether there is a factor besides the password."""
        context: dict[str, Any] = super().get_context_data(**named)
        return {**context, "has_factor": has_factor(self.request.user)}


class ActivateAppView(Refuses, ActivateTOTPView):  # type: ignore[misc]
    """Add an authenticator app."""

    template_name = "partners/identity/activate_app.html"

    def form_valid(self, form: Form) -> HttpResponse:
        """Add it; its first code is the second factor of this session."""
        response: HttpResponse = super().form_valid(form)
        record_authentication(
            self.request, self.request.user, method=SECOND_FACTOR, type=Authenticator.Type.TOTP
        )
        return response


class AddPasskeyView(Refuses, AddWebAuthnView):  # type: ignore[misc]
    """Add a passkey: kept on the device, opened by finger, face or its own code."""

    template_name = "partners/identity/add_passkey.html"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Ask the browser for a key by which one can log in without a password."""
        context: dict[str, Any] = super().get_context_data(**named)
        options = begin_registration(self.request.user, passwordless=True)
        return {**context, **named, "js_data": {"creation_options": options}}

    def form_valid(self, form: Form) -> HttpResponse:
        """Add it; having made it is the second factor of this session."""
        response: HttpResponse = super().form_valid(form)
        record_authentication(
            self.request, self.request.user, method=SECOND_FACTOR, type=Authenticator.Type.WEBAUTHN
        )
        return response


class RemovePasskeyView(RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey, unless it is the only second factor of somebody who needs one."""

    template_name = "partners/identity/remove_factor.html"

    def get_success_url(self) -> str:
        """Lead back to what protects the account."""
        return reverse("mfa_index")

    def form_valid(self, form: Form) -> HttpResponse:
        """Remove it, or say why not."""
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, str(adapter.error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_index")
        return super().form_valid(form)  # type: ignore[no-any-return]


class SessionsView(ListUserSessionsView):  # type: ignore[misc]
    """Show on which devices somebody is logged in, and end some of these sessions."""

    template_name = "partners/identity/sessions.html"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Name the devices, the one in use first, then the one seen last."""
        context: dict[str, Any] = super().get_context_data(**named)
        devices = [
            {"session": one, "name": name_device(one.user_agent), "is_this": one.is_current()}
            for one in sorted(context["sessions"], key=lambda one: one.last_seen_at, reverse=True)
        ]
        devices.sort(key=lambda device: not device["is_this"])
        return {**context, "devices": devices}

    def form_valid(self, form: Form) -> HttpResponse:
        """End the session that is named, or all but this one."""
        named = self.request.POST.get("session", "")
        if not named:
            return self._without_proofs(super().form_valid(form))
        if not named.isdecimal() or len(named) > LONGEST_NUMBER:
            raise Http404
        session = get_object_or_404(UserSession, pk=named, user=self.request.user)
        session.end()
        messages.success(self.request, gettext("The device was logged out."))
        return self._without_proofs(redirect("usersessions_list"))

    def _without_proofs(self, response: HttpResponse) -> HttpResponse:
        """Let links and known devices end as well; which of them was whose, nobody knows."""
        at = clock.now()
        is_known_here = is_known(self.request, self.request.user, at=at)
        end_proofs(self.request.user, at=at)
        if is_known_here:
            remember(response, self.request.user, at=at)
        return response


def _errors(form: Form) -> list[Any]:
    return list(form.errors.values())
