"""What forms share: refusals of the domain at their fields, what is said of a field left empty."""

from collections.abc import Mapping
from typing import Any

from django.forms import Field, Form, Select
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from leadhub.core.errors import InvalidInput


def ask_kindly_for_what_is_missing() -> None:
    """Let every field of every form, unless it has words of its own, ask to be filled in.

    Fields take this as they are made: it is called once, before any form is.
    """
    Field.default_error_messages["required"] = _("Please fill this in.")


def note_refusal(
    form: Form, refusal: InvalidInput, fields: Mapping[str, str] | None = None
) -> None:
    """Put what the domain says of a field at the form's field, else above the form.

    :param fields: path in the domain -> name in the form, where they differ.
    """
    name = (fields or {}).get(refusal.field, refusal.field.rpartition(".")[2])
    form.add_error(name if name in form.fields else None, refusal.in_words())


class LongSelect(Select):
    """A choice among hundreds, written at once: a template for each takes longer than the page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Write the control."""
        chosen = self.format_value(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (code, mark_safe(" selected") if code in chosen else "", label)
                for code, label in self.choices
            ),
        )
        given = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(given), options)
