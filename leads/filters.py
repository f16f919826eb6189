"""Narrowing the list of leads by what somebody asks for."""

import django_filters
from django.db.models import Q

from leads.models import Lead, LeadProductLine
from leads.models.leads import LeadQuerySet

SEARCHED = (
    "external_id",
    "city",
    "postal_code",
    "contact__first_name",
    "contact__last_name",
    "contact__company",
    "contact__email",
    "contact__phone",
)
WORDS_AT_MOST = 5


class LeadFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What may be asked for; what is not asked for narrows nothing.

    ``product_line`` is the code of a line among those asked for, ``partner`` who holds the lead or
    held it when it was closed, and each word of ``q`` is found in the lead's number, place or
    contact.
    """

    product_line = django_filters.CharFilter(method="asking_for")
    partner = django_filters.UUIDFilter(field_name="partner_id")
    received_after = django_filters.IsoDateTimeFilter(field_name="received_at", lookup_expr="gte")
    received_before = django_filters.IsoDateTimeFilter(field_name="received_at", lookup_expr="lt")
    q = django_filters.CharFilter(method="containing")

    class Meta:
        model = Lead
        fields = ("status", "source", "temperature", "country", "postal_code", "external_id")

    def asking_for(self, leads: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        """Keep leads that ask for this product line, among others perhaps."""
        lines = LeadProductLine.objects.filter(product_line__code=code)
        return leads.filter(id__in=lines.values("lead_id"))

    def containing(self, leads: LeadQuerySet, name: str, text: str) -> LeadQuerySet:
        """Keep leads in which each of the first words can be found."""
        for word in text.split()[:WORDS_AT_MOST]:
            condition = Q()
            for column in SEARCHED:
                condition |= Q(**{f"{column}__icontains": word})
            leads = leads.filter(condition)
        return leads
