"""Where the first mistake of a form is, so that whoever made it stands there."""

from django.forms import BaseForm


def focus_first_mistake(*forms: BaseForm) -> None:
    """Let the first control that has a mistake take the focus when the form is shown again.

    A group of boxes takes it as a whole, by itself.
    """
    for form in forms:
        for field in form.visible_fields():
            if field.errors:
                if field.id_for_label:
                    field.field.widget.attrs["autofocus"] = True
                return
