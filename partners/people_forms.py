"""Forms by which people are invited and given roles."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from leadhub.core.pages.forms import LongSelect
from partners.models import Partner
from partners.models.accounts import PARTNER_ROLES, Role

TEAM_ROLES = [(role.value, role.label) for role in Role if role not in PARTNER_ROLES]
THEIR_ROLES = [(role.value, role.label) for role in reversed(PARTNER_ROLES)]


class InviteForm(forms.Form):
    """Who is invited to what; mails are in the language chosen unless the person has an account."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=TEAM_ROLES)
    partner = forms.ChoiceField(label=_("Partner"), widget=LongSelect)
    language = forms.ChoiceField(
        label=_("Language of the mail"), choices=settings.LANGUAGES, initial="de"
    )

    def __init__(self, data: Any = None, *, partners: Iterable[Partner] = ()) -> None:
        super().__init__(data)
        self.partners = {str(partner.id): partner for partner in partners}
        if not self.partners:
            del self.fields["partner"]
            return
        self._choice("role").choices = THEIR_ROLES
        self._choice("partner").choices = [(key, one.name) for key, one in self.partners.items()]
        if len(self.partners) == 1:
            self.fields["partner"].widget = forms.HiddenInput()
            self.fields["partner"].initial = next(iter(self.partners))

    @property
    def chosen_partner(self) -> Partner | None:
        """The partner that was chosen, if it is for one."""
        return self.partners.get(self.cleaned_data.get("partner", ""))

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        return field


class NewAccountForm(forms.Form):
    """What somebody who is invited and has no account tells of themselves."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=200,
        help_text=_("At least 8 characters, and none that everybody uses."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuse what is guessed easily."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
