"""After the acceptance: what follows when nothing happens with a lead, or no feedback comes.

Nothing within the contact window: the partner is reminded. Nothing for another window: the
dispatchers are told. For a third one, and if the policy says so: the lead is taken back and goes on
to others. Whatever happens with the lead, an attempt to call included, ends this. Feedback that is
due and does not come is told once; the gate of that name does the rest.

Each step is stamped with the moment it fell due, not with the one at which it was noticed. After a
step that came too late the next one leaves the partner a whole window all the same.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from leadhub.core.actors import system_actor
from leadhub.core.tenancy.context import in_tenant_of
from leads import notifications
from leads.dispatch import take_back
from leads.events import LeadLog
from leads.locks import lock_lead
from leads.models import Assignment, EventType, Lead
from leads.terms import terms_of_policy
from leads.waves import ROUTING_FIELDS, continue_waves

NO_CONTACT = "no_contact"
STEP_FIELDS = ("contact_due_at", "contact_step")


@in_tenant_of("assignment")
def follow_up(*, assignment: Assignment, at: datetime) -> bool:
    """Do the one thing that is due with a lead in hands, the longest due first.

    :returns: ``False`` if nothing is due: something has happened since, or somebody was faster.
    """
    lead = lock_lead(assignment.lead_id)
    assignment = Assignment.objects.get(id=assignment.id)
    due = sorted(_due(assignment, at), key=lambda one: one[0])
    if not due:
        return False
    log = LeadLog(lead, by=system_actor(lead.manufacturer_id, "escalation"))
    deadline, act = due[0]
    act(lead, log, assignment, deadline, at)
    log.close(*ROUTING_FIELDS)
    return True


Act = Callable[[Lead, LeadLog, Assignment, datetime, datetime], None]


def _due(assignment: Assignment, at: datetime) -> list[tuple[datetime, Act]]:
    contact_by, feedback_by = assignment.contact_due_at, assignment.feedback_due_at
    found: list[tuple[datetime, Act]] = []
    if contact_by is not None and contact_by <= at:
        found.append((contact_by, _STEPS[assignment.contact_step]))
    if feedback_by is not None and feedback_by <= at and not _is_told(assignment, feedback_by):
        found.append((feedback_by, _tell_of_feedback))
    return found


def _is_told(assignment: Assignment, due_at: datetime) -> bool:
    return assignment.feedback_told_at is not None and assignment.feedback_told_at >= due_at


def _remind_partner(
    lead: Lead, log: LeadLog, assignment: Assignment, deadline: datetime, at: datetime
) -> None:
    event = log.add_of(assignment, EventType.CONTACT_OVERDUE, at=deadline)
    kind = notifications.CONTACT_OVERDUE
    notifications.tell_holder(kind, log=log, event=event, assignment=assignment, at=at)
    _go_on(lead, assignment, deadline, at)


def _tell_dispatchers(
    lead: Lead, log: LeadLog, assignment: Assignment, deadline: datetime, at: datetime
) -> None:
    event = log.add_of(assignment, EventType.LEAD_ESCALATED, at=deadline, because=NO_CONTACT)
    notifications.tell_dispatchers(notifications.CONTACT_ESCALATED, log=log, event=event, at=at)
    if terms_of_policy(lead.policy).take_back:
        _go_on(lead, assignment, deadline, at)
    else:
        assignment.contact_due_at = None
        assignment.save(update_fields=STEP_FIELDS)


def _take_back(
    lead: Lead, log: LeadLog, assignment: Assignment, deadline: datetime, at: datetime
) -> None:
    event = take_back(lead, log, assignment, at=deadline, because=NO_CONTACT)
    kind = notifications.LEAD_TAKEN_BACK
    notifications.tell_holder(kind, log=log, event=event, assignment=assignment, at=at)
    continue_waves(lead, log, at=at)


def _go_on(lead: Lead, assignment: Assignment, deadline: datetime, at: datetime) -> None:
    """Let the next step follow a window after this one."""
    terms = terms_of_policy(lead.policy)
    following = terms.contact_step_by(deadline)
    assignment.contact_due_at = following if following > at else terms.contact_step_by(at)
    assignment.contact_step += 1
    assignment.save(update_fields=STEP_FIELDS)


def _tell_of_feedback(
    lead: Lead, log: LeadLog, assignment: Assignment, deadline: datetime, at: datetime
) -> None:
    event = log.add_of(assignment, EventType.FEEDBACK_OVERDUE, at=deadline)
    kind = notifications.FEEDBACK_OVERDUE
    notifications.tell_holder(kind, log=log, event=event, assignment=assignment, at=at)
    assignment.feedback_told_at = deadline
    assignment.save(update_fields=["feedback_told_at"])


_STEPS: Mapping[int, Act] = {0: _remind_partner, 1: _tell_dispatchers, 2: _take_back}
