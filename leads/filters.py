"""Narrowing the list of leads by what somebody asks for."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from leads.attention import Attention, needing_attention
from leads.models import Lead, LeadProductLine
from leads.models.leads import IN_HANDS, LeadQuerySet, LeadStatus, Temperature
from leads.overview import sorted_by
from leads.searching import find_leads, words_in
from leads.sources import name_of_source

YEARS = range(1900, 2200)


class InstantField(django_filters.fields.IsoDateTimeField):  # type: ignore[misc]
    """An instant in a year that people live in."""

    def clean(self, value: Any) -> datetime | None:
        """Refuse what no calendar could show."""
        instant: datetime | None = super().clean(value)
        if instant is not None and instant.year not in YEARS:
            raise forms.ValidationError(_("Name a year between 1900 and 2200."), "out_of_range")
        return instant


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """Narrows by an instant."""

    field_class = InstantField


class LeadFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What may be asked for; what is not asked for narrows nothing.

    ``product_line`` is the code of a line among those asked for, ``partner`` who holds the lead or
    held it when it was closed, and each word of ``q`` is found in the lead's number, place or
    contact.

    :ivar is_cut: more leads were found by ``q`` than are looked through; these are the newest.
    """

    is_cut = False

    product_line = django_filters.CharFilter(method="asking_for")
    partner = django_filters.UUIDFilter(field_name="partner_id")
    received_after = InstantFilter(field_name="received_at", lookup_expr="gte")
    received_before = InstantFilter(field_name="received_at", lookup_expr="lt")
    q = django_filters.CharFilter(method="containing")

    class Meta:
        model = Lead
        fields = ("status", "source", "temperature", "country", "postal_code", "external_id")

    def asking_for(self, leads: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        """Keep leads that ask for this product line, among others perhaps."""
        lines = LeadProductLine.objects.filter(product_line__code=code)
        return leads.filter(id__in=lines.values("lead_id"))

    def containing(self, leads: LeadQuerySet, name: str, text: str) -> LeadQuerySet:
        """Keep leads in which each of the first words can be found, for the manufacturer."""
        words = words_in(text)
        if not words:
            return leads
        found = find_leads(words)
        self.is_cut = found.is_cut
        return leads.filter(id__in=found.as_rows)


# Statuses that somebody at the desk looks at together.
GROUPS: Mapping[str, Sequence[str]] = {
    "IN_HANDS": IN_HANDS,
    "ENDED": (LeadStatus.WITHDRAWN, LeadStatus.MERGED, LeadStatus.REJECTED),
}
STANDINGS = [
    *LeadStatus.choices,
    ("IN_HANDS", _("In hands")),
    ("ENDED", _("Withdrawn or rejected")),
]
# So many days back, today included.
PERIODS: Mapping[str, int] = {"today": 1, "week": 7, "month": 30, "quarter": 90}
PERIOD_WORDS = [
    ("today", _("Today")),
    ("week", _("The last 7 days")),
    ("month", _("The last 30 days")),
    ("quarter", _("The last 90 days")),
]
SORT_WORDS = [
    ("newest", _("Newest first")),
    ("oldest", _("Oldest first")),
    ("deadline", _("Next deadline first")),
    ("value", _("Highest value first")),
    ("town", _("By town")),
]
USUAL_ORDER = "newest"
# What the tabs above the list choose; everything else narrows what the tabs count.
TABS = ("status", "attention")


class BoardFilter(LeadFilter):
    """What somebody at the desk may ask for: what a program may, and more in their own words."""

    status = django_filters.ChoiceFilter(choices=STANDINGS, method="standing")
    attention = django_filters.ChoiceFilter(choices=Attention.choices, method="waiting")
    product_line = django_filters.ChoiceFilter(
        label=_("Product line"), empty_label=_("All"), method="asking_for"
    )
    source = django_filters.ChoiceFilter(label=_("Source"), empty_label=_("All"))
    temperature = django_filters.ChoiceFilter(
        label=_("Temperature"), empty_label=_("All"), choices=Temperature.choices
    )
    period = django_filters.ChoiceFilter(
        label=_("Received"),
        empty_label=_("At any time"),
        choices=PERIOD_WORDS,
        method="received_within",
    )
    partner_name = django_filters.CharFilter(
        label=_("Partner"),
        field_name="partner__name",
        lookup_expr="icontains",
        max_length=200,
        widget=forms.TextInput({"placeholder": _("Any partner"), "autocomplete": "off"}),
    )
    q = django_filters.CharFilter(label=_("Search"), method="containing", max_length=120)
    sort = django_filters.ChoiceFilter(
        label=_("Sort by"), empty_label=None, choices=SORT_WORDS, method="as_it_is"
    )

    def __init__(
        self,
        asked: Mapping[str, Any],
        *,
        queryset: LeadQuerySet,
        at: datetime,
        product_lines: Sequence[tuple[str, str]],
        sources: Sequence[str],
    ) -> None:
        """Offer the manufacturer's own product lines and sources.

        :param product_lines: pairs of code and name.
        """
        super().__init__(asked, queryset=queryset)
        self.at = at
        self.of_all_tabs = queryset
        self.filters["product_line"].extra["choices"] = list(product_lines)
        self.filters["source"].extra["choices"] = [
            (source, name_of_source(source)) for source in sources
        ]

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """Tell what was asked for and understood."""
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def filter_queryset(self, queryset: LeadQuerySet) -> LeadQuerySet:
        """Narrow the list, and keep what it would be without the tabs."""
        leads = queryset
        for name in (*(name for name in self.chosen if name not in TABS), *TABS):
            if name == TABS[0]:
                self.of_all_tabs = leads
            if name in self.chosen:
                leads = self.filters[name].filter(leads, self.chosen[name])
        return sorted_by(leads, self.sorting)

    @property
    def sorting(self) -> str:
        """Tell in which order leads are listed."""
        return str(self.chosen.get("sort", USUAL_ORDER))

    def standing(self, leads: LeadQuerySet, name: str, status: str) -> LeadQuerySet:
        """Keep leads of a status, or of a group of them."""
        return leads.filter(status__in=GROUPS.get(status, [status]))

    def waiting(self, leads: LeadQuerySet, name: str, kind: str) -> LeadQuerySet:
        """Keep leads that need somebody for a reason."""
        return needing_attention(leads, kind, at=self.at)

    def received_within(self, leads: LeadQuerySet, name: str, period: str) -> LeadQuerySet:
        """Keep leads of the last days, as days begin where the manufacturer is."""
        midnight = timezone.localtime(self.at).replace(hour=0, minute=0, second=0, microsecond=0)
        since = midnight - timedelta(days=PERIODS[period] - 1)
        return leads.filter(received_at__gte=since)

    def as_it_is(self, leads: LeadQuerySet, name: str, value: str) -> LeadQuerySet:
        """Narrow nothing: an order is no condition."""
        return leads
