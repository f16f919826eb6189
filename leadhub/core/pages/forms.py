"""Refusals of the domain, shown at the fields of a form."""

from collections.abc import Mapping

from django.forms import Form

from leadhub.core.errors import InvalidInput


def note_refusal(
    form: Form, refusal: InvalidInput, fields: Mapping[str, str] | None = None
) -> None:
    """Put what the domain says of a field at the form's field, else above the form.

    :param fields: path in the domain -> name in the form, where they differ.
    """
    name = (fields or {}).get(refusal.field, refusal.field.rpartition(".")[2])
    form.add_error(name if name in form.fields else None, refusal.in_words())
