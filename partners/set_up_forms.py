"""Forms of the set-up that belong to no partner: retention, single sign-on, changes to show."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from leadhub.core.regions import CODES, regions_of
from leadhub.core.templatetags.shown import country as country_name
from leadhub.core.working_time import HoursRefused, parse_spans, write_spans
from partners.change_words import KINDS
from partners.hours import WRONG_HOURS
from partners.models import Manufacturer
from partners.tenants import LONGEST_RETENTION, SHORTEST_RETENTION


class RetentionForm(forms.Form):
    """How long customers' personal data is kept."""

    months = forms.IntegerField(
        label=_("Months after a lead has ended"),
        min_value=SHORTEST_RETENTION,
        max_value=LONGEST_RETENTION,
        help_text=_("Won, lost, withdrawn and rejected leads; those in work are kept."),
    )


class HoursField(forms.CharField):
    """One day's hours as people write them; empty is a day off."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=80, **options)

    def clean(self, value: Any) -> str:
        """Write the hours in one way."""
        try:
            return write_spans(parse_spans(super().clean(value)))
        except HoursRefused as refused:
            raise forms.ValidationError(
                gettext(WRONG_HOURS[refused.code]), code=refused.code
            ) from None


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WorkingHoursForm(forms.Form):
    """When the manufacturer works, for windows and figures in working time."""

    monday = HoursField(label=_("Monday"))
    tuesday = HoursField(label=_("Tuesday"))
    wednesday = HoursField(label=_("Wednesday"))
    thursday = HoursField(label=_("Thursday"))
    friday = HoursField(label=_("Friday"))
    saturday = HoursField(label=_("Saturday"))
    sunday = HoursField(label=_("Sunday"))
    holiday_region = forms.ChoiceField(
        label=_("Holidays"),
        required=False,
        help_text=_("Nobody is expected to work on the public holidays of this region."),
    )

    def __init__(self, data: Any = None, *, manufacturer: Manufacturer) -> None:
        hours = dict(zip(DAYS, manufacturer.working_hours, strict=True))
        super().__init__(data, initial={**hours, "holiday_region": manufacturer.holiday_region})
        region = self.fields["holiday_region"]
        assert isinstance(region, forms.ChoiceField)  # noqa: S101 - declared above
        region.choices = [
            ("", gettext("No holidays")),
            *(
                (
                    country_name(country),
                    [(country, gettext("everywhere in the country")), *regions_of(country)],
                )
                for country in CODES
            ),
        ]

    def days(self) -> list[str]:
        """Tell the hours of the week, Monday first."""
        return [self.cleaned_data[day] for day in DAYS]


class BrandForm(forms.Form):
    """What stands at the head of mails, and in which colours."""

    text = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=60,
        strip=True,
        help_text=_("As your customers know you; empty is the manufacturer's name."),
    )
    color = forms.CharField(
        label=_("Colour"), max_length=7, widget=forms.TextInput({"type": "color"})
    )
    ink = forms.CharField(
        label=_("Colour of text on it"), max_length=7, widget=forms.TextInput({"type": "color"})
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
