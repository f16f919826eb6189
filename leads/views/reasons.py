"""Reasons as buttons: each with the icon that goes with it, so that a thumb finds it."""

from collections.abc import Iterable

from leads.partner_forms import DECLINE_CHOICES, LOST_CHOICES, RETURN_CHOICES

_ICONS = {
    "TOO_FAR": "map-pin-off",
    "NO_CAPACITY": "calendar-x",
    "NOT_OUR_PRODUCT": "package-x",
    "CUSTOMER_KNOWN": "user-round-check",
    "PRICE": "badge-euro",
    "COMPETITOR": "store",
    "NO_NEED": "circle-slash",
    "TIMING": "calendar-clock",
    "WRONG_DATA": "circle-alert",
    "NOT_REACHABLE": "phone-off",
    "OTHER": "ellipsis",
}


def _with_icons(choices: Iterable[tuple[str, object]]) -> list[tuple[str, object, str]]:
    return [(value, label, _ICONS[value]) for value, label in choices]


DECLINE_REASONS = _with_icons(DECLINE_CHOICES)
LOST_REASONS = _with_icons(LOST_CHOICES)
RETURN_REASONS = _with_icons(RETURN_CHOICES)
