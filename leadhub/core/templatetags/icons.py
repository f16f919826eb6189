"""Icons, written into the page; each is drawn once and kept, for lists show the same ones often."""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()

KINDS_KEPT = 1_000


@register.simple_tag
def icon(name: str, size: int | str = 20, css: str = "") -> str:
    """Draw an icon that says nothing by itself: what it stands for is written beside it."""
    return _drawn(str(name), int(size), str(css))


@lru_cache(KINDS_KEPT)
def _drawn(name: str, size: int, css: str) -> str:
    look = {"class": f"shrink-0 {css}".strip(), "aria_hidden": "true"}
    return draw(name, size=size, **look)
