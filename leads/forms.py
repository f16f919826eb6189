"""What somebody at the desk types in to make a new lead."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leadhub.core.geo import normalise_postal_code
from leadhub.core.pages.amounts import amount_field
from leadhub.core.pages.forms import note_refusal
from leadhub.core.pages.places import FIRST_COUNTRIES, LONGEST_POSTAL_CODE, countries
from leads.intake import Consent, Contact, NewLead, refusals_of_contact
from leads.models.leads import Temperature

# Where the domain speaks of a part of the lead that is no field of its own.
REACH = {"contact": "phone"}


def _text(label: Any, max_length: int, *, required: bool = False, **attrs: Any) -> forms.CharField:
    help_text = attrs.pop("help_text", "")
    return forms.CharField(
        label=label,
        max_length=max_length,
        required=required,
        help_text=help_text,
        widget=forms.TextInput({"autocomplete": "off", **attrs}),
    )


class NewLeadForm(forms.Form):
    """An enquiry that somebody types in: from the phone, a fair, a letter.

    ``number_if_none`` is made with the empty form, so that the same form sent twice is one lead.
    """

    # As on the page, so that the first mistake is the first that is seen.
    field_order = (
        "first_name", "last_name", "company", "phone", "email", "street", "postal_code", "city",
        "country", "product_lines", "wish", "wish_summary", "expected_value",
        "required_certification", "temperature", "evidence", "source", "external_id",
        "consent_version", "is_test",
    )  # fmt: skip
    number_if_none = forms.CharField(max_length=120, widget=forms.HiddenInput)
    first_name = _text(_("First name"), 120)
    last_name = _text(_("Last name"), 120)
    company = _text(_("Company"), 200)
    phone = _text(_("Phone"), 60, type="tel", inputmode="tel")
    email = _text(_("E-mail address"), 254, type="email", inputmode="email")
    street = _text(_("Street and number"), 200)
    postal_code = _text(_("Postal code"), 20, required=True)
    city = _text(_("Town"), 120, help_text=_("Left empty, it comes from the postal code."))
    country = forms.ChoiceField(label=_("Country"), initial=FIRST_COUNTRIES[0])
    product_lines = forms.MultipleChoiceField(
        label=_("Product lines"),
        error_messages={"required": _("Choose at least one product line.")},
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
    )
    required_certification = forms.ChoiceField(
        label=_("Required certification"),
        required=False,
        help_text=_("Only partners of this level or a higher one are asked."),
    )
    wish = forms.CharField(
        label=_("What the customer wants"),
        max_length=10_000,
        required=False,
        help_text=_("In the customer's own words. Partners see it once they have accepted."),
        widget=forms.Textarea({"rows": 4}),
    )
    wish_summary = _text(
        _("In short, for the offer"),
        500,
        help_text=_("Partners see it before they accept, so it must not name the customer."),
    )
    expected_value = amount_field(_("Expected value"))
    temperature = forms.ChoiceField(
        label=_("How close to buying"),
        choices=Temperature.choices,
        initial=Temperature.WARM,
        widget=forms.RadioSelect({"class": "radio radio-sm"}),
    )
    evidence = _text(
        _("How you know"), 500, help_text=_("For example: asked for a quote, came to the fair.")
    )
    source = _text(_("Source"), 60, required=True, list="known-sources")
    external_id = _text(_("Number"), 120, help_text=_("Left empty, a number is made."))
    consent_version = _text(
        _("Consent"), 60, help_text=_("Version of the text that the customer agreed to, if any.")
    )
    is_test = forms.BooleanField(
        label=_("This is a test"),
        required=False,
        help_text=_("It is offered like any other lead, and counts in no figure."),
    )

    def __init__(
        self,
        sent: Any = None,
        *,
        product_lines: Sequence[tuple[str, str]],
        levels: Sequence[tuple[str, str]],
    ) -> None:
        """Offer the manufacturer's own product lines and levels, as pairs of code and name."""
        super().__init__(sent, initial={"number_if_none": f"M-{token_hex(4).upper()}"})
        self.fields["product_lines"].choices = list(product_lines)  # type: ignore[attr-defined]
        self.fields["required_certification"].choices = [  # type: ignore[attr-defined]
            ("", _("None in particular")),
            *levels,
        ]
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]

    def clean_postal_code(self) -> str:
        """Write the postal code as places are stored."""
        code = normalise_postal_code(self.cleaned_data["postal_code"])
        if len(code) > LONGEST_POSTAL_CODE:
            raise forms.ValidationError(_("No postal code is as long as this."), "too_long")
        return code

    def clean(self) -> dict[str, Any]:
        """Say at once what intake would say of the ways to reach the customer."""
        given = super().clean() or {}
        unsure = self.errors.keys() & {"phone", "email", "country"}
        phone = "" if unsure else given.get("phone", "")
        reach = Contact(email=given.get("email", ""), phone=phone)
        if not unsure or reach.email:
            for refusal in refusals_of_contact(reach, country=given.get("country", "")):
                note_refusal(self, refusal, REACH)
        return given

    def new_lead(self, *, at: datetime) -> NewLead:
        """Make of a valid form what intake takes."""
        given = self.cleaned_data
        consent = given["consent_version"]
        person = ("first_name", "last_name", "company", "email", "phone", "street")
        as_they_are = (
            "source", "product_lines", "country", "postal_code", "city", "temperature", "evidence",
            "required_certification", "wish", "wish_summary", "expected_value", "is_test",
        )  # fmt: skip
        return NewLead(
            external_id=given["external_id"] or given["number_if_none"],
            contact=Contact(**{name: given[name] for name in person}),
            consent=Consent(consent, given_at=at, source=given["source"]) if consent else None,
            **{name: given[name] for name in as_they_are},
        )


class CustomerForm(forms.Form):
    """By what a customer is known."""

    wanted = _text(
        _("E-mail address or phone number"),
        254,
        required=True,
        help_text=_("Exactly as the customer gives it; a phone number best as +49 89 1234567."),
    )

    def known_by(self) -> dict[str, str]:
        """Tell an address from a number."""
        wanted = self.cleaned_data["wanted"]
        return {"email": wanted, "phone": ""} if "@" in wanted else {"email": "", "phone": wanted}
