"""Forms of the set-up that belong to no partner: retention, single sign-on, changes to show."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from partners.change_words import KINDS
from partners.tenants import LONGEST_RETENTION, SHORTEST_RETENTION


class RetentionForm(forms.Form):
    """How long customers' personal data is kept."""

    months = forms.IntegerField(
        label=_("Months after a lead has ended"),
        min_value=SHORTEST_RETENTION,
        max_value=LONGEST_RETENTION,
        help_text=_("Won, lost, withdrawn and rejected leads; those in work are kept."),
    )


class ChangeFilterForm(forms.Form):
    """Which changes to show."""

    kind = forms.ChoiceField(label=_("What"), required=False)
    text = forms.CharField(
        label=_("Name"), required=False, max_length=100, widget=forms.TextInput({"type": "search"})
    )
    actor = forms.ChoiceField(label=_("By whom"), required=False)
    first_day = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    last_day = forms.DateField(
        label=pgettext_lazy("last day", "To"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
    )
    object = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted((name, label) for label, name in people.items() if name)
        nameless = sorted(label for label, name in people.items() if not name)
        self.fields["kind"].choices = [("", gettext("Everything")), *KINDS.items()]  # type: ignore[attr-defined]
        self.fields["actor"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Everybody")),
            *((label, name) for name, label in named),
            *((label, label.partition(":")[2]) for label in nameless),
        ]


class ConnectionForm(forms.Form):
    """What is needed to ask a provider who somebody is."""

    issuer = forms.CharField(
        label=_("Address of the provider (issuer)"),
        max_length=300,
        widget=forms.URLInput({"placeholder": "https://"}),
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=200)
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_(
            "It is never shown again."
            " Leave it empty to keep the present one, unless the address changes."
        ),
    )
    domain = forms.CharField(
        label=_("Domain of your e-mail addresses"),
        max_length=200,
        help_text=_("Only addresses of this domain are let in."),
    )
