"""Lengths of time, as people type them: 30 min, 4 h, 1 h 30 min, 2 days."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _, ngettext

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
# Words of the languages that the product speaks; what a word begins with is not enough.
UNITS = {
    word: seconds
    for seconds, words in (
        (1, "s sec secs second seconds sek sekunde sekunden"),
        (MINUTE, "m min mins minute minutes minuten"),
        (HOUR, "h hr hrs hour hours std stunde stunden"),
        (DAY, "d day days t tag tage tagen"),
        (WEEK, "w week weeks woche wochen"),
    )
    for word in words.split()
}
PART = re.compile(r"(?P<number>[0-9]{1,9}(?:[.,][0-9]{1,6})?)\s*(?P<unit>[a-z]+)\.?", re.IGNORECASE)
BETWEEN_PARTS = re.compile(r"\s*(?:,\s|\band\b|\bund\b)?\s*")
# A comma without a space after it is a decimal one.
BETWEEN_SEVERAL = re.compile(r"\s*(?:;|,(?=\s|$)|\band\b|\bund\b)\s*", re.IGNORECASE)
LONGEST_TEXT = 200


class NotADuration(ValueError):
    """A text says no length of time."""


def parse_duration(text: str) -> timedelta:
    """Read a length of time; each number needs its unit, but for nought.

    :raises NotADuration: if it is none.
    """
    text = text.strip()
    if text == "0":
        return timedelta(0)
    seconds, end = 0.0, 0
    for part in PART.finditer(text):
        between, unit = text[end : part.start()], part["unit"].lower()
        if not BETWEEN_PARTS.fullmatch(between) or unit not in UNITS:
            raise NotADuration(text)
        seconds += float(part["number"].replace(",", ".")) * UNITS[unit]
        end = part.end()
    if end == 0 or end != len(text):
        raise NotADuration(text)
    return timedelta(seconds=round(seconds))


def write_duration(value: timedelta) -> str:
    """Write a length of time so that it is read again as the same."""
    left = round(value.total_seconds())
    days, left = divmod(left, DAY)
    parts = [ngettext("%(count)d day", "%(count)d days", days) % {"count": days}] if days else []
    for unit, size in (("h", HOUR), ("min", MINUTE), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 min"


class DurationField(forms.CharField):
    """A length of time."""

    default_error_messages = {
        "invalid": _("Write a time with its unit, such as 30 min, 4 h or 2 days."),
        "too_short": _("This is too short."),
        "too_long": _("This is too long: %(longest)s at most."),
    }

    def __init__(
        self, *, shortest: timedelta = timedelta(seconds=1), longest: timedelta, **options: Any
    ) -> None:
        self.shortest, self.longest = shortest, longest
        widget = forms.TextInput({"autocomplete": "off"})
        super().__init__(**{"max_length": LONGEST_TEXT, "widget": widget, **options})

    def prepare_value(self, value: Any) -> Any:
        """Write what was not typed."""
        return write_duration(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> Any:
        """Read it; nothing is ``None``."""
        if isinstance(value, timedelta):
            return value
        text = super().to_python(value)
        return self.read(text) if text else None

    def read(self, text: str) -> timedelta:
        """Read one length of time, within its limits."""
        if len(text) > LONGEST_TEXT:
            raise ValidationError(self.error_messages["invalid"], "invalid")
        try:
            length = parse_duration(text)
        except NotADuration as error:
            raise ValidationError(self.error_messages["invalid"], "invalid") from error
        if length < self.shortest:
            raise ValidationError(self.error_messages["too_short"], "too_short")
        if length > self.longest:
            params = {"longest": write_duration(self.longest)}
            raise ValidationError(self.error_messages["too_long"], "too_long", params)
        return length

    def validate(self, value: Any) -> None:
        """Ask for it where it is needed."""
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], "required")

    def run_validators(self, value: Any) -> None:
        """Need none: what is read is within its limits."""


class DurationsField(DurationField):
    """Several lengths of time, such as ``24 h, 3 days``."""

    default_error_messages = {
        "invalid": _("Write times with their units, separated by commas, such as 24 h, 3 days."),
        "too_many": _("These are too many."),
    }

    def __init__(self, *, at_most: int, **options: Any) -> None:
        self.at_most = at_most
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Write what was not typed."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            return value
        return ", ".join(write_duration(one) for one in value)

    def to_python(self, value: Any) -> Any:
        """Read them one by one."""
        if isinstance(value, (list, tuple)):
            return list(value)
        text = forms.CharField.to_python(self, value)
        parts = [part for part in BETWEEN_SEVERAL.split(text or "") if part]
        if len(parts) > self.at_most:
            raise ValidationError(self.error_messages["too_many"], "too_many")
        return [self.read(part) for part in parts] or None
