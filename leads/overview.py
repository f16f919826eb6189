"""Leads as a list of them at the desk shows them: rows, their order, and how many of each kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from leadhub.core.actors import Actor
from leads.models import Assignment, Lead, Wave
from leads.models.leads import LeadQuerySet
from leads.selectors import line_names

# Each ends in a column that no two leads share, so that no page shows a lead twice.
SORTINGS: Mapping[str, Sequence[Any]] = {
    "newest": ("-received_at", "-id"),
    "oldest": ("received_at", "id"),
    "deadline": (F("next_deadline").asc(nulls_last=True), "-received_at", "-id"),
    "value": (F("expected_value").desc(nulls_last=True), "-received_at", "-id"),
    "town": ("city", "postal_code", "-received_at", "-id"),
}


def sorted_by(leads: LeadQuerySet, sorting: str) -> LeadQuerySet:
    """Put leads in order.

    :param sorting: one of ``SORTINGS``; ``deadline`` is until when partners answer, or until when
        the one that holds the lead is to reach the customer.
    """
    if sorting == "deadline":
        leads = leads.annotate(next_deadline=Coalesce("respond_by", _contact_due_at()))
    return leads.order_by(*SORTINGS[sorting])


def rows_of(leads: LeadQuerySet) -> LeadQuerySet:
    """Read what a row shows, in one query.

    :returns: leads with ``contact`` and ``partner``, and further ``line_names``; ``contact_due_at``
        while the first contact is awaited; ``wave_opened_at``, since when partners may answer.
    """
    waves = Wave.objects.filter(
        manufacturer=OuterRef("manufacturer"), lead=OuterRef("id"), number=OuterRef("wave")
    )
    return leads.select_related("contact", "partner").annotate(
        line_names=line_names("id"),
        contact_due_at=_contact_due_at(),
        wave_opened_at=Subquery(waves.values("opened_at")[:1]),
    )


def with_returns_to_judge(leads: LeadQuerySet) -> LeadQuerySet:
    """Read with each lead the return that nobody has judged yet.

    :returns: leads with ``returned_by``, the partner's name, and ``return_reason``, a code.
    """
    returned = Assignment.objects.filter(
        manufacturer=OuterRef("manufacturer"),
        lead=OuterRef("id"),
        return_reason__isnull=False,
        return_verdict__isnull=True,
    ).order_by("-returned_at", "-id")
    return leads.annotate(
        returned_by=Subquery(returned.values("partner__name")[:1]),
        return_reason=Subquery(returned.values("return_reason")[:1]),
    )


def count_by_status(leads: LeadQuerySet) -> dict[str, int]:
    """Count leads by where they stand."""
    counted = leads.order_by().values("status").annotate(count=Count("id"))
    return dict(counted.values_list("status", "count"))


def sources_of(actor: Actor) -> list[str]:
    """List where a manufacturer's leads have come from, by name."""
    leads = Lead.objects.filter(manufacturer=actor.manufacturer_id)
    return list(leads.order_by("source").values_list("source", flat=True).distinct())


def regions_of(actor: Actor) -> list[str]:
    """List the federal states that a manufacturer's leads have come from, by code."""
    leads = Lead.objects.filter(manufacturer=actor.manufacturer_id).exclude(region="")
    return list(leads.order_by("region").values_list("region", flat=True).distinct())


def _contact_due_at() -> Subquery:
    """Read until when the customer is to be reached, by the policy the lead was offered by."""
    waiting = (
        Assignment.objects.in_hands()
        .filter(
            manufacturer=OuterRef("manufacturer"), lead=OuterRef("id"), contacted_at__isnull=True
        )
        .filter(lead__erased_at__isnull=True)
    )
    due = ExpressionWrapper(
        F("accepted_at") + F("lead__policy__contact_window"), output_field=DateTimeField()
    )
    return Subquery(waiting.values(due=due)[:1])
