"""Forms of API keys."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.roles import Kind, scopes_of

SCOPE_WORDS = {
    "leads:write": _("Send leads and act on them"),
    "leads:read": _("Read leads"),
    "partners:write": _("Change partners, rules and keys"),
    "partners:read": _("Read partners and rules"),
    "kpis:read": _("Read figures"),
    "materials:read": _("Read materials"),
    "webhooks:manage": _("Set up webhooks"),
    "offers:act": _("Answer offers and report"),
}
# How long a key lasts, and how long one stays valid beside its successor, in days.
LIVES = [("", _("No end")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))]
OVERLAPS = [("7", _("In a week")), ("1", _("Tomorrow")), ("30", _("In 30 days")), ("0", _("Now"))]

# Ticked at first: what a website or CRM needs, and all that a partner's key can do.
USUAL_SCOPES: Mapping[Kind, Sequence[str]] = {
    "manufacturer": ("leads:write", "leads:read"),
    "partner": scopes_of("partner"),
}


class KeyForm(forms.Form):
    """What a new key is called, what it may do and how long it lasts."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("What the key is for, such as “Website”."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
        error_messages={"required": _("Choose at least one thing.")},
    )
    life = forms.ChoiceField(label=_("Valid for"), choices=LIVES, required=False)

    def __init__(self, data: Any, *, kind: Kind) -> None:
        super().__init__(data, initial={"scopes": USUAL_SCOPES[kind]})
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101 - declared above
        scopes.choices = [(scope, SCOPE_WORDS[scope]) for scope in scopes_of(kind)]

    @property
    def life_time(self) -> timedelta | None:
        """Tell how long the key is to last, ``None`` without an end."""
        days = self.cleaned_data["life"]
        return timedelta(days=int(days)) if days else None


class RotateForm(forms.Form):
    """When a key that gets a successor ends."""

    overlap = forms.ChoiceField(label=_("The key so far ends"), choices=OVERLAPS)

    @property
    def overlap_time(self) -> timedelta:
        """Tell how long both are valid."""
        return timedelta(days=int(self.cleaned_data["overlap"]))
