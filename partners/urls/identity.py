"""Addresses of logging in and of what protects it, under the names by which allauth knows them."""

from typing import Any

from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, path, re_path

from partners.identity import invitations, provider, views
from partners.identity.company import company
from partners.identity.door import identity_page


def page(route: str, view: Any, name: str) -> URLPattern:
    """Put a view of allauth's behind the door."""
    return path(route, identity_page(name)(view), name=name)


_log_in = identity_page("log_in", is_entrance=True)(views.LogInView.as_view())

urlpatterns = [
    path("log-in/", _log_in, name="person-log-in"),
    path("log-in/", _log_in, name="account_login"),
    path("log-in/company/", company, name="person-company"),
    path("log-in/with/<slug:provider_id>/", provider.start, name="openid_connect_login"),
    path(
        "log-in/with/<slug:provider_id>/back/", provider.come_back, name="openid_connect_callback"
    ),
    page("log-in/code/", views.AskForCodeView.as_view(), "account_request_login_code"),
    page("log-in/code/confirm/", views.TypeCodeView.as_view(), "account_confirm_login_code"),
    page("log-in/second-factor/", views.SecondFactorView.as_view(), "mfa_authenticate"),
    page("log-in/passkey/", passkeys.LoginWebAuthnView.as_view(), "mfa_login_webauthn"),
    page("password/forgotten/", views.AskForNewPasswordView.as_view(), "account_reset_password"),
    page(
        "password/forgotten/sent/",
        views.NewPasswordAskedView.as_view(),
        "account_reset_password_done",
    ),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        identity_page("new_password")(views.NewPasswordView.as_view()),
        name="account_reset_password_from_key",
    ),
    page(
        "password/new/done/",
        views.NewPasswordSetView.as_view(),
        "account_reset_password_from_key_done",
    ),
    path("invitations/<str:token>/", invitations.open_invitation, name="person-invitation-open"),
    path(
        "invitation/",
        identity_page("invitation")(invitations.show_invitation),
        name="person-invitation",
    ),
    page("account/password/", views.ChangePasswordView.as_view(), "account_change_password"),
    page("account/password/first/", views.FirstPasswordView.as_view(), "account_set_password"),
    page("account/again/", views.PasswordAgainView.as_view(), "account_reauthenticate"),
    page("account/again/code/", views.SecondFactorAgainView.as_view(), "mfa_reauthenticate"),
    page(
        "account/again/passkey/",
        passkeys.ReauthenticateWebAuthnView.as_view(
            template_name="partners/identity/who_again_passkey.html"
        ),
        "mfa_reauthenticate_webauthn",
    ),
    page("account/devices/", views.SessionsView.as_view(), "usersessions_list"),
    page("account/security/", views.SecurityView.as_view(), "mfa_index"),
    page("account/security/app/", views.ActivateAppView.as_view(), "mfa_activate_totp"),
    page(
        "account/security/app/remove/",
        DeactivateTOTPView.as_view(template_name="partners/identity/remove_factor.html"),
        "mfa_deactivate_totp",
    ),
    page(
        "account/security/recovery-codes/",
        codes.ViewRecoveryCodesView.as_view(template_name="partners/identity/recovery_codes.html"),
        "mfa_view_recovery_codes",
    ),
    page(
        "account/security/recovery-codes/new/",
        codes.GenerateRecoveryCodesView.as_view(
            template_name="partners/identity/new_recovery_codes.html"
        ),
        "mfa_generate_recovery_codes",
    ),
    page("account/security/passkeys/add/", views.AddPasskeyView.as_view(), "mfa_add_webauthn"),
    page(
        "account/security/passkeys/<int:pk>/remove/",
        views.RemovePasskeyView.as_view(),
        "mfa_remove_webauthn",
    ),
]
