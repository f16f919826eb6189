"""Forms of a network: its partners, where they work, and how qualified they are."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.countries import COUNTRIES
from leadhub.core.errors import InvalidInput
from leadhub.core.geo import find_place, normalise_postal_code
from leadhub.core.pages.forms import LongSelect
from leadhub.core.regions import NAMES, region_name, regions_of
from leadhub.core.templatetags.shown import country as country_name, locale_of_reader
from partners.models import CertificationLevel, ProductLine
from partners.models.partners import Status
from partners.network import CertificationDetails, PartnerDetails

Choices = list[tuple[str, Any]]

# What the form says in the same words as the details.
PLAIN = (
    "name",
    "status",
    "email",
    "phone",
    "language",
    "street",
    "postal_code",
    "city",
    "country",
    "cap_open",
    "cap_per_day",
    "cap_per_week",
    "cap_per_month",
    "weight",
)
# Where networks of this product mostly are: first in lists of countries.
NEAR = ("DE", "AT", "CH")
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
ROUND_THE_EARTH_KM = 20_038
AREAS_AT_MOST, LONGEST_AREA = 500, 25
LARGEST_CAP = 2_147_483_647
SPARE_ROWS = 2
BOX = {"class": "checkbox checkbox-sm"}
CERTIFICATIONS_AT_MOST = 200


class PartnerSearchForm(forms.Form):
    """What to look for in the directory; every field may be left out."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(label=_("Status"), required=False)
    product_line = forms.ChoiceField(label=_("Product line"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)
    area = forms.ChoiceField(label=_("Country or state"), required=False)

    def __init__(
        self,
        data: Any,
        *,
        product_lines: Iterable[ProductLine],
        levels: Iterable[CertificationLevel],
        countries: Iterable[str],
    ) -> None:
        super().__init__(data)
        everything = ("", gettext("All"))
        choices: Mapping[str, Choices] = {
            "status": [everything, *Status.choices],
            "product_line": [everything, *((line.code, line.name) for line in product_lines)],
            "level": [everything, *((level.code, level.name) for level in levels)],
            "area": [everything, *_areas(countries)],
        }
        for name, offered in choices.items():
            self._choice(name).choices = offered

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        return field


def _areas(countries: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for code in countries:
        whole = (code, gettext("All of %(country)s") % {"country": country_name(code)})
        yield country_name(code), [whole, *regions_of(code)]


def country_choices() -> Choices:
    """List all countries by name in the reader's language, those near by first."""
    return _countries_in(locale_of_reader())


@lru_cache
def _countries_in(_locale: str) -> Choices:
    names = {code: country_name(code) for code in COUNTRIES}
    others = sorted(COUNTRIES - set(NEAR), key=names.__getitem__)
    return [(code, names[code]) for code in (*NEAR, *others)]


class PartnerForm(forms.Form):
    """A partner's details but its certifications, as ``PartnerDetails`` has them."""

    external_id = forms.CharField(
        label=_("Number"), max_length=120, help_text=_("By which you know this partner; it stays.")
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    status = forms.ChoiceField(label=_("Status"), choices=Status.choices, initial=Status.ACTIVE)
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_(
            "New offers go there too. With neither an address nor people with an account, "
            "a partner is offered nothing."
        ),
    )
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=60, widget=forms.TextInput({"type": "tel"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, initial="de")
    street = forms.CharField(label=_("Street"), required=False, max_length=200)
    postal_code = forms.CharField(label=_("Postal code"), required=False, max_length=20)
    city = forms.CharField(
        label=_("Town"),
        required=False,
        max_length=120,
        help_text=_("Left empty, it is that of the postal code."),
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=country_choices, initial="DE", widget=LongSelect
    )
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, min_value=-180, max_value=180
    )
    radius_km = forms.FloatField(
        label=_("Radius in km"), required=False, min_value=0.1, max_value=ROUND_THE_EARTH_KM
    )
    postal_code_areas = forms.CharField(
        label=_("Postal codes"),
        required=False,
        help_text=_("Beginnings or ranges, one in each line: 80, or 85221-85259, or AT:10."),
        widget=forms.Textarea({"rows": 3}),
    )
    regions = forms.MultipleChoiceField(
        label=_("Federal states"), required=False, widget=forms.CheckboxSelectMultiple(BOX)
    )
    product_lines = forms.MultipleChoiceField(
        label=_("Product lines"), required=False, widget=forms.CheckboxSelectMultiple(BOX)
    )
    cap_open = forms.IntegerField(
        label=_("Leads in hand"), required=False, min_value=0, max_value=LARGEST_CAP
    )
    cap_per_day = forms.IntegerField(
        label=_("Offers a day"), required=False, min_value=0, max_value=LARGEST_CAP
    )
    cap_per_week = forms.IntegerField(
        label=_("Offers a week"), required=False, min_value=0, max_value=LARGEST_CAP
    )
    cap_per_month = forms.IntegerField(
        label=_("Offers a month"), required=False, min_value=0, max_value=LARGEST_CAP
    )
    weight = forms.IntegerField(
        label=_("Preference"),
        min_value=0,
        max_value=100,
        initial=50,
        help_text=_("0 to 100; 50 is neither preferred nor put behind."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        product_lines: Iterable[ProductLine],
        details: PartnerDetails | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(details) if details else None)
        regions, lines = self.fields["regions"], self.fields["product_lines"]
        assert isinstance(regions, forms.MultipleChoiceField)  # noqa: S101 - declared above
        assert isinstance(lines, forms.MultipleChoiceField)  # noqa: S101 - declared above
        unnamed = [code for code in (details.regions if details else ()) if code not in NAMES]
        regions.choices = [
            *((country_name(code), regions_of(code)) for code in NEAR),
            *(
                [(gettext("Others"), [(code, region_name(code)) for code in unnamed])]
                if unnamed
                else []
            ),
        ]
        lines.choices = [(line.code, line.name) for line in product_lines]
        if details is not None:
            del self.fields["external_id"]

    def clean_postal_code(self) -> str:
        """Write it as it is stored."""
        return normalise_postal_code(self.cleaned_data["postal_code"])

    def clean_postal_code_areas(self) -> list[str]:
        """Take them one by one, whatever stands between them."""
        areas = list(
            dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["postal_code_areas"].strip()))
        )
        areas = [area for area in areas if area]
        if len(areas) > AREAS_AT_MOST or any(len(area) > LONGEST_AREA for area in areas):
            raise ValidationError(_("These are too many, or one of them is too long."))
        return areas

    def clean(self) -> dict[str, Any]:
        """Refuse half a pair of coordinates."""
        cleaned = super().clean() or {}
        pair = ("latitude", "longitude")
        missing = [name for name in pair if cleaned.get(name) is None and name not in self.errors]
        if len(missing) == 1:
            self.add_error(missing[0], _("Give both coordinates or none."))
        return cleaned

    def changes(self) -> dict[str, Any]:
        """Tell what differs from the details the form began with."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def states_by_country(self) -> list[tuple[str, list[Any]]]:
        """Group the boxes of federal states by their country's name."""
        boxes: dict[str, list[Any]] = {}
        for box in self["regions"]:
            boxes.setdefault(str(box.data["value"])[:2], []).append(box)
        return [(country_name(code), found) for code, found in boxes.items()]

    def note(self, refusal: InvalidInput) -> None:
        """Show what the domain says of a field; of a list it names the entry it means."""
        name, _dot, rest = refusal.field.partition(".")
        words = refusal.in_words()
        entries = self.cleaned_data.get(name)
        if rest.isdigit() and isinstance(entries, list) and int(rest) < len(entries):
            words = f"{entries[int(rest)]}: {words}"
        self.add_error(name if name in self.fields else None, words)


def _initial(details: PartnerDetails) -> dict[str, Any]:
    """Fill the form; what follows from the postal code is left to it."""
    place = find_place(details.country, details.postal_code) if details.postal_code else None
    is_centre = place is not None and (place.latitude, place.longitude) == (
        details.latitude,
        details.longitude,
    )
    radius = details.radius_km
    return {
        **{name: getattr(details, name) for name in PLAIN},
        "latitude": None if is_centre else details.latitude,
        "longitude": None if is_centre else details.longitude,
        "radius_km": int(radius) if radius is not None and radius == int(radius) else radius,
        "postal_code_areas": "\n".join(details.postal_code_areas),
        "regions": list(details.regions),
        "product_lines": list(details.product_lines),
    }


class CertificationForm(forms.Form):
    """One level held; a row whose level is emptied is taken away."""

    level = forms.ChoiceField(label=_("Level"), required=False)
    product_line = forms.ChoiceField(label=_("For"), required=False)
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, levels: Choices, product_lines: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in (("level", levels), ("product_line", product_lines)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Ask for the level in a new row that says anything else."""
        cleaned = super().clean() or {}
        says_more = cleaned.get("product_line") or cleaned.get("valid_until")
        if (
            says_more
            and not cleaned.get("level")
            and "level" not in self.errors
            and not self.initial
        ):
            self.add_error("level", _("Choose a level."))
        return cleaned


if TYPE_CHECKING:
    Rows = forms.BaseFormSet[CertificationForm]
else:
    Rows = forms.BaseFormSet


class BaseCertifications(Rows):
    """The levels a partner holds, with spare rows at the end."""

    def details(self) -> list[CertificationDetails]:
        """Tell what is held, row by row; of two alike the later one counts."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("level")]
        return [
            CertificationDetails(row["level"], row["product_line"] or None, row["valid_until"])
            for row in rows
        ]


_Certifications: type[BaseCertifications] = forms.formset_factory(  # type: ignore[assignment]
    CertificationForm,
    formset=BaseCertifications,
    extra=SPARE_ROWS,
    max_num=CERTIFICATIONS_AT_MOST,
    absolute_max=CERTIFICATIONS_AT_MOST,
)


def certifications_form(
    data: Any = None,
    *,
    levels: Iterable[CertificationLevel],
    product_lines: Iterable[ProductLine],
    held: Sequence[CertificationDetails] = (),
) -> BaseCertifications:
    """Make the rows of a partner's certifications."""
    choices = {
        "levels": [("", gettext("No level")), *((level.code, level.name) for level in levels)],
        "product_lines": [
            ("", gettext("All product lines")),
            *((line.code, line.name) for line in product_lines),
        ],
    }
    initial = [
        {"level": one.level, "product_line": one.product_line or "", "valid_until": one.valid_until}
        for one in held
    ]
    return _Certifications(data, initial=initial, prefix="certifications", form_kwargs=choices)
