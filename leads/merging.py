"""Two leads that are one: the duplicate ends, and what it said beside the other is kept there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leads.dispatch import lock_held
from leads.events import LeadLog
from leads.models import EventType, Lead, LeadContact
from leads.models.leads import LeadStatus

# Of a contact, what may say more than that of the lead which goes on.
TOLD = ("first_name", "last_name", "company", "email", "phone", "street", "wish")
# A lead that stands here cannot go on for another one.
ENDED_UNROUTED = (LeadStatus.HELD, LeadStatus.MERGED, LeadStatus.REJECTED)


class CannotGoOn(StateConflict):
    """The lead to merge into is held itself, merged, rejected or erased, or is a test."""

    code = "lead_cannot_go_on"
    message = gettext_noop(
        "That lead cannot go on for both: it is held, merged, rejected or erased, or only one of "
        "the two is a test."
    )


@in_tenant_of("lead")
def merge_lead(*, lead: Lead, into_id: UUID, by: Actor, at: datetime) -> Lead:
    """End a held lead as the duplicate of another one, which keeps what it said beside it.

    Only the duplicate is locked. The other one cannot be merged away meanwhile, for it is not
    held, and no held lead is merged into; whether it was erased, its contact tells in the moment
    of writing. Repeating it changes nothing.

    :raises LeadNotHeld: if it is not held.
    :raises InvalidInput: if there is no other lead of this id.
    :raises CannotGoOn: if the other lead was never routed or is erased, or only one is a test.
    """
    target = Lead.objects.filter(manufacturer=lead.manufacturer_id, id=into_id).first()
    if target is None or target.id == lead.id:
        raise InvalidInput(
            field="into", message=gettext_noop("There is no other lead of this id."), code="unknown"
        )
    if again := Lead.objects.filter(id=lead.id, merged_into=target).first():
        return again
    lead = lock_held(lead)
    if target.status in ENDED_UNROUTED or target.is_test != lead.is_test:
        raise CannotGoOn
    if not _keep_additions(lead, target):
        raise CannotGoOn
    log = LeadLog(lead, by=by)
    lead.status, lead.hold_reason, lead.merged_into_id = LeadStatus.MERGED, None, target.id
    log.add(EventType.LEAD_MERGED, at=at, into=str(target.id))
    log.close("status", "hold_reason", "merged_into")
    return lead


def forget_additions(lead: Lead) -> None:
    """Remove from the lead that one was merged into what came from it."""
    if lead.merged_into_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [str(lead.id), lead.merged_into_id])


def _keep_additions(lead: Lead, target: Lead) -> bool:
    """Write to a lead's contact what its duplicate said beside it; ``False`` if there is none."""
    own = LeadContact.objects.get(lead=lead)
    other = LeadContact.objects.select_for_update(no_key=True).filter(lead=target).first()
    if other is None:
        return False
    said: dict[str, Any] = {
        name: value
        for name in TOLD
        if (value := getattr(own, name)) and value != getattr(other, name)
    }
    summary = {} if lead.wish_summary == target.wish_summary else {"summary": lead.wish_summary}
    addition = {"lead": str(lead.id), "at": lead.received_at.isoformat(), **said, **summary}
    other.additions = [*other.additions, addition]
    other.save(update_fields=["additions"])
    return True


_FORGET = """
    UPDATE leads_leadcontact SET additions = (
        SELECT coalesce(jsonb_agg(one ORDER BY position), '[]')
        FROM jsonb_array_elements(additions) WITH ORDINALITY AS said (one, position)
        WHERE one ->> 'lead' <> %s)
    WHERE lead_id = %s
"""
