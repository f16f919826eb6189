"""A lead goes from one person of a partner to a colleague; for the manufacturer nothing changes."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import in_tenant_of
from leads import notifications
from leads.events import LeadLog
from leads.feedback import lock_in_hands
from leads.models import Assignment, EventType
from leads.reminders import pass_reminder_on
from partners.colleagues import is_colleague


@in_tenant_of("assignment")
def hand_over(*, assignment: Assignment, user_id: UUID, by: Actor, at: datetime) -> Assignment:
    """Give a lead in the partner's hands to a colleague, who is told of it.

    Handing it to whoever has it already changes nothing.

    :param user_id: somebody who works for the partner that holds the lead.
    :raises AssignmentEnded: if the lead is closed or was returned.
    :raises InvalidInput: if no such person works for the partner.
    """
    lead, assignment = lock_in_hands(assignment)
    if assignment.user_id == user_id:
        return assignment
    if not is_colleague(user_id, partner_id=assignment.partner_id):
        raise InvalidInput(
            field="user",
            message=gettext_noop("Nobody with this id works for the partner."),
            code="unknown",
        )
    log = LeadLog(lead, by=by)
    before = {} if assignment.user_id is None else {"before": str(assignment.user_id)}
    assignment.user_id = user_id
    assignment.save(update_fields=["user"])
    event = log.add_of(assignment, EventType.LEAD_HANDED_OVER, at=at, user=str(user_id), **before)
    if by.user_id != user_id:
        kind = notifications.LEAD_HANDED_OVER
        notifications.tell_colleague(
            kind, log=log, event=event, assignment=assignment, user_id=user_id, at=at
        )
    pass_reminder_on(lead, log, assignment, user_id=user_id, at=at)
    log.close()
    return assignment
