"""What may be asked of the cockpit: days, and which leads."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = timedelta(days=1_100)
YEARS = range(2000, 2200)
UNKNOWN = _("This network has nothing of that name; nothing was left out because of it.")

Choices = Sequence[tuple[str, str]]


class DayInput(forms.DateInput):
    """A day, as the browser lets one choose it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CockpitForm(forms.Form):
    """Which leads are counted, and over which days; nothing is needed."""

    product_line = forms.ChoiceField(
        label=_("Product line"), required=False, error_messages={"invalid_choice": UNKNOWN}
    )
    region = forms.ChoiceField(
        label=_("Region"), required=False, error_messages={"invalid_choice": UNKNOWN}
    )
    source = forms.ChoiceField(
        label=_("Source"), required=False, error_messages={"invalid_choice": UNKNOWN}
    )
    partner = forms.ChoiceField(
        label=_("Partner"), required=False, error_messages={"invalid_choice": UNKNOWN}
    )
    since = forms.DateField(
        label=_("From (day)"), required=False, input_formats=["%Y-%m-%d"], widget=DayInput()
    )
    until = forms.DateField(
        label=_("To (day, included)"), required=False, input_formats=["%Y-%m-%d"], widget=DayInput()
    )

    def __init__(self, sent: Mapping[str, Any], *, today: date, **choices: Choices) -> None:
        """Offer what the network has: for each field its choices."""
        super().__init__(sent, auto_id="id_%s", use_required_attribute=False)
        self.today = today
        for name, offered in choices.items():
            self.fields[name].choices = [("", _("All")), *offered]  # type: ignore[attr-defined]

    def clean_since(self) -> date | None:
        """Ask for a day of our times."""
        return self._day_of_our_times("since")

    def clean_until(self) -> date | None:
        """Ask for a day of our times."""
        return self._day_of_our_times("until")

    def clean(self) -> dict[str, Any]:
        """Ask for a beginning that lies before the end, and for no longer than anybody reads."""
        asked = super().clean() or {}
        since, until = asked.get("since"), asked.get("until") or self.today
        if since is None:
            if asked.get("until") is not None:
                self.add_error("since", _("Name the first day, too."))
        elif since > until:
            self.add_error("since", _("The first day has to lie before the last."))
        elif until - since > LONGEST:
            self.add_error("since", _("Ask for three years at most."))
        return asked

    def _day_of_our_times(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and day.year not in YEARS:
            raise forms.ValidationError(_("Name a year between 2000 and 2199."), "out_of_range")
        return day
