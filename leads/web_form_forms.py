"""What somebody at the desk types in to make a form for the manufacturer's own sites."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from leadhub.core.errors import InvalidInput
from leadhub.core.pages.forms import LongSelect, note_refusal
from leadhub.core.pages.places import FIRST_COUNTRIES, countries
from leads.models import ConsentText, WebForm
from leads.models.leads import Temperature
from leads.models.web_forms import AskedField
from leads.web_forms import FormDetails, FormText

NOT_ASKED, MAY_BE_EMPTY, NEEDED = "", "MAY_BE_EMPTY", "NEEDED"
HOW_ASKED = [
    (NOT_ASKED, _("is not asked")),
    (MAY_BE_EMPTY, _("may be left empty")),
    (NEEDED, _("has to be filled in")),
]
TO_BEGIN_WITH = {
    AskedField.FIRST_NAME: MAY_BE_EMPTY,
    AskedField.LAST_NAME: NEEDED,
    AskedField.EMAIL: NEEDED,
    AskedField.PHONE: MAY_BE_EMPTY,
    AskedField.WISH: MAY_BE_EMPTY,
}
ASK = "ask_"
LONGEST_TEXT, LONGEST_CONSENT = 2_000, 5_000
PARTS = ("title", "intro", "consent", "thanks")
# In the language of the customers, whoever writes the form.
THANKS = {
    "de": "Vielen Dank! Ihre Anfrage ist angekommen. Ein Fachpartner in Ihrer Nähe meldet sich.",
    "en": "Thank you! Your enquiry has arrived. A partner near you will get in touch.",
}
# What the domain names after a field of its own.
NAMES = {"asks": f"{ASK}email"}


class WebFormForm(forms.Form):
    """A form of a manufacturer: what it asks for, what it says, where it is shown."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("For yourselves; customers do not see it.")
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=60,
        help_text=_("Of the leads that come by this form. It cannot be changed later."),
        widget=forms.TextInput({"list": "known-sources", "autocomplete": "off"}),
    )
    product_lines = forms.MultipleChoiceField(
        label=_("Product lines to choose from"),
        error_messages={"required": _("Choose at least one product line.")},
        help_text=_("With a single one nobody is asked."),
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
    )
    country = forms.ChoiceField(
        label=_("Country to begin with"), initial=FIRST_COUNTRIES[0], widget=LongSelect()
    )
    temperature = forms.ChoiceField(
        label=_("How close to buying"),
        choices=Temperature.choices,
        initial=Temperature.WARM,
        widget=forms.RadioSelect({"class": "radio radio-sm"}),
    )
    is_test = forms.BooleanField(
        label=_("Only try it out"),
        required=False,
        help_text=_("What comes in is marked as a test and counts in no figure."),
    )
    sites = forms.CharField(
        label=_("Sites that may show it"),
        required=False,
        max_length=6_000,
        help_text=_("One address in each line, such as https://www.example.com. No other may."),
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )
    go_on_to = forms.CharField(
        label=_("Address to go on to afterwards"),
        required=False,
        max_length=300,
        help_text=_("A button under the thanks leads there. Left empty, there is none."),
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off"}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=settings.LANGUAGES,
        error_messages={"required": _("Choose at least one language.")},
        help_text=_("Customers see theirs, as their browser says, else yours."),
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
    )

    def __init__(
        self,
        sent: Any = None,
        *,
        product_lines: Sequence[tuple[str, str]],
        language: str,
        form: WebForm | None = None,
        consents: Sequence[ConsentText] = (),
    ) -> None:
        """Offer the manufacturer's product lines, as pairs of code and name.

        :param language: the manufacturer's own.
        :param form: the one that is changed, with ``consents``, its texts.
        """
        super().__init__(sent, initial=_initial(form, consents, language))
        self.fields["product_lines"].choices = list(product_lines)  # type: ignore[attr-defined]
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]
        if form is not None:
            del self.fields["source"]
        for asked in AskedField:
            self.fields[f"{ASK}{asked.value}"] = forms.ChoiceField(
                label=asked.label, choices=HOW_ASKED, required=False
            )
        for code, _name in settings.LANGUAGES:
            self.fields |= _texts_in(code)

    def asked(self) -> list[BoundField]:
        """List what may be asked for."""
        return [self[f"{ASK}{asked.value}"] for asked in AskedField]

    def texts(self) -> Iterator[tuple[str, list[BoundField]]]:
        """List the texts of each language, by its name in itself."""
        for code, name in settings.LANGUAGES:
            yield name, [self[f"{part}_{code}"] for part in PARTS]

    def clean(self) -> dict[str, Any]:
        """Ask for the texts of the languages that were chosen."""
        given = super().clean() or {}
        for code in given.get("languages", ()):
            for part in PARTS:
                field = f"{part}_{code}"
                if part != "intro" and not given.get(field) and field not in self.errors:
                    words = _("Please fill this in, or leave the language out.")
                    self.add_error(field, forms.ValidationError(words, "required"))
        return given

    def note(self, refusal: InvalidInput) -> None:
        """Put what the domain says at its field."""
        note_refusal(self, refusal, NAMES)

    def details(self) -> FormDetails:
        """Make of a valid form what the domain takes."""
        given = self.cleaned_data
        how = {asked.value: given[f"{ASK}{asked.value}"] for asked in AskedField}
        return FormDetails(
            name=given["name"],
            product_lines=given["product_lines"],
            country=given["country"],
            asks=[name for name, asked in how.items() if asked != NOT_ASKED],
            insists_on=[name for name, asked in how.items() if asked == NEEDED],
            temperature=given["temperature"],
            is_test=given["is_test"],
            sites=given["sites"].split(),
            go_on_to=given["go_on_to"],
            texts={
                code: FormText(**{part: _lines(given[f"{part}_{code}"]) for part in PARTS})
                for code in given["languages"]
            },
        )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _texts_in(code: str) -> dict[str, forms.Field]:
    """Make the fields of what a form says in one language."""
    return {
        f"title_{code}": forms.CharField(label=_("Heading"), max_length=120, required=False),
        f"intro_{code}": forms.CharField(
            label=_("A few words before"),
            max_length=LONGEST_TEXT,
            required=False,
            widget=forms.Textarea({"rows": 2}),
        ),
        f"consent_{code}": forms.CharField(
            label=_("What customers agree to"),
            max_length=LONGEST_CONSENT,
            required=False,
            help_text=_(
                "Say who gets the data and what for; an address beginning with https:// becomes"
                " a link. A changed text is a new version."
            ),
            widget=forms.Textarea({"rows": 5}),
        ),
        f"thanks_{code}": forms.CharField(
            label=_("Thanks"),
            max_length=LONGEST_TEXT,
            required=False,
            widget=forms.Textarea({"rows": 2}),
        ),
    }


def _initial(
    form: WebForm | None, consents: Sequence[ConsentText], language: str
) -> dict[str, Any]:
    thanks = {f"thanks_{code}": text for code, text in THANKS.items()}
    if form is None:
        asked = {f"{ASK}{name.value}": how for name, how in TO_BEGIN_WITH.items()}
        return {"languages": [language], **asked, **thanks}
    initial: dict[str, Any] = {**thanks, **_asked(form), **_said(form)}
    for consent in reversed(consents):
        initial[f"consent_{consent.language}"] = consent.text
    initial |= {
        name: getattr(form, name)
        for name in ("name", "product_lines", "country", "temperature", "is_test", "go_on_to")
    }
    return initial | {"sites": "\n".join(form.sites), "languages": list(form.texts)}


def _asked(form: WebForm) -> dict[str, str]:
    return {
        f"{ASK}{name}": NEEDED if name in form.insists_on else MAY_BE_EMPTY for name in form.asks
    }


def _said(form: WebForm) -> dict[str, str]:
    return {
        f"{part}_{code}": text for code, said in form.texts.items() for part, text in said.items()
    }
