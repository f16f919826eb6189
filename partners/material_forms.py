"""Forms of documents for selling."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.uploads import FORMATS, too_large
from partners.materials.publishing import LARGEST_FILE, LONGEST_TITLE, MOST_LINES, Edition
from partners.models import ProductLine
from partners.models.materials import MaterialKind, MaterialLanguage

# Where the domain names a field otherwise than the form.
FIELDS = {"content": "file"}
ACCEPTED = ",".join(f".{one.extension}" for one in FORMATS.values())


def day_input() -> forms.DateInput:
    """Ask for a day with the browser's own calendar."""
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class FileContent(forms.FileField):
    """A file, read whole; one that is too large is refused unread."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Read the file."""
        sent = super().clean(data, initial)
        if not isinstance(sent, UploadedFile):
            return None
        if (sent.size or 0) > LARGEST_FILE:
            refusal = too_large(field="file", at_most=LARGEST_FILE)
            raise forms.ValidationError(refusal.in_words(), refusal.code)
        return sent.name or "", sent.read()


class DescriptionForm(forms.Form):
    """What a document is and what it is about."""

    title = forms.CharField(
        label=_("Title"), max_length=LONGEST_TITLE, widget=forms.TextInput({"autocomplete": "off"})
    )
    kind = forms.ChoiceField(label=_("Kind of document"), choices=MaterialKind.choices)
    product_lines = forms.MultipleChoiceField(
        label=_("Product lines"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
        help_text=_("Without any it stands with every lead."),
    )

    def __init__(self, *args: Any, lines: Iterable[ProductLine], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["product_lines"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(line.code, line.name) for line in lines]

    def clean_product_lines(self) -> list[str]:
        """Take as many lines as a document may be about."""
        chosen: list[str] = self.cleaned_data["product_lines"]
        if len(chosen) > MOST_LINES:
            raise forms.ValidationError(gettext("Choose none, which means all of them."))
        return chosen

    def description(self) -> Mapping[str, Any]:
        """Tell what the domain is to keep."""
        return {name: self.cleaned_data[name] for name in ("title", "kind", "product_lines")}


class EditionForm(forms.Form):
    """A file, its language, and from when until when it holds."""

    file = FileContent(
        label=_("File"),
        max_length=200,
        widget=forms.FileInput({"accept": ACCEPTED}),
        help_text=_("PDF, picture, Excel or Word without macros; at most 16 MB."),
        error_messages={"max_length": _("The file's name is too long; give it a shorter one.")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=MaterialLanguage.choices)
    valid_from = forms.DateField(
        label=_("Valid from"),
        required=False,
        widget=day_input(),
        help_text=_("Today, if you leave it empty."),
    )
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=day_input(),
        help_text=_("The last day. Empty means until a newer version replaces it."),
    )

    def edition(self, *, today: date) -> Edition:
        """Tell what is to be published."""
        sent = self.cleaned_data
        file_name, content = sent["file"]
        return Edition(
            content=content,
            file_name=file_name,
            language=sent["language"],
            valid_from=sent["valid_from"] or today,
            valid_until=sent["valid_until"],
        )


class MaterialForm(EditionForm, DescriptionForm):
    """A new document with its first version."""

    field_order = ("title", "kind", "product_lines", "file", "language")


class EndForm(forms.Form):
    """The last day of a version."""

    valid_until = forms.DateField(label=_("Valid until"), required=False, widget=day_input())


class LibraryForm(forms.Form):
    """What somebody looks for among the documents."""

    q = forms.CharField(required=False, max_length=100)
    line = forms.CharField(required=False, max_length=60)
