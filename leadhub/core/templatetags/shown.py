"""How values are shown to people: durations, distances, money, shares, fields of forms."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from django import template
from django.forms import BoundField, CheckboxInput, FileInput, RadioSelect, Select, Textarea
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from leadhub.core.phones import group_digits

register = template.Library()

MINUTE, HOUR, DAY = 60, 3_600, 86_400
KILOBYTE, MEGABYTE = 1_000, 1_000_000
NOTHING = "\N{EN DASH}"
# Locales of the languages in which the product speaks.
LOCALES = {"de": "de_DE", "en": "en_GB"}


def locale_of_reader() -> str:
    """Name the locale in which dates and numbers are written."""
    return LOCALES.get((get_language() or "en")[:2], "en_GB")


@register.filter
def duration(value: timedelta | float | None) -> str:
    """Write a length of time with its two largest units: ``3 h 5 min``.

    :param value: a timedelta, or seconds.
    """
    if value is None:
        return NOTHING
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = seconds // DAY, seconds % DAY // HOUR
    in_days = ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    return f"{in_days} {hours} h" if hours else in_days


@register.filter
def until(deadline: datetime | None, at: datetime) -> str:
    """Say how long there is until a deadline, or how long ago it was."""
    if deadline is None:
        return NOTHING
    left = (deadline - at).total_seconds()
    if left < 0:
        return ago(deadline, at)
    return gettext("%(duration)s left") % {"duration": duration(left)}


@register.filter
def seconds_until(moment: datetime, deadline: datetime) -> str:
    """Count the seconds from a moment to a deadline, 0 when it has passed.

    :returns: figures for a machine; a number would get the separators that people read.
    """
    return str(max(int((deadline - moment).total_seconds()), 0))


@register.filter
def ago(moment: datetime | None, at: datetime) -> str:
    """Say how long ago something was."""
    if moment is None:
        return NOTHING
    passed = max((at - moment).total_seconds(), 0)
    if passed < MINUTE:
        return gettext("just now")
    if passed >= DAY:
        days = int(passed // DAY)
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    return gettext("%(duration)s ago") % {"duration": duration(passed)}


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day, in the reader's zone: ``22 Nov 2026``."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return format_date(local, "medium", locale=locale_of_reader())


@register.filter
def file_size(size: int) -> str:
    """Write bytes as people do: ``820 KB``, ``2.4 MB``."""
    if size < MEGABYTE:
        return f"{max(round(size / KILOBYTE), 1)} KB"
    return f"{format_decimal(round(size / MEGABYTE, 1), locale=locale_of_reader())} MB"


@register.filter
def month(value: date) -> str:
    """Write a month with its year: ``November 2026``."""
    return format_date(value, "LLLL y", locale=locale_of_reader())


@register.filter
def moment(value: datetime | None) -> str:
    """Write a day and its time, in the reader's zone: ``22 Nov 2026, 20:15``."""
    if value is None:
        return NOTHING
    return f"{day(value)}, {timezone.localtime(value):%H:%M}"


@register.filter
def number(value: float | None) -> str:
    """Write a number with its separators, and one decimal at most."""
    if value is None:
        return NOTHING
    return format_decimal(round(value, 1), "#,##0.#", locale=locale_of_reader())


@register.filter
def km(distance: float | None) -> str:
    """Write a distance in kilometres, with one decimal below ten."""
    if distance is None:
        return NOTHING
    pattern = "#,##0.0" if distance < 10 else "#,##0"  # noqa: PLR2004
    return f"{format_decimal(round(distance, 1), pattern, locale=locale_of_reader())} km"


@register.filter
def money(amount: Decimal | float | None, currency: str) -> str:
    """Write an amount in its currency, without cents where there are none: ``€12,500``."""
    if amount is None:
        return NOTHING
    locale = locale_of_reader()
    number = "#,##0" if amount == int(amount) else "#,##0.00"
    pattern = f"{number}\N{NO-BREAK SPACE}¤" if locale.startswith("de") else f"¤{number}"
    return format_currency(amount, currency, locale=locale, currency_digits=False, format=pattern)


@register.filter
def share(value: float | None) -> str:
    """Write a ratio in per cent, with one decimal."""
    if value is None:
        return NOTHING
    return format_percent(value, "#,##0.0\N{NO-BREAK SPACE}%", locale=locale_of_reader())


@register.filter
def country(code: str) -> str:
    """Name a country in the reader's language."""
    return str(Locale.parse(locale_of_reader()).territories.get(code, code))


@register.filter
def telephone(number: str) -> str:
    """Make the target of a link that calls a number."""
    return f"tel:{number.replace(' ', '')}"


@register.filter
def phone_number(number: str) -> str:
    """Write a phone number in groups, to be read aloud or dialled by hand."""
    return group_digits(number)


@register.filter
def is_marked(field: BoundField) -> bool:
    """Tell whether a field is marked as required: not where every field of its form is."""
    others = field.form.fields.values()
    return field.field.required and not all(other.required for other in others)


@register.filter
def control(field: BoundField) -> SafeString:
    """Render the control of a form's field in the style of its kind."""
    widget = field.field.widget
    kind = "input"
    if isinstance(widget, CheckboxInput):
        kind = "checkbox"
    elif isinstance(widget, RadioSelect):
        return mark_safe(conditional_escape(field.as_widget()))  # noqa: S308
    elif isinstance(widget, Select):
        kind = "select"
    elif isinstance(widget, Textarea):
        kind = "textarea"
    elif isinstance(widget, FileInput):
        kind = "file-input"
    wide = "" if kind == "checkbox" else " w-full"
    marked = f" {kind}-error" if field.errors else ""
    given = widget.attrs.get("class", "")
    attrs: dict[str, Any] = {"class": f"{kind}{wide}{marked} {given}".strip()}
    return field.as_widget(attrs=attrs)
