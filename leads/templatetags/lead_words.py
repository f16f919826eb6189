"""How statuses and temperatures of leads look: the tone of a badge, and its icon."""

from collections.abc import Mapping

from django import template

register = template.Library()

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


@register.filter
def lead_tone(status: str) -> str:
    """Choose the tone in which a lead's status is said."""
    return LEAD_TONES.get(status, NEUTRAL)


@register.filter
def offer_tone(status: str) -> str:
    """Choose the tone in which an offer's status is said."""
    return OFFER_TONES.get(status, NEUTRAL)


@register.filter
def temperature_tone(temperature: str) -> str:
    """Choose the tone in which it is said how close to buying a customer is."""
    return TEMPERATURE_TONES.get(temperature, NEUTRAL)


@register.filter
def temperature_icon(temperature: str) -> str:
    """Name the icon that goes with a temperature."""
    return TEMPERATURE_ICONS.get(temperature, "thermometer")
