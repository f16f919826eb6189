"""After the acceptance: what follows when nothing happens with a lead, or no feedback comes.

Nothing within the contact window: the partner is reminded. Nothing for another window: the
dispatchers are told. For a third one, and if the policy says so: the lead is taken back and goes on
to others. Whatever happens with the lead, an attempt to call included, ends this. Feedback that is
due and does not come is told once; the gate of that name does the rest.

Each step is stamped with the moment it fell due, not with the one at which it was noticed. After a
step that came too late the next one leaves the partner a whole window all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from leadhub.core.actors import system_actor
from leadhub.core.bulk import update_together
from leadhub.core.tenancy.context import in_tenant_of, tenant_context_without_return
from leads import notifications
from leads.dispatch import take_back
from leads.events import LeadLog, close_together
from leads.locks import lock_lead
from leads.models import Assignment, EventType
from leads.pending import Pending
from leads.terms import terms_of_policy
from leads.waves import ROUTING_FIELDS, continue_waves

NO_CONTACT = "no_contact"
STEP_FIELDS = ("contact_due_at", "contact_step", "feedback_told_at")


@in_tenant_of("assignment")
def follow_up(*, assignment: Assignment, at: datetime) -> bool:
    """Do the one thing that is due with a lead in hands, the longest due first.

    :returns: ``False`` if nothing is due: something has happened since, or somebody was faster.
    """
    lock_lead(assignment.lead_id)
    return bool(follow_up_together([assignment.id], at=at))


def follow_up_together(assignment_ids: Sequence[UUID], *, at: datetime, turn: int = 0) -> int:
    """Do with several leads that are locked what ``follow_up`` does with one, and write it at once.

    To be called in a transaction: in the tenant's context, or in one of the system for leads of
    several tenants. What is done with each tenant's is done in its own context.

    :param turn: how many leads were moved on at the same instant before.
    :returns: with how many there was something to do.
    """
    found = Assignment.objects.select_related("lead__policy").in_bulk(assignment_ids)
    read = [found[id_] for id_ in assignment_ids if id_ in found]
    turn_of = {id_: number for number, id_ in enumerate(assignment_ids, start=turn)}
    logs: list[LeadLog] = []
    told: list[Assignment] = []
    # Always in this order: whoever waits for a turn of one tenant has none of a later one.
    for manufacturer_id, group in groupby(sorted(read, key=_tenant), key=_tenant):
        with tenant_context_without_return(manufacturer_id):
            pending = Pending()
            for assignment in group:
                by = system_actor(manufacturer_id, "escalation")
                log = LeadLog(assignment.lead, by=by, turn=turn_of[assignment.id])
                if _follow_up_locked(assignment, log, pending, at=at):
                    logs.append(log)
                    told.append(assignment)
                    pending.note(log)
    if logs:
        update_together([one for one in told if one.outcome is None], STEP_FIELDS)
        close_together(logs, *ROUTING_FIELDS)
    return len(logs)


def _tenant(assignment: Assignment) -> UUID:
    tenant: UUID = assignment.manufacturer_id
    return tenant


def _follow_up_locked(
    assignment: Assignment, log: LeadLog, pending: Pending, *, at: datetime
) -> bool:
    due = sorted(_due(assignment, at), key=lambda one: one[0])
    if not due:
        return False
    deadline, act = due[0]
    act(_Step(assignment, log, deadline, at, pending))
    return True


class _Step(NamedTuple):
    """What is done now, and with what."""

    assignment: Assignment
    log: LeadLog
    deadline: datetime
    at: datetime
    pending: Pending


Act = Callable[[_Step], None]


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


def _remind_partner(step: _Step) -> None:
    _tell_holder(step, EventType.CONTACT_OVERDUE, notifications.CONTACT_OVERDUE)
    _go_on(step)


def _tell_dispatchers(step: _Step) -> None:
    assignment, log, deadline, at, _ = step
    event = log.add_of(assignment, EventType.LEAD_ESCALATED, at=deadline, because=NO_CONTACT)
    notifications.tell_dispatchers(notifications.CONTACT_ESCALATED, log=log, event=event, at=at)
    if terms_of_policy(assignment.lead.policy).take_back:
        _go_on(step)
    else:
        assignment.contact_due_at = None


def _take_back(step: _Step) -> None:
    assignment, log, deadline, at, pending = step
    lead = assignment.lead
    event = take_back(lead, log, assignment, at=deadline, because=NO_CONTACT)
    kind = notifications.LEAD_TAKEN_BACK
    notifications.tell_holder(kind, log=log, event=event, assignment=assignment, at=at)
    continue_waves(lead, log, at=at, pending=pending)


def _go_on(step: _Step) -> None:
    """Let the next step follow a window after this one."""
    assignment, _, deadline, at, _ = step
    terms = terms_of_policy(assignment.lead.policy)
    following = terms.contact_step_by(deadline)
    assignment.contact_due_at = following if following > at else terms.contact_step_by(at)
    assignment.contact_step += 1


def _tell_of_feedback(step: _Step) -> None:
    _tell_holder(step, EventType.FEEDBACK_OVERDUE, notifications.FEEDBACK_OVERDUE)
    step.assignment.feedback_told_at = step.deadline


def _tell_holder(step: _Step, type_: EventType, kind: str) -> None:
    assignment, log, deadline, at, _ = step
    event = log.add_of(assignment, type_, at=deadline)
    notifications.tell_holder(kind, log=log, event=event, assignment=assignment, at=at)


_STEPS: Mapping[int, Act] = {0: _remind_partner, 1: _tell_dispatchers, 2: _take_back}
