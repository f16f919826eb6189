"""Forms of imports: a file, and which of its columns is what."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.pages.forms import LongSelect
from leadhub.core.uploads import too_large
from partners.imports.fields import FIELDS, NEEDED, WITHOUT, guess_fields
from partners.imports.jobs import LARGEST_FILE
from partners.models import Import
from partners.network_forms import country_choices

SAMPLES_SHOWN = 3


class UploadForm(forms.Form):
    """A file to import; the same one sent twice with the same key is one import."""

    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("CSV or XLSX, at most 20 MB and 50,000 rows."),
        error_messages={"max_length": _("The file's name is too long; give it a shorter one.")},
    )
    upload_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Any = None, files: Any = None, *, accept: str, hint: Any = "") -> None:
        super().__init__(data, files)
        self.fields["file"].widget.attrs["accept"] = accept
        if hint:
            self.fields["file"].help_text = hint

    def clean_file(self) -> Any:
        """Refuse one that is too large unread."""
        sent = self.cleaned_data["file"]
        if (sent.size or 0) > LARGEST_FILE:
            refusal = too_large(field="file", at_most=LARGEST_FILE)
            raise forms.ValidationError(refusal.in_words(), refusal.code)
        return sent


class MappingForm(forms.Form):
    """Which column is which field, and the country of partners of which nothing says so."""

    country = forms.ChoiceField(
        label=_("Country where a row names none"), choices=country_choices, widget=LongSelect
    )

    def __init__(
        self, data: Any = None, *, job: Import, samples: Sequence[Sequence[str]] = ()
    ) -> None:
        chosen = job.mapping.get("columns") or guess_fields(job.columns)
        initial = {"country": job.mapping.get("country", "DE")}
        initial |= {_name(number): name for number, name in enumerate(chosen)}
        super().__init__(data, initial=initial)
        self.samples = samples
        self.count = len(job.columns)
        choices = [
            (WITHOUT, gettext("Do not import")),
            *((field.name, field.label) for field in FIELDS.values()),
        ]
        for number, heading in enumerate(job.columns):
            self.fields[_name(number)] = forms.ChoiceField(
                label=heading or gettext("Column %(number)s") % {"number": number + 1},
                choices=choices,
                required=False,
            )

    def columns(self) -> list[tuple[forms.BoundField, str]]:
        """List the fields of columns, each with what stands in the first rows."""
        return [
            (
                self[_name(number)],
                " · ".join(
                    row[number][:40] for row in self.samples if len(row) > number and row[number]
                ),
            )
            for number in range(self.count)
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the number, and for one column only where one is taken."""
        cleaned = super().clean() or {}
        chosen = [cleaned.get(_name(number), WITHOUT) for number in range(self.count)]
        if NEEDED not in chosen:
            self.add_error(None, gettext("Choose which column is the number of the partner."))
        for number, name in enumerate(chosen):
            if name and FIELDS[name].joined_by is None and name in chosen[:number]:
                words = gettext("“%(field)s” is chosen for another column already.")
                self.add_error(_name(number), words % {"field": FIELDS[name].label})
        return cleaned

    def mapping(self) -> dict[str, Any]:
        """Tell what the columns are."""
        columns = [self.cleaned_data[_name(number)] for number in range(self.count)]
        return {"columns": columns, "country": self.cleaned_data["country"]}


def _name(number: int) -> str:
    return f"column_{number}"
