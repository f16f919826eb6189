"""The form that chooses past leads for the preview of a draft."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadhub.core.regions import region_name
from leads.replay.past import Choice
from leads.sources import name_of_source

NUMBERS_AT_MOST = 10
LONGEST_NUMBER = 120
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
# Numbers may be pasted from a column of a table or from a text.
BETWEEN_NUMBERS = re.compile(r"[\s,;]+")


class NumbersField(forms.CharField):
    """Several numbers of leads, parted by commas, spaces or lines."""

    widget = forms.Textarea({"rows": 2, "autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> tuple[str, ...]:
        """Read each number once, in their order."""
        text: str = super().clean(value)
        numbers = tuple(dict.fromkeys(one for one in BETWEEN_NUMBERS.split(text) if one))
        if len(numbers) > NUMBERS_AT_MOST:
            raise forms.ValidationError(_("Name ten numbers at most."), "too_many")
        return numbers


class PreviewForm(forms.Form):
    """Which past leads are looked at; what is left empty narrows nothing."""

    product_line = forms.ChoiceField(label=_("Product line"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    region = forms.ChoiceField(label=_("Federal state"), required=False)
    since = forms.DateField(
        label=_("First offered from"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    numbers = NumbersField(
        label=_("These leads, by their numbers"),
        required=False,
        max_length=NUMBERS_AT_MOST * (LONGEST_NUMBER + 2),
        help_text=_("Up to ten, parted by commas or lines; also leads that another rule is for."),
    )

    def __init__(
        self,
        asked: Any,
        *,
        product_lines: Iterable[tuple[str, str]],
        sources: Iterable[str],
        regions: Iterable[str],
    ) -> None:
        """Offer what the manufacturer's leads have.

        :param product_lines: pairs of id and name.
        """
        super().__init__(asked)
        named = sorted(((code, region_name(code)) for code in regions), key=lambda one: one[1])
        self._offer("product_line", product_lines)
        self._offer("source", ((source, name_of_source(source)) for source in sources))
        self._offer("region", named)

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("All")), *choices]

    def clean(self) -> dict[str, Any]:
        """Refuse days that no calendar shows, and an end before the beginning."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        for name, day in (("since", since), ("until", until)):
            if day is not None and not EARLIEST <= day <= LATEST:
                self.add_error(name, _("Name a year between 1900 and 2200."))
        if since is not None and until is not None and until < since:
            self.add_error("until", _("The last day comes before the first."))
        return cleaned

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    def choice(self) -> Choice:
        """Write what was asked for as the preview takes it; days begin where the reader is."""
        sent = self.cleaned_data
        return Choice(
            lines=_given(sent["product_line"]),
            sources=_given(sent["source"]),
            regions=_given(sent["region"]),
            numbers=sent["numbers"],
            since=_midnight(sent["since"]),
            until=_midnight(sent["until"], days=1),
        )


def _given(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """Find where a day begins, or where the one some days later does."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))
