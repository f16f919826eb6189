"""What somebody at the desk sends to act on many leads at once, and to keep a view of them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leadhub.core.templatetags.shown import duration
from leads.action_forms import EXTENSIONS, USUAL_EXTENSION, CloseForm
from leads.models.board import LONGEST_NAME
from leads.models.leads import LeadStatus


class ManyAssignForm(forms.Form):
    """Which partner gets the leads."""

    partner = forms.UUIDField(
        label=_("Partner"),
        error_messages={
            "required": _("Choose a partner."),
            "invalid": _("Choose a partner from the list."),
        },
    )


class ManyExtendForm(forms.Form):
    """How much more time partners have to answer."""

    seconds = forms.TypedChoiceField(
        label=_("How much more time?"),
        coerce=lambda seconds: timedelta(seconds=int(seconds)),
        error_messages={"required": _("Choose how much more time.")},
        widget=forms.RadioSelect({"class": "radio radio-sm"}),
        initial=int(USUAL_EXTENSION.total_seconds()),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["seconds"].choices = [  # type: ignore[attr-defined]
            (int(length.total_seconds()), duration(length)) for length in EXTENSIONS
        ]


class ManyReleaseForm(forms.Form):
    """Whether leads are released of which nobody knows where they are."""

    as_it_is = forms.BooleanField(
        label=_("Also release those whose postal code nobody knows"),
        required=False,
        help_text=_("Only partners that cover it by postal code or region are asked then."),
    )


class ManyCloseForm(CloseForm):
    """What became of the leads, of all of them the same."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["value"].label = _("If won: for how much each?")

    def clean(self) -> dict[str, Any]:
        """Ask for the value or the reason before the first lead is touched."""
        given = super().clean()
        outcome = given.get("outcome")
        if outcome == LeadStatus.WON and given["value"] is None and "value" not in self.errors:
            self.add_error("value", _("Say what the customer bought for."))
        if outcome == LeadStatus.LOST and given["reason"] is None and "reason" not in self.errors:
            self.add_error("reason", _("Say why the customer did not buy."))
        return given


class ViewForm(forms.Form):
    """What a view is called, and whose it is."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_shared = forms.BooleanField(
        label=_("For everybody at the desk"),
        required=False,
        help_text=_("Otherwise you alone see it."),
    )
    opens = forms.BooleanField(label=_("Leads open with it for me"), required=False)

    def __init__(self, *args: Any, may_share: bool, **options: Any) -> None:
        """Leave out what the person may not do."""
        super().__init__(*args, **options)
        if not may_share:
            del self.fields["is_shared"]
