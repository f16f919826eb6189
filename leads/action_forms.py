"""What somebody at the desk sends to act on a lead."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from leadhub.core.pages.amounts import amount_field
from leadhub.core.pages.places import countries
from leads.location import Correction
from leads.models.assignments import LostReason
from leads.models.leads import CLOSED, LeadStatus
from partners.tenants import LONGEST_COMPARED

EXTENSIONS = (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=3))
USUAL_EXTENSION = timedelta(hours=4)


class ReleaseForm(forms.Form):
    """Where a held lead is; left as it is, or put right.

    :ivar as_it_is: it is released although nobody knows where its postal code is.
    """

    postal_code = forms.CharField(
        label=_("Postal code"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    city = forms.CharField(
        label=_("Town"),
        max_length=120,
        required=False,
        help_text=_("Left empty, it comes from the postal code."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    country = forms.ChoiceField(label=_("Country"))
    as_it_is = forms.BooleanField(
        label=_("Release it with this postal code all the same"),
        required=False,
        help_text=_("Only partners that cover it by postal code or region are asked then."),
    )

    def __init__(self, sent: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(sent, initial=dict(initial or {}))
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]

    def correction(self) -> Correction | None:
        """Tell where the lead is, unless it is to be left open."""
        given = self.cleaned_data
        if given["as_it_is"]:
            return None
        return Correction(given["country"], given["postal_code"], given["city"])


class MergeForm(forms.Form):
    """Which lead goes on for a held one and itself."""

    into = forms.UUIDField(
        error_messages={
            "required": _("Choose the lead that goes on."),
            "invalid": _("Choose the lead that goes on."),
        }
    )


class ComparedForm(forms.Form):
    """How far back a new lead is compared with others."""

    days = forms.IntegerField(
        label=_("Compare new leads with those of the last days"),
        min_value=0,
        max_value=LONGEST_COMPARED,
        help_text=_("With 0 no lead is held as a duplicate."),
    )


class MoveForm(forms.Form):
    """How many leads there were to be moved when somebody began."""

    total = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class UnmovedForm(forms.Form):
    """Something to be done to a lead as it was seen.

    :ivar wave: number of the wave that was last when the page was made.
    """

    wave = forms.IntegerField(widget=forms.HiddenInput)


class AssignForm(UnmovedForm):
    """Which partner gets a lead."""

    partner = forms.UUIDField(
        label=_("Partner"),
        error_messages={
            "required": _("Choose a partner."),
            "invalid": _("Choose a partner from the list."),
        },
    )


class EraseForm(forms.Form):
    """That somebody knows what it is to erase."""

    is_certain = forms.BooleanField(
        error_messages={"required": _("Tick the box: what is erased cannot be brought back.")}
    )


class ExtendForm(UnmovedForm):
    """Until when partners may answer."""

    respond_by = forms.DateTimeField(
        label=_("New deadline"), error_messages={"required": _("Choose a deadline.")}
    )


class Extension(NamedTuple):
    """By how much a deadline can be moved, and where that leads.

    :ivar is_usual: chosen unless somebody chooses another.
    """

    by: timedelta
    respond_by: datetime
    is_usual: bool


def extensions_of(deadline: datetime, *, at: datetime) -> list[Extension]:
    """List the deadlines to choose from: so much more than is left, or than none."""
    begin = max(deadline, at)
    return [Extension(by, begin + by, by == USUAL_EXTENSION) for by in EXTENSIONS]


class CloseForm(forms.Form):
    """What became of a lead; the domain asks for a value or a reason."""

    outcome = forms.ChoiceField(
        label=_("What became of it?"),
        choices=[(status.value, status.label) for status in CLOSED],
        error_messages={"required": _("Choose won or lost.")},
        widget=forms.RadioSelect({"class": "radio radio-sm"}),
    )
    value = amount_field(_("If won: for how much?"))
    reason = forms.ChoiceField(
        label=_("If lost: why?"),
        required=False,
        choices=[("", _("Choose a reason")), *LostReason.choices],
    )

    def clean(self) -> dict[str, Any]:
        """Keep what belongs to the outcome, and drop what was entered for the other one."""
        given = super().clean() or {}
        is_won = given.get("outcome") == LeadStatus.WON
        return {
            **given,
            "value": given.get("value") if is_won else None,
            "reason": None if is_won else given.get("reason") or None,
        }


class VerdictForm(forms.Form):
    """Whether the lead was at fault when a partner gave it back.

    :ivar assignment: the return that was seen.
    """

    assignment = forms.UUIDField(widget=forms.HiddenInput)
    lead_at_fault = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        error_messages={"required": _("Say whether the lead was at fault.")},
    )
