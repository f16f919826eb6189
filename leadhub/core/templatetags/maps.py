"""The signs of maps in templates: in keys and tables, as on the map."""

from django import template

from leadhub.core.maps import SHAPES

register = template.Library()


@register.filter
def sign_path(shape: str) -> str:
    """Write the SVG path of a sign's shape."""
    return SHAPES[shape]


@register.filter
def shade_of(code: str, shades: dict[str, int]) -> int:
    """Tell how strongly a region is shaded, 0 for not at all."""
    return shades.get(code, 0)
