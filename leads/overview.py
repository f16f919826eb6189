"""Leads as a list of them at the desk shows them: rows, and where they come from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Subquery

from leadhub.core.actors import Actor
from leads import sifting
from leads.models import Assignment, Lead, Wave
from leads.models.leads import LeadQuerySet
from leads.selectors import line_names


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


def rows_in_order(leads: LeadQuerySet, ids: Sequence[UUID]) -> list[Any]:
    """Read the rows of these leads, in the order of their ids; one that is gone is left out."""
    rows = {lead.id: lead for lead in leads.filter(id__in=ids)}
    return [rows[lead_id] for lead_id in ids if lead_id in rows]


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


def sources_of(actor: Actor) -> list[str]:
    """List where a manufacturer's leads have come from, by name."""
    return sifting.sources_of(actor.manufacturer_id)


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
