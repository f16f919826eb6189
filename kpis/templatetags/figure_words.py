"""How figures are told beside their numbers."""

from django import template
from django.utils.translation import gettext

from leadhub.core.templatetags.shown import NOTHING

register = template.Library()


@register.filter
def between(interval: tuple[float, float] | None) -> str:
    """Write the range of a share in whole per cent, the lower end down and the upper one up."""
    if interval is None:
        return NOTHING
    low, high = interval
    words = gettext("%(low)s to %(high)s\N{NO-BREAK SPACE}%%")
    return words % {"low": int(low * 100), "high": -int(-high * 100 // 1)}
