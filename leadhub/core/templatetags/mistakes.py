"""What a form that was filled in wrongly says about itself."""

from django import template
from django.forms import BoundField

register = template.Library()


@register.filter
def first_control(field: BoundField) -> str:
    """Name the control that a link to a field leads to: of a group of boxes, the first."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def is_first_mistake(field: BoundField) -> bool:
    """Tell whether a field is the first of its form that has a mistake."""
    if not field.errors:
        return False
    first = next(one for one in field.form.visible_fields() if one.errors)
    return bool(first.name == field.name)
