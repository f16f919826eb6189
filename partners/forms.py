"""Forms of accounts and of a network's set-up."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LogInForm(forms.Form):
    """Who it is, by e-mail address and password."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(
            {"autocomplete": "username", "inputmode": "email", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
