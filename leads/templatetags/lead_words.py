"""How statuses and temperatures of leads look: the tone of a badge, and its icon."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import template
from django.core.exceptions import ObjectDoesNotExist
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from leadhub.core.phones import group_digits
from leads.models.assignments import ReturnReason
from leads.models.leads import LeadStatus, Temperature
from leads.sources import name_of_source

register = template.Library()

register.filter("source", name_of_source)

# What ends a sentence does not belong to the address before it.
_ADDRESS = re.compile(r"""https://[^\s<>"']*[^\s<>"'.,;:!?)]""")


@register.filter
def linked(text: str) -> SafeString:
    """Write a text with its addresses as links, each opened beside the page."""
    return format_html_join("", "{}", ((part,) for part in _parts_with_links(text)))


def _parts_with_links(text: str) -> Iterator[str]:
    end = 0
    for found in _ADDRESS.finditer(text):
        yield text[end : found.start()]
        yield format_html(
            '<a class="underline underline-offset-2" href="{0}" target="_blank"'
            ' rel="noopener noreferrer nofollow">{0}</a>',
            found[0],
        )
        end = found.end()
    yield text[end:]


NEUTRAL = "neutral"
LEAD_TONES: Mapping[str, str] = {
    "HELD": "warning",
    "OFFERED": "primary",
    "OPEN": "warning",
    "ACCEPTED": "info",
    "CONTACTED": "info",
    "IN_PROGRESS": "info",
    "WON": "success",
    "RETURNED": "danger",
}
OFFER_TONES: Mapping[str, str] = {
    "OPEN": "primary",
    "ACCEPTED": "success",
    "DECLINED": "warning",
    "EXPIRED": "warning",
    "RETURNED": "danger",
}
TEMPERATURE_TONES: Mapping[str, str] = {"HOT": "danger", "WARM": "warning", "COLD": "info"}
TEMPERATURE_ICONS: Mapping[str, str] = {"HOT": "flame", "WARM": "sun", "COLD": "snowflake"}

EVENT_LOOKS: Mapping[str, tuple[str, str]] = {
    "lead.received": ("inbox", NEUTRAL),
    "lead.held": ("circle-pause", "warning"),
    "lead.released": ("circle-check", "primary"),
    "lead.merged": ("merge", NEUTRAL),
    "lead.rejected": ("circle-x", "danger"),
    "lead.wave_opened": ("send", "primary"),
    "lead.offered": ("send", "primary"),
    "offer.viewed": ("eye", NEUTRAL),
    "offer.accepted": ("check", "success"),
    "offer.declined": ("thumbs-down", "warning"),
    "offer.expired": ("hourglass", "warning"),
    "offer.withdrawn": ("undo-2", NEUTRAL),
    "offer.extended": ("timer-reset", "primary"),
    "lead.assigned": ("user-round-check", "success"),
    "lead.picked": ("hand", "success"),
    "lead.unplaced": ("clipboard-list", "warning"),
    "lead.escalated": ("siren", "warning"),
    "lead.withdrawn": ("ban", "danger"),
    "lead.rerouted": ("route", "primary"),
    "lead.taken_back": ("corner-up-left", "danger"),
    "contact.attempted": ("phone-missed", NEUTRAL),
    "contact.made": ("phone-call", "success"),
    "contact.overdue": ("phone-missed", "warning"),
    "feedback.overdue": ("message-square-warning", "warning"),
    "feedback.given": ("message-square-text", "info"),
    "lead.handed_over": ("user-round-check", NEUTRAL),
    "lead.stage_set": ("gauge", NEUTRAL),
    "note.added": ("pencil", "info"),
    "reminder.set": ("alarm-clock", NEUTRAL),
    "reminder.done": ("alarm-clock-check", NEUTRAL),
    "reminder.cancelled": ("alarm-clock-off", NEUTRAL),
    "lead.returned": ("corner-up-left", "danger"),
    "return.confirmed": ("scale", NEUTRAL),
    "return.refused": ("scale", NEUTRAL),
    "lead.won": ("trophy", "success"),
    "lead.lost": ("circle-x", NEUTRAL),
    "lead.reopened": ("rotate-ccw", "primary"),
    "lead.erased": ("eraser", NEUTRAL),
}
# What a duplicate may have said beside the lead that it was merged into, and the name.
ADDED = ("company", "phone", "email", "street", "wish", "summary")
SOMETHING = ("circle", NEUTRAL)


@register.filter
def lead_tone(status: str) -> str:
    """Choose the tone in which a lead's status is said."""
    return LEAD_TONES.get(status, NEUTRAL)


@register.filter
def offer_tone(status: str) -> str:
    """Choose the tone in which an offer's status is said."""
    return OFFER_TONES.get(status, NEUTRAL)


@register.filter
def event_icon(type_: str) -> str:
    """Name the icon that goes with what happened."""
    return EVENT_LOOKS.get(type_, SOMETHING)[0]


@register.filter
def event_tone(type_: str) -> str:
    """Choose the tone in which it is told what happened."""
    return EVENT_LOOKS.get(type_, SOMETHING)[1]


@register.filter
def temperature_tone(temperature: str) -> str:
    """Choose the tone in which it is said how close to buying a customer is."""
    return TEMPERATURE_TONES.get(temperature, NEUTRAL)


@register.filter
def temperature_icon(temperature: str) -> str:
    """Name the icon that goes with a temperature."""
    return TEMPERATURE_ICONS.get(temperature, "thermometer")


@register.filter
def lead_status(status: str) -> Any:
    """Say where a lead stands; what the row itself would say, for long lists much faster."""
    return LeadStatus(status).label


@register.filter
def return_reason(code: str) -> Any:
    """Say why a partner gave a lead back."""
    return ReturnReason(code).label


@register.filter
def temperature(code: str) -> Any:
    """Say how close to buying a customer is; faster as well."""
    return Temperature(code).label


@register.filter
def said_in(contact: Any) -> list[dict[str, Any]]:
    """Tell what leads merged into this one said beside it, each with when they came in."""
    return [
        {
            "lead": addition["lead"],
            "at": parse_datetime(addition["at"]),
            "name": f"{addition.get('first_name', '')} {addition.get('last_name', '')}".strip(),
            **{name: addition.get(name, "") for name in ADDED},
        }
        for addition in contact.additions
    ]


@register.filter
def customer(lead: Any) -> str:
    """Name the customer of a lead: the person, else the company, else how to reach them."""
    try:
        contact = lead.contact
    except ObjectDoesNotExist:
        return gettext("Contact erased")
    person = f"{contact.first_name} {contact.last_name}".strip()
    return str(person or contact.company or contact.email or group_digits(contact.phone))
