"""The form by which people choose how they are told."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.channels.sms import is_possible
from leadhub.core.pages.forms import LongSelect
from leadhub.core.phones import normalise_phone
from partners.models import Topic
from partners.notices import ALWAYS_TOLD, CHANNELS, CHANNELS_OF, EMAIL, PUSH, SMS, USUAL, Wishes

CHANNEL_WORDS = {EMAIL: _("E-mail"), PUSH: _("Push"), SMS: _("Text message")}
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc"))
HOURS = [(str(hour), f"{hour:02d}:00") for hour in range(24)]
CLOCK = {"type": "time"}


class NoticesForm(forms.Form):
    """Channels for each topic, a phone number, quiet hours, and the hour of the day's summary."""

    phone = forms.CharField(
        label=_("Mobile phone"),
        required=False,
        max_length=40,
        help_text=_("For text messages; with the country's prefix, such as +49 151 2345678."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(CLOCK, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(CLOCK, format="%H:%M")
    )
    offers_anytime = forms.BooleanField(
        label=_("New offers at any hour"),
        required=False,
        help_text=_("Whoever answers first gets the lead, at night as well."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=LongSelect)
    digest_hour = forms.ChoiceField(label=_("The day at a glance, from"), choices=HOURS)

    def __init__(
        self, data: Any, *, wishes: Wishes, topics: Sequence[Topic], country: str = "DE"
    ) -> None:
        super().__init__(data, initial=_initial(wishes, topics))
        self.wishes, self.topics, self._country = wishes, topics, country
        for topic in topics:
            self.fields[_name(topic)] = forms.MultipleChoiceField(
                label=topic.label,
                required=False,
                choices=[(one, CHANNEL_WORDS[one]) for one in _offered(topic)],
                widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
            )
        zones = self.fields["time_zone"]
        assert isinstance(zones, forms.ChoiceField)  # noqa: S101 - declared above
        zones.choices = [("", gettext("As the manufacturer")), *((zone, zone) for zone in ZONES)]
        for name, is_asked in (
            ("phone", is_possible()),
            ("offers_anytime", Topic.OFFERS in topics),
            ("digest_hour", Topic.DIGEST in topics),
        ):
            if not is_asked:
                del self.fields[name]

    @property
    def channels(self) -> list[BoundField]:
        """The groups of boxes, one for each topic."""
        return [self[_name(topic)] for topic in self.topics]

    def clean_phone(self) -> str:
        """Write the number in E.164, or say that no phone can have it."""
        typed = self.cleaned_data["phone"].strip()
        number = normalise_phone(typed, self._country) if typed else ""
        if number is None:
            raise forms.ValidationError(
                gettext("No phone can have this number; write it as +49 151 2345678.")
            )
        return number

    def clean(self) -> dict[str, Any]:
        """Look at what goes together."""
        cleaned = self.cleaned_data
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (start is None) != (end is None) and not self.errors:
            missing = "quiet_until" if end is None else "quiet_from"
            self.add_error(missing, gettext("Quiet hours need a beginning and an end."))
        elif start is not None and start == end:
            self.add_error("quiet_until", gettext("Quiet hours cannot end as they begin."))
        for topic in self.topics:
            chosen = cleaned.get(_name(topic), [])
            if topic in ALWAYS_TOLD and not chosen:
                self.add_error(_name(topic), gettext("Choose at least one way."))
            if SMS in chosen and not cleaned.get("phone"):
                self.add_error("phone", gettext("Text messages need a number."))
        return cleaned

    def chosen(self) -> Wishes:
        """Put together what was chosen; what was not asked for stays as it is."""
        given = {name: self.cleaned_data[name] for name in Wishes._fields if name in self.fields}
        if "digest_hour" in given:
            given["digest_hour"] = int(given["digest_hour"])
        if given["quiet_from"] is not None:
            given["rings_anytime"] = False
        channels = {
            **self.wishes.channels,
            **{topic.value: self.cleaned_data[_name(topic)] for topic in self.topics},
        }
        return self.wishes._replace(**given, channels=channels)


def _name(topic: Topic) -> str:
    return f"channels_{topic.value.lower()}"


def _offered(topic: Topic) -> list[Any]:
    """List the channels of a topic; text messages where they can be sent."""
    possible = CHANNELS_OF.get(topic, CHANNELS)
    return [channel for channel in possible if channel != SMS or is_possible()]


def _initial(wishes: Wishes, topics: Sequence[Topic]) -> dict[str, Any]:
    return {
        **wishes._asdict(),
        **{_name(topic): wishes.channels.get(topic, USUAL[topic]) for topic in topics},
    }
