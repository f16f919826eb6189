"""What managers send about their own partner, and what a manufacturer leaves to partners."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leadhub.core.regions import CODES, region_name, regions_of
from partners.models import Manufacturer, OwnSetting, ProductLine
from partners.network import PartnerDetails

_BETWEEN = re.compile(r"[\s,;]+")
LONGEST_LIST = 2_000  # characters
FARTHEST, MOST_LEADS = 1_000, 1_000


def _offers(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=MOST_LEADS)


class OwnAreaForm(forms.Form):
    """Where the partner works."""

    radius_km = forms.IntegerField(
        label=_("Kilometres around us"), required=False, min_value=1, max_value=FARTHEST
    )
    postal_code_areas = forms.CharField(
        label=_("Postal codes besides"),
        required=False,
        max_length=LONGEST_LIST,
        help_text=_("Beginnings or ranges, such as 80 or 80331-80339."),
        widget=forms.TextInput({"inputmode": "text", "autocomplete": "off"}),
    )

    regions = forms.MultipleChoiceField(
        label=_("Federal states besides"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "checkbox checkbox-sm"}),
    )

    def __init__(self, data: Any = None, *, details: PartnerDetails) -> None:
        radius = None if details.radius_km is None else round(details.radius_km)
        codes = ", ".join(details.postal_code_areas)
        regions = list(details.regions)
        super().__init__(
            data,
            initial={"radius_km": radius, "postal_code_areas": codes, "regions": regions},
        )
        near = regions_of(details.country) if details.country in CODES else []
        own = [(code, region_name(code)) for code in regions if code not in dict(near)]
        self.fields["regions"].choices = [*near, *own]  # type: ignore[attr-defined]

    def clean_postal_code_areas(self) -> list[str]:
        """Read one by one what stands between commas and spaces."""
        parts = _BETWEEN.split(self.cleaned_data["postal_code_areas"])
        return list(dict.fromkeys(part for part in parts if part))


class OwnLinesForm(forms.Form):
    """For which product lines the partner is asked."""

    product_lines = forms.MultipleChoiceField(
        label=_("Ask us for"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, data: Any = None, *, details: PartnerDetails, lines: Sequence[ProductLine]
    ) -> None:
        super().__init__(data, initial={"product_lines": list(details.product_lines)})
        choices = [(line.code, line.name) for line in lines]
        self.fields["product_lines"].choices = choices  # type: ignore[attr-defined]


class OwnCapsForm(forms.Form):
    """How many leads the partner takes at a time, and how many it is asked about."""

    cap_open = forms.IntegerField(label=_("Leads at a time"), min_value=1, max_value=MOST_LEADS)
    cap_per_day = _offers(_("Offers a day"))
    cap_per_week = _offers(_("Offers a week"))
    cap_per_month = _offers(_("Offers a month"))

    def __init__(self, data: Any = None, *, details: PartnerDetails) -> None:
        caps = ("cap_open", "cap_per_day", "cap_per_week", "cap_per_month")
        super().__init__(data, initial={name: getattr(details, name) for name in caps})


class LeftToPartnersForm(forms.Form):
    """What a manufacturer leaves to its partners."""

    partners_may = forms.MultipleChoiceField(
        label=_("Partners' managers may change themselves"),
        required=False,
        choices=OwnSetting.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    own_radius_most = forms.IntegerField(
        label=_("Kilometres they may work around, at most"), min_value=1, max_value=FARTHEST
    )
    own_open_least = forms.IntegerField(
        label=_("Leads at a time, at least"), min_value=1, max_value=MOST_LEADS
    )
    own_open_most = forms.IntegerField(
        label=_("Leads at a time, at most"), min_value=1, max_value=MOST_LEADS
    )
    shows_rank = forms.BooleanField(
        label=_("Partners see their place among the others"),
        required=False,
        help_text=_("The network's median they see in any case, where it says nothing of one."),
    )

    def __init__(self, data: Any = None, *, manufacturer: Manufacturer) -> None:
        names = (
            "partners_may", "own_radius_most", "own_open_least", "own_open_most", "shows_rank",
        )  # fmt: skip
        super().__init__(data, initial={name: getattr(manufacturer, name) for name in names})
