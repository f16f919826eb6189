"""What needs a partner's person now: customers who wait for a call, and feedback that is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from leads.models import Assignment, EventType, LeadEvent


@dataclass(frozen=True, slots=True)
class Need:
    """A lead in hands with which something is to be done.

    :ivar assignment: with its lead, its manufacturer and its partner; never with the contact.
    :ivar is_call: the customer waits for the first call; else feedback is overdue.
    :ivar due_by: ``None`` when the time for the first call has passed.
    :ivar is_owed: feedback is overdue, whatever else comes first.
    """

    assignment: Assignment
    is_call: bool
    due_by: datetime | None
    is_owed: bool


def needs_of(partner_ids: Sequence[UUID], *, at: datetime) -> list[Need]:
    """List in one query what needs a person's partners: calls first, by how long they wait."""
    attempts = LeadEvent.objects.filter(
        assignment_id=OuterRef("id"), type=EventType.CONTACT_ATTEMPTED
    )
    is_live = Q(lead__is_imported=False, lead__erased_at__isnull=True)
    is_uncalled = Q(contacted_at__isnull=True, first_feedback_at__isnull=True) & ~Exists(attempts)
    rows = (
        Assignment.objects.filter(partner_id__in=partner_ids)
        .in_hands()
        .filter(is_live & is_uncalled | Q(feedback_due_at__lte=at))
        .annotate(is_uncalled=is_live & is_uncalled)
        .select_related("lead", "manufacturer", "partner")
        .order_by("accepted_at", "id")
    )
    needs = [_need(row, at) for row in rows]
    return sorted(needs, key=lambda need: not need.is_call)


def _need(assignment: Assignment, at: datetime) -> Need:
    report_by = assignment.feedback_due_at
    is_owed = report_by is not None and report_by <= at
    if not assignment.is_uncalled:  # type: ignore[attr-defined]
        return Need(assignment, is_call=False, due_by=report_by, is_owed=is_owed)
    due_by = assignment.contact_due_at if assignment.contact_step == 0 else None
    is_ahead = due_by is not None and due_by > at
    return Need(assignment, is_call=True, due_by=due_by if is_ahead else None, is_owed=is_owed)
