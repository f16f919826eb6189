"""What a partner sends from a phone: why not, how the call went, what came of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.forms.utils import from_current_timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.pages.amounts import LARGEST_AMOUNT, AmountField
from leads.models.assignments import ClosingChance, FeedbackStatus, LostReason, ReturnReason
from leads.models.offers import DeclineReason
from leads.notes import NOTE_AT_MOST
from leads.pipeline import months_from
from leads.reminders import TEXT_AT_MOST as REMINDER_AT_MOST

REASON_NOTE_AT_MOST = 500


def month_of(day: date) -> str:
    """Write a month."""
    return date_format(day, "YEAR_MONTH_FORMAT")


def _amount(value: Decimal) -> str:
    """Write an amount as it is typed in the reader's language, without cents that are none."""
    return number_format(value, 0 if value == value.to_integral_value() else 2)


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


class NoteForm(forms.Form):
    """What somebody writes about a lead."""

    text = forms.CharField(
        max_length=NOTE_AT_MOST,
        error_messages={"required": _("Write something first.")},
    )


class ReminderForm(forms.Form):
    """When to be reminded: one of the suggested times, or a day and an hour of one's own."""

    due_at = forms.DateTimeField(required=False)
    day = forms.DateField(required=False)
    hour = forms.TimeField(required=False)
    text = forms.CharField(required=False, max_length=REMINDER_AT_MOST)

    def clean(self) -> dict[str, Any]:
        """Put day and hour together, in the zone of the page."""
        sent: dict[str, Any] = super().clean() or {}
        if self.errors or sent.get("due_at"):
            return sent
        day, hour = sent.get("day"), sent.get("hour")
        if day is None or hour is None:
            raise forms.ValidationError(_("Choose a day and an hour."))
        # An hour that the clocks skip is none.
        sent["due_at"] = from_current_timezone(datetime.combine(day, hour))
        return sent


class ReminderEndForm(forms.Form):
    """Whether what a reminder was for is done, or it is wanted no more."""

    reminder = forms.UUIDField()
    as_ = forms.ChoiceField(choices=[(one, one) for one in ("DONE", "CANCELLED")])


class HandOverForm(forms.Form):
    """To which colleague a lead goes."""

    user = forms.UUIDField()


class StageForm(forms.Form):
    """How likely a sale is, when it is expected, and for how much."""

    chance = forms.ChoiceField(choices=ClosingChance.choices)
    month = forms.TypedChoiceField(
        label=_("Expected month"),
        required=False,
        coerce=date.fromisoformat,
        empty_value=None,
        widget=forms.Select({"class": "select w-full"}),
    )
    value = AmountField(
        label=_("Expected value"),
        required=False,
        validators=[MaxValueValidator(LARGEST_AMOUNT)],
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [(day.isoformat(), month_of(day)) for day in months_from(today)]
        self.fields["month"].choices = [("", _("Not known yet")), *months]  # type: ignore[attr-defined]

    @classmethod
    def about(cls, assignment: Any, *, today: date) -> "StageForm":
        """Make the form with what was said last."""
        month, value = assignment.expected_month, assignment.expected_value
        if value is None:
            value = assignment.lead.expected_value
        initial = {
            "chance": assignment.closing_chance,
            "month": month,
            "value": None if value is None else _amount(value),
        }
        return cls(initial=initial, today=today, auto_id="stage-%s")


class PickForm(forms.Form):
    """For which of their partners somebody takes a lead."""

    partner = forms.UUIDField()
