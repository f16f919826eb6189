"""Forms of webhooks: where to, of what, and how a secret gives way to the next."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.webhooks.subscriptions import LONGEST_NAME
from leads.webhooks.words import GROUPS

LONGEST_URL = 2_000
OVERLAPS = [
    ("1", _("Tomorrow")),
    ("7", _("In a week")),
    ("30", _("In 30 days")),
    ("0", _("Now")),
]


class Boxes(NamedTuple):
    """The boxes of one group."""

    title: Any
    boxes: Sequence[Any]


class WebhookForm(forms.Form):
    """What a webhook is called, where it listens and of what it is told."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=_("What listens there, such as “CRM”. Left empty, it is called by its host."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_("An https address on the public internet that takes POST."),
        widget=forms.URLInput(
            {"autocomplete": "off", "placeholder": "https://hooks.example.com/leadhub"}
        ),
    )
    event_types = forms.MultipleChoiceField(
        label=_("Of what it is told"),
        choices=[(type_, words) for group in GROUPS for type_, words in group.types.items()],
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
        error_messages={"required": _("Choose at least one thing.")},
    )

    @property
    def groups(self) -> list[Boxes]:
        """Sort the boxes by what they are about."""
        boxes = {box.data["value"]: box for box in self["event_types"]}
        return [Boxes(group.title, [boxes[type_] for type_ in group.types]) for group in GROUPS]


class OverlapForm(forms.Form):
    """When a secret that gets a successor ends."""

    overlap = forms.ChoiceField(label=_("The secret so far ends"), choices=OVERLAPS)

    @property
    def overlap_time(self) -> timedelta:
        """Tell how long both sign."""
        return timedelta(days=int(self.cleaned_data["overlap"]))
