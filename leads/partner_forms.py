"""What a partner sends from a phone: why not, how the call went, what came of it."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.pages.amounts import LARGEST_AMOUNT, AmountField
from leads.models.assignments import FeedbackStatus, LostReason, ReturnReason
from leads.models.offers import DeclineReason

NOTE_AT_MOST = 2_000
REASON_NOTE_AT_MOST = 500


class DeclineForm(forms.Form):
    """Why a partner does not want a lead."""

    reason = forms.ChoiceField(choices=DeclineReason.choices)
    note = forms.CharField(required=False, max_length=REASON_NOTE_AT_MOST)


class ContactForm(forms.Form):
    """Whether the customer was reached."""

    is_reached = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda value: value == "yes"
    )


class FeedbackForm(forms.Form):
    """What became of a lead; a value goes with WON, a reason with LOST."""

    status = forms.ChoiceField(choices=FeedbackStatus.choices)
    note = forms.CharField(required=False, max_length=NOTE_AT_MOST)
    is_as_described = forms.TypedChoiceField(
        required=False,
        choices=[("", ""), ("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    value = AmountField(
        label=_("What did the customer buy for?"),
        required=False,
        validators=[MaxValueValidator(LARGEST_AMOUNT)],
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "required": True}),
    )
    reason = forms.ChoiceField(required=False, choices=[("", ""), *LostReason.choices])

    def clean(self) -> dict[str, Any]:
        """Ask for the amount where it belongs, before the lead is closed without."""
        sent: dict[str, Any] = super().clean() or {}
        is_won = sent.get("status") == FeedbackStatus.WON
        if is_won and sent.get("value") is None and not self.has_error("value"):
            self.add_error("value", gettext("Say what the customer bought for."))
        return sent


# Answers that need nothing further, and take nothing away if somebody else tapped.
QUICK = (
    FeedbackStatus.REACHED,
    FeedbackStatus.APPOINTMENT,
    FeedbackStatus.QUOTE_SENT,
    FeedbackStatus.NOT_REACHABLE,
)


class QuickFeedbackForm(forms.Form):
    """What became of a lead, in one tap."""

    status = forms.ChoiceField(choices=[(status.value, status.label) for status in QUICK])


class CodeForm(forms.Form):
    """A code from a mail."""

    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=20,
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "autocorrect": "off",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class ReturnForm(forms.Form):
    """Why a partner gives a lead back."""

    reason = forms.ChoiceField(choices=ReturnReason.choices)


class PickForm(forms.Form):
    """For which of their partners somebody takes a lead."""

    partner = forms.UUIDField()
