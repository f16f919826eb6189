"""The form by which a partner's opening hours are stated: day by day, with a thumb."""

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import chain, pairwise
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.working_time import MINUTES_A_DAY, Span, parse_spans, write_spans

DAYS = {
    "monday": _("Monday"),
    "tuesday": _("Tuesday"),
    "wednesday": _("Wednesday"),
    "thursday": _("Thursday"),
    "friday": _("Friday"),
    "saturday": _("Saturday"),
    "sunday": _("Sunday"),
}
WORKDAYS = tuple(DAYS)[:5]
FIRST, *FOLLOWING = WORKDAYS
# The names of a day's fields, span by span.
SPANS = (("opens", "closes"), ("opens_again", "closes_again"))
LABELS = {
    "opens": _("Opens"),
    "closes": _("Closes"),
    "opens_again": _("Opens again"),
    "closes_again": _("Closes again"),
}
# What stands in the form until somebody has stated their own, and for days that are closed.
USUAL = ["08:00-12:00, 13:00-17:00"] * 5 + ["", ""]
USUAL_OF_CLOSED = "09:00-12:00"


class DayFields(NamedTuple):
    """The fields of one day.

    :ivar is_first: it stands for all days from Monday to Friday, if these are alike.
    :ivar follows: it is left out then.
    """

    label: Any
    is_open: BoundField
    times: Sequence[BoundField]
    is_first: bool
    follows: bool


class OpeningHoursForm(forms.Form):
    """When a business is open, with a break or without; or that nothing is stated.

    :ivar is_stated: there is something that can be taken back.
    """

    is_alike = forms.BooleanField(label=_("The same from Monday to Friday"), required=False)

    def __init__(self, data: Any = None, *, stated: Sequence[str] | None = None) -> None:
        week = list(USUAL if stated is None else stated)
        initial: dict[str, Any] = {"is_alike": len(set(week[: len(WORKDAYS)])) == 1}
        for (day, _label), text, usual in zip(DAYS.items(), week, USUAL, strict=True):
            initial[f"{day}_is_open"] = bool(text)
            times = chain.from_iterable(parse_spans(text or usual or USUAL_OF_CLOSED))
            initial |= {
                f"{day}_{name}": _clock(minute)
                for name, minute in zip(chain(*SPANS), times, strict=False)
            }
        super().__init__(data, initial=initial)
        self.is_stated = stated is not None
        for day, label in DAYS.items():
            self.fields[f"{day}_is_open"] = forms.BooleanField(label=label, required=False)
            for name in chain(*SPANS):
                self.fields[f"{day}_{name}"] = forms.TimeField(
                    label=LABELS[name],
                    required=False,
                    widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
                )

    @property
    def week(self) -> Iterator[DayFields]:
        """Walk through the days."""
        for day, label in DAYS.items():
            yield DayFields(
                label,
                self[f"{day}_is_open"],
                [self[f"{day}_{name}"] for name in chain(*SPANS)],
                is_first=day == FIRST,
                follows=day in FOLLOWING,
            )

    def clean(self) -> dict[str, Any]:
        """Put the days together, one text each.

        :returns: ``days``; ``None`` to state nothing any more.
        """
        if "forget" in self.data:
            return {"days": None}
        given = self.cleaned_data
        left_out = FOLLOWING if given.get("is_alike") else []
        texts = {day: self._text_of(day) for day in DAYS if day not in left_out}
        return {"days": [texts.get(day, texts[FIRST]) for day in DAYS]}

    def _text_of(self, day: str) -> str:
        """Write the hours of a day, or say at its fields what is wrong with them."""
        if not self.cleaned_data[f"{day}_is_open"]:
            return ""
        fields = [(f"{day}_{start}", f"{day}_{end}") for start, end in SPANS]
        spans = sorted((span, pair[0]) for pair in fields if (span := self._span(*pair)))
        for (earlier, _before), (later, starts) in pairwise(spans):
            if later.start < earlier.end:
                self.add_error(starts, gettext("These hours overlap; give each hour once."))
        if not spans and not any(name in self.errors for name in chain(*fields)):
            self.add_error(fields[0][0], gettext("Give the hours, or mark the day as closed."))
        return write_spans([span for span, _starts in spans])

    def _span(self, starts: str, ends: str) -> Span | None:
        """Read a span; ``None`` if there is none, or something is wrong with it."""
        start, end = self.cleaned_data.get(starts), self.cleaned_data.get(ends)
        if starts in self.errors or ends in self.errors or (start is None and end is None):
            return None
        if start is None or end is None:
            missing = ends if end is None else starts
            self.add_error(missing, gettext("Give both: when you open and when you close."))
            return None
        span = Span(_minute(start), _minute(end) or MINUTES_A_DAY)
        if span.start < span.end:
            return span
        self.add_error(ends, gettext("Close later than you open; midnight is 00:00."))
        return None


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(minute: int) -> time:
    # The end of a day is written as the beginning of the next.
    return time(minute % MINUTES_A_DAY // 60, minute % 60)
