"""The one way to lock: a lead first, then whatever belongs to it.

What is scarce is the lead. Every change of a lead, its offers or its assignments begins by taking
the lead's row lock, so that changes of one lead happen one after the other; rows read before the
lock are read again after it.
"""

from datetime import datetime
from uuid import UUID

from leadhub.core.log_context import note_lead
from leads.models import Assignment, Lead


def lock_lead(lead_id: UUID) -> Lead:
    """Take the lead's lock and read the lead as it is now.

    The lock lets others add rows that point at the lead, which needs no more than its key.
    """
    return _noted(Lead.objects.select_for_update(no_key=True).get(id=lead_id))


def claim_lead(lead_id: UUID) -> Lead | None:
    """Take a lead's lock unless somebody else has it."""
    lead: Lead | None = (
        Lead.objects.filter(id=lead_id).select_for_update(skip_locked=True, no_key=True).first()
    )
    return lead and _noted(lead)


def claim_to_follow_up(*, at: datetime) -> Assignment | None:
    """Lock the lead of the pick that should have been looked at the longest ago.

    Passes over leads that others work on. The pick itself is read before the lock: whoever acts on
    it reads it again.
    """
    found = (
        Assignment.objects.to_follow_up(at)
        .order_by("follow_up_at", "id")
        .select_related("lead")
        .select_for_update(skip_locked=True, of=("lead",), no_key=True)
        .first()
    )
    if found is not None:
        _noted(found.lead)
    return found


def claim_overdue_lead(*, at: datetime) -> Lead | None:
    """Lock the lead that has been overdue the longest, passing over those that others work on."""
    lead = (
        Lead.objects.overdue(at)
        .order_by("due_at", "id")
        .select_for_update(skip_locked=True, no_key=True)
        .first()
    )
    return lead and _noted(lead)


def _noted(lead: Lead) -> Lead:
    """Let whatever is logged from here on name the lead."""
    note_lead(lead.manufacturer_id, lead.id)
    return lead
