"""What partners read on their phones: places, moments and what happened, in their words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, gettext_lazy as _, pgettext_lazy

from leadhub.core.phones import group_digits
from leadhub.core.templatetags.shown import km
from leads.models.assignments import ClosingChance, FeedbackStatus, LostReason, ReturnReason
from leads.models.offers import DeclineReason

register = template.Library()

FEEDBACK_WORDS = dict(FeedbackStatus.choices)
CHANCE_WORDS = dict(ClosingChance.choices)
REASON_WORDS = {**dict(LostReason.choices), **dict(ReturnReason.choices)}
# The reasons that are buttons of their own, each with the icon by which a thumb finds it.
REASONS: Mapping[str, Sequence[tuple[str, str]]] = {
    "decline": (
        (DeclineReason.TOO_FAR, "map-pin-off"),
        (DeclineReason.NO_CAPACITY, "calendar-x"),
        (DeclineReason.NOT_OUR_PRODUCT, "package-x"),
        (DeclineReason.CUSTOMER_KNOWN, "user-round-check"),
    ),
    "lost": (
        (LostReason.PRICE, "badge-euro"),
        (LostReason.COMPETITOR, "store"),
        (LostReason.NO_NEED, "circle-slash"),
        (LostReason.TIMING, "calendar-clock"),
        (LostReason.OTHER, "ellipsis"),
    ),
    "return": (
        (ReturnReason.WRONG_DATA, "circle-alert"),
        (ReturnReason.NOT_REACHABLE, "phone-off"),
        (ReturnReason.NOT_OUR_PRODUCT, "package-x"),
        (ReturnReason.OTHER, "ellipsis"),
    ),
}
# What to know before one of the buttons is pressed.
NOTES = {"decline": _("A tap on a reason declines; this cannot be undone.")}
# What a fact of the log says to the partner, with the icon and the tone of its mark.
HAPPENINGS: Mapping[str, tuple[Any, str, str]] = {
    "offer.accepted": (_("You accepted the lead"), "check", "primary"),
    "lead.assigned": (_("The manufacturer gave you the lead"), "send", "primary"),
    "lead.picked": (_("You took the lead from the pick list"), "hand", "primary"),
    "contact.attempted": (_("Tried to reach"), "phone-outgoing", "neutral"),
    "contact.made": (_("Reached"), "phone-call", "success"),
    "feedback.given": (_("Feedback"), "message-square", "info"),
    "lead.handed_over": (_("Handed over to a colleague"), "user-round-check", "neutral"),
    "lead.stage_set": (_("Chance of a sale"), "gauge", "neutral"),
    "note.added": (_("Note"), "pencil", "info"),
    "lead.returned": (_("You returned the lead"), "undo-2", "danger"),
    "lead.taken_back": (_("The manufacturer took the lead back"), "undo-2", "danger"),
    "return.confirmed": (_("Your return was confirmed"), "check", "neutral"),
    "return.refused": (_("Your return was not accepted as the lead's fault"), "x", "neutral"),
    "lead.won": (_("Won"), "trophy", "success"),
    "lead.lost": (_("Lost"), "circle-slash", "neutral"),
    "lead.reopened": (_("Reopened by the manufacturer"), "rotate-ccw", "primary"),
    "lead.erased": (_("The customer's personal data was erased"), "eraser", "neutral"),
}
UNKNOWN = (pgettext_lazy("something happened", "Something happened"), "circle", "neutral")


@register.filter
def if_changed(state: str) -> str:
    """Write the header by which a poll says what it has, for ``hx-headers``."""
    return json.dumps({"If-None-Match": state})


@register.filter
def lines(names: Sequence[str]) -> str:
    """Write the product lines that a lead asks for."""
    return ", ".join(names)


@register.filter
def place(lead: Any) -> str:
    """Write where the customer is, as far as it may be known before acceptance."""
    return " ".join(part for part in (lead.postal_code, lead.city) if part) or lead.country


@register.filter
def far(distance: float | None) -> str:
    """Write a distance; within the same postal code it is known to be short, and no more."""
    return "< 1 km" if distance is not None and distance < 1 else km(distance)


@register.filter
def customer(contact: Any) -> str:
    """Name the customer."""
    name = f"{contact.first_name} {contact.last_name}".strip()
    return name or contact.company or group_digits(contact.phone) or contact.email


@register.filter
def address(contact: Any) -> str:
    """Write where the customer lives; the lead must have been read with the contact."""
    lead = contact.lead
    return ", ".join(part for part in (contact.street, place(lead)) if part)


@register.filter
def navigation(contact: Any) -> str:
    """Make a link that opens the phone's own map; this page asks nobody for a map."""
    lead = contact.lead
    spot = "0,0" if lead.latitude is None else f"{lead.latitude:.5f},{lead.longitude:.5f}"
    return f"geo:{spot}?q={quote(address(contact))}"


@register.filter(expects_localtime=True)
def when(moment: datetime, at: datetime) -> str:
    """Say when something was or will be: the hour alone is enough for today."""
    days = (moment.date() - timezone.localtime(at).date()).days
    time = date_format(moment, "TIME_FORMAT")
    if days == 0:
        return gettext("today, %(time)s") % {"time": time}
    if days == -1:
        return gettext("yesterday, %(time)s") % {"time": time}
    if days == 1:
        return gettext("tomorrow, %(time)s") % {"time": time}
    day = date_format(moment, "MONTH_DAY_FORMAT" if _is_near(moment, at) else "DATE_FORMAT")
    return gettext("%(day)s, %(time)s") % {"day": day, "time": time}


@register.filter
def title_of(happening: Any) -> str:
    """Say what happened to a lead."""
    if happening.type == "feedback.given" and happening.status in FEEDBACK_WORDS:
        return str(FEEDBACK_WORDS[happening.status])
    if happening.type == "lead.handed_over" and happening.name:
        return gettext("Handed over to %(name)s") % {"name": happening.name}
    if happening.type == "lead.stage_set" and happening.chance in CHANCE_WORDS:
        chance = CHANCE_WORDS[happening.chance]
        return gettext("Chance of a sale: %(chance)s") % {"chance": chance}
    return str(HAPPENINGS.get(happening.type, UNKNOWN)[0])


@register.filter
def icon_of(happening: Any) -> str:
    """Name the icon of what happened."""
    return HAPPENINGS.get(happening.type, UNKNOWN)[1]


@register.filter
def tone_of(happening: Any) -> str:
    """Choose the tone of what happened."""
    return HAPPENINGS.get(happening.type, UNKNOWN)[2]


@register.filter
def reason_word(code: str) -> str:
    """Say why a lead was lost or given back."""
    return str(REASON_WORDS.get(code, ""))


@register.simple_tag
def reason_buttons(kind: str) -> str:
    """Draw one large button for each reason; drawn once, for every offer brings the same ones."""
    return _reason_buttons(kind, get_language() or "")


@cache
def _reason_buttons(kind: str, language: str) -> str:
    reasons = [(reason, reason.label, icon) for reason, icon in REASONS[kind]]  # type: ignore[attr-defined]
    context = {"reasons": reasons, "note": NOTES.get(kind)}
    return render_to_string("leads/partner/parts/reasons.html", context)


@register.simple_tag
def other_reason() -> str:
    """Draw the field for a reason to decline that is none of the buttons; drawn once as well."""
    return _other_reason(get_language() or "")


@cache
def _other_reason(language: str) -> str:
    return render_to_string("leads/partner/parts/other_reason.html")


@register.filter
def is_more_than(summary: str, names: Iterable[str]) -> bool:
    """Tell whether a summary says more than the names of the product lines."""
    return summary != ", ".join(names)


def _is_near(moment: datetime, at: datetime) -> bool:
    return abs(moment - at) < timedelta(days=200)
