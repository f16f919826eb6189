"""Narrowing the list of leads by what somebody asks for: programs here, people in leads.asking."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models import Lead, LeadProductLine
from leads.models.leads import LeadQuerySet
from leads.searching import find_leads, words_in

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
    """

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
        return leads.filter(id__in=find_leads(words).as_rows) if words else leads
