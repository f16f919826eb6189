"""What a customer fills in on a form of a manufacturer's site."""

import unicodedata
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leadhub.core.geo import normalise_postal_code
from leadhub.core.pages.forms import LongSelect, note_refusal
from leadhub.core.pages.places import LONGEST_POSTAL_CODE, countries
from leads.intake import Consent, Contact, NewLead, refusals_of_contact
from leads.models.web_forms import AskedField
from leads.stamps import Stamp
from leads.web_forms import REACHED_BY, ShownForm

# People do not see it; programs that fill in everything do.
TRAP = "homepage"
# What is asked -> its length, and what browsers fill it in with by themselves.
LINES = {
    AskedField.FIRST_NAME: (120, "given-name"),
    AskedField.LAST_NAME: (120, "family-name"),
    AskedField.COMPANY: (200, "organization"),
    AskedField.EMAIL: (254, "email"),
    AskedField.PHONE: (60, "tel"),
    AskedField.STREET: (200, "street-address"),
    AskedField.CITY: (120, "address-level2"),
}
LONGEST_WISH = 5_000
# Signs that turn the direction of what stands around them.
_TURNING = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def without_controls(text: str, *, keeps_lines: bool = False) -> str:
    """Take out of a text what cannot be seen and changes what can be."""
    kept = [
        sign
        if keeps_lines and sign == "\n"
        else " "
        if unicodedata.category(sign) == "Cc"
        else sign
        for sign in text.replace("\r\n", "\n").replace("\r", "\n")
        if sign not in _TURNING
    ]
    plain = "".join(kept)
    return plain.strip() if keeps_lines else " ".join(plain.split())


class LineField(forms.CharField):
    """One line of text: whatever would end a line is a space."""

    def to_python(self, value: Any) -> str:
        """Write it in one line."""
        return without_controls(str(value)) if value is not None else ""


class TextField(forms.CharField):
    """A few lines of text."""

    def to_python(self, value: Any) -> str:
        """Leave lines as they are."""
        return without_controls(str(value), keeps_lines=True) if value is not None else ""


class EnquiryForm(forms.Form):
    """What a form of a manufacturer asks its customers."""

    def __init__(self, sent: Any = None, *, shown: ShownForm) -> None:
        """Ask for what the manufacturer wants to know, in the order in which people tell it."""
        super().__init__(sent, label_suffix="")
        self.shown, self.asked = shown, shown.form
        self.has_one_line = len(shown.lines) == 1
        if not self.has_one_line:
            self.fields["product_lines"] = _lines_field(shown)
        if AskedField.WISH in self.asked.asks:
            self.fields["wish"] = self._wish()
        for name in LINES:
            if name in self.asked.asks:
                self.fields[name.value] = self._line(name)
        self.fields["postal_code"] = _postal_code_field()
        self.fields["country"] = forms.ChoiceField(
            label=_("Country"),
            choices=countries(),
            initial=self.asked.country,
            widget=LongSelect({"autocomplete": "country"}),
        )
        self.fields["consent"] = forms.BooleanField(
            label=_("Your consent"),
            error_messages={"required": _("Without your consent nothing can be sent.")},
        )

    def _line(self, name: AskedField) -> forms.Field:
        max_length, autocomplete = LINES[name]
        is_only_way = set(REACHED_BY) & set(self.asked.asks) == {name}
        is_either_way = name == AskedField.EMAIL and self.has_two_ways
        is_needed = name in self.asked.insists_on or is_only_way
        attrs = {"autocomplete": autocomplete}
        if name in (AskedField.EMAIL, AskedField.PHONE):
            attrs |= {"type": autocomplete, "inputmode": autocomplete}
        return LineField(
            label=name.label,
            max_length=max_length,
            required=is_needed,
            help_text=_("We need an e-mail address or a phone number.") if is_either_way else "",
            widget=forms.TextInput(attrs),
        )

    def _wish(self) -> forms.Field:
        return TextField(
            label=AskedField.WISH.label,
            max_length=LONGEST_WISH,
            required=AskedField.WISH in self.asked.insists_on,
            widget=forms.Textarea({"rows": 4}),
        )

    @property
    def has_two_ways(self) -> bool:
        """Tell whether a customer chooses how to be reached."""
        asked = set(REACHED_BY)
        return asked <= set(self.asked.asks) and not asked & set(self.asked.insists_on)

    @property
    def is_trapped(self) -> bool:
        """Tell whether a program filled this in."""
        return bool(self.data.get(TRAP, ""))

    def clean_postal_code(self) -> str:
        """Write the postal code as places are stored."""
        code = normalise_postal_code(self.cleaned_data["postal_code"])
        if len(code) > LONGEST_POSTAL_CODE:
            raise forms.ValidationError(_("No postal code is as long as this."), "too_long")
        return code

    def clean(self) -> dict[str, Any]:
        """Say at once what intake would say of the ways to reach the customer."""
        given = super().clean() or {}
        if self.errors.keys() & {"phone", "email", "country"}:
            return given
        reach = Contact(email=given.get("email", ""), phone=given.get("phone", ""))
        for refusal in refusals_of_contact(reach, country=given["country"]):
            if refusal.code == "unreachable":
                first = "phone" if "phone" in self.fields else "email"
                self.add_error(first, _("How can you be reached? Please fill in one of the two."))
            else:
                note_refusal(self, refusal)
        return given

    def new_lead(self, *, stamp: Stamp, at: datetime) -> NewLead:
        """Make of a valid form what intake takes."""
        given, asked = self.cleaned_data, self.asked
        person = ("first_name", "last_name", "company", "email", "phone", "street")
        chosen = given.get("product_lines") or [code for code, _name in self.shown.lines]
        return NewLead(
            external_id=f"F-{stamp.number}",
            source=asked.source,
            product_lines=chosen,
            country=given["country"],
            postal_code=given["postal_code"],
            city=given.get("city", ""),
            contact=Contact(
                **{name: given.get(name, "") for name in person}, language=self.shown.language
            ),
            temperature=asked.temperature,
            wish=given.get("wish", ""),
            is_test=asked.is_test,
            consent=Consent(self.shown.consent.label, given_at=at, source=asked.name),
        )


def _lines_field(shown: ShownForm) -> forms.Field:
    return forms.MultipleChoiceField(
        label=_("What it is about"),
        choices=list(shown.lines),
        error_messages={"required": _("Choose at least one.")},
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
    )


def _postal_code_field() -> forms.Field:
    return LineField(
        label=_("Postal code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "postal-code"}),
    )
