"""When a partner's business is open, where somebody wants to call it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template

from partners.models import Partner
from partners.opening_hours import Opening, opening_of
from partners.opening_words import Days, opening_in_words, week_in_words

register = template.Library()


@register.inclusion_tag("partners/parts/opening.html", takes_context=True)
def opening(context: Any, partner: Partner, at: datetime) -> dict[str, Any]:
    """Say at the desk whether a partner is open right now; nothing if it has not said when."""
    manufacturer = context["request"].person.chosen.manufacturer
    return {"opening": opening_of(partner, manufacturer, at=at), "at": at}


@register.filter
def in_words(found: Opening, at: datetime) -> str:
    """Say whether a business is open, and when that changes."""
    return opening_in_words(is_open=found.is_open, until=found.until, at=at)


@register.filter
def week(stated: Sequence[str]) -> list[Days]:
    """Write the hours of a week, days that are alike in one line."""
    return week_in_words(stated)
