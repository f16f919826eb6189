"""What partners do with a lead they hold and report of it; dispatchers may close and reopen."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leads.dispatch import end_assignment_unclosed
from leads.events import LeadLog, status_after_feedback
from leads.locks import lock_lead
from leads.models import Assignment, EventType, Lead, LeadFeedback
from leads.models.assignments import FeedbackStatus, Outcome
from leads.models.leads import CLOSED, LeadStatus
from leads.selectors import open_assignment_of
from leads.terms import feedback_due_after_reopening, feedback_due_of
from leads.waves import ROUTING_FIELDS, continue_waves

CLOSING_FIELDS = (
    "outcome", "closed_at", "value", "lost_reason", "feedback_due_at", "contact_due_at",
)  # fmt: skip
# Reports that say the customer was spoken to.
MEANS_CONTACT = (FeedbackStatus.REACHED, FeedbackStatus.APPOINTMENT, FeedbackStatus.QUOTE_SENT)


class AssignmentEnded(StateConflict):
    """The lead is no longer in the partner's hands."""

    code = "assignment_ended"
    message = gettext_noop(
        "This lead is closed or was returned; nothing more can be reported on it."
    )


class LeadNotInHands(StateConflict):
    """No partner holds the lead."""

    code = "lead_not_in_hands"
    message = gettext_noop("No partner holds this lead.")


class LeadNotClosed(StateConflict):
    """Only a won or lost lead can be reopened."""

    code = "lead_not_closed"
    message = gettext_noop("This lead is not closed.")


class LeadErased(StateConflict):
    """Nothing that names the customer is left, so nobody could work on it."""

    code = "lead_erased"
    message = gettext_noop(
        "The customer's personal data was erased; this lead can be worked on no more."
    )


@in_tenant_of("assignment")
def record_contact(
    *, assignment: Assignment, is_reached: bool, contacted_at: datetime, by: Actor, at: datetime
) -> Assignment:
    """Note an attempt to reach the customer, or that the customer was reached.

    The first contact counts; reporting it again changes nothing.

    :param contacted_at: when it happened, between the acceptance and now.
    :raises AssignmentEnded: if the lead is closed or was returned.
    :raises InvalidInput: if it happened before the acceptance or lies in the future.
    """
    lead, assignment = lock_in_hands(assignment)
    if not assignment.accepted_at <= contacted_at <= at:
        raise InvalidInput(
            field="at",
            message=gettext_noop("The contact must lie between the acceptance and now."),
            code="out_of_range",
        )
    log = LeadLog(lead, by=by)
    if not is_reached:
        log.add_of(assignment, EventType.CONTACT_ATTEMPTED, at=contacted_at)
        assignment.contact_due_at = None
        assignment.save(update_fields=["contact_due_at"])
    else:
        _note_contact(lead, assignment, log, at=contacted_at)
    log.close("status")
    return assignment


@in_tenant_of("assignment")
def give_feedback(
    *,
    assignment: Assignment,
    status: str,
    note: str = "",
    is_as_described: bool | None = None,
    value: Decimal | None = None,
    reason: str | None = None,
    repeat_within: timedelta = timedelta(0),
    by: Actor,
    at: datetime,
) -> Assignment:
    """Report what became of the lead; WON and LOST close it.

    :param repeat_within: the same report once more within this time is a repeat and changes
        nothing; none is unless this is said.
    :param value: what the customer bought for; needed with WON.
    :param reason: why the customer did not buy; needed with LOST.
    :param note: the partner's own words; dropped if the lead was erased, for they are personal.
    :raises AssignmentEnded: if the lead is closed or was returned. The same closing once more is
        a repeat and changes nothing.
    :raises InvalidInput: if the value or the reason is missing.
    """
    if status in CLOSED:
        _check_closing(status, value, reason)
    lead = lock_lead(assignment.lead_id)
    assignment = Assignment.objects.get(id=assignment.id)
    if _is_repeat(assignment, status, value, reason):
        return assignment
    _refuse_ended(assignment)
    if _was_just_given(assignment, status, since=at - repeat_within, at=at):
        return assignment
    log = LeadLog(lead, by=by)
    LeadFeedback.objects.create(
        manufacturer_id=lead.manufacturer_id,
        assignment=assignment,
        status=status,
        note=note if lead.erased_at is None else "",
        is_as_described=is_as_described,
        given_at=at,
    )
    described = {} if is_as_described is None else {"as_described": is_as_described}
    if status in MEANS_CONTACT:
        _note_contact(lead, assignment, log, at=at)
    log.add_of(assignment, EventType.FEEDBACK_GIVEN, at=at, status=status, **described)
    lead.status = status_after_feedback(lead.status, status)
    _note_feedback(lead, assignment, at=at)
    if status in CLOSED:
        _close(lead, assignment, log, outcome=status, value=value, reason=reason, at=at)
    log.close("status")
    return assignment


@in_tenant_of("lead")
def close_lead(
    *,
    lead: Lead,
    outcome: str,
    value: Decimal | None = None,
    reason: str | None = None,
    by: Actor,
    at: datetime,
) -> Assignment:
    """Close a lead for the partner that holds it; a dispatcher's closing is no feedback.

    :raises LeadNotInHands: if no partner holds it.
    :raises InvalidInput: if the value (WON) or the reason (LOST) is missing.
    """
    _check_closing(outcome, value, reason)
    lead = lock_lead(lead.id)
    assignment = open_assignment_of(lead)
    if assignment is None:
        raise LeadNotInHands
    log = LeadLog(lead, by=by)
    _close(lead, assignment, log, outcome=outcome, value=value, reason=reason, at=at)
    log.close("status")
    return assignment


@in_tenant_of("lead")
def reopen_lead(*, lead: Lead, by: Actor, at: datetime) -> Assignment:
    """Take back the closing of a lead: it is in progress again, in the same hands.

    :raises LeadNotClosed: if it is neither won nor lost.
    :raises LeadErased: if there is nobody left to go on with.
    """
    lead = lock_lead(lead.id)
    if lead.status not in CLOSED:
        raise LeadNotClosed
    if lead.erased_at is not None:
        raise LeadErased
    assignment = Assignment.objects.filter(lead=lead, outcome__in=CLOSED).latest(
        "accepted_at", "id"
    )
    assignment.outcome = assignment.closed_at = None
    assignment.value = assignment.lost_reason = None
    given = LeadFeedback.objects.filter(assignment=assignment).aggregate(last=Max("given_at"))
    assignment.feedback_due_at = feedback_due_after_reopening(
        lead, accepted_at=assignment.accepted_at, last_given_at=given["last"], at=at
    )
    assignment.save(update_fields=CLOSING_FIELDS)
    log = LeadLog(lead, by=by)
    log.count_assignment(assignment.partner_id, +1)
    lead.status = LeadStatus.IN_PROGRESS
    log.add_of(assignment, EventType.LEAD_REOPENED, at=at)
    log.close("status")
    return assignment


@in_tenant_of("assignment")
def return_lead(*, assignment: Assignment, reason: str, by: Actor, at: datetime) -> Assignment:
    """Give a lead back: it goes on to the next wave. Returning it again changes nothing.

    :raises AssignmentEnded: if the lead is closed.
    """
    lead = lock_lead(assignment.lead_id)
    assignment = Assignment.objects.get(id=assignment.id)
    if assignment.outcome == Outcome.RETURNED and assignment.return_reason == reason:
        return assignment
    _refuse_ended(assignment)
    log = LeadLog(lead, by=by)
    end_assignment_unclosed(lead, log, assignment, reason=reason, at=at)
    if assignment.first_feedback_at is None:
        assignment.first_feedback_at = at
        assignment.save(update_fields=["first_feedback_at"])
    log.add_of(assignment, EventType.LEAD_RETURNED, at=at, reason=reason)
    if lead.is_imported or lead.erased_at is not None:
        # A lead of the past, or without a contact, has nobody to call: nobody else is asked.
        lead.status = LeadStatus.WITHDRAWN
        log.add(EventType.LEAD_WITHDRAWN, at=at)
    else:
        continue_waves(lead, log, at=at)
    log.close(*ROUTING_FIELDS)
    return assignment


def lock_in_hands(assignment: Assignment) -> tuple[Lead, Assignment]:
    """Take the lock of a lead that is in a partner's hands.

    :raises AssignmentEnded: if the lead is closed or was returned.
    """
    lead = lock_lead(assignment.lead_id)
    assignment = Assignment.objects.get(id=assignment.id)
    _refuse_ended(assignment)
    return lead, assignment


def _refuse_ended(assignment: Assignment) -> None:
    if assignment.outcome is not None:
        raise AssignmentEnded


def _is_repeat(
    assignment: Assignment, status: str, value: Decimal | None, reason: str | None
) -> bool:
    """Recognise the same closing again: a double tap, or an answer lost on the way."""
    return (
        status in CLOSED
        and assignment.outcome == status
        and assignment.value == (value if status == Outcome.WON else None)
        and assignment.lost_reason == (reason if status == Outcome.LOST else None)
        and LeadFeedback.objects.filter(assignment=assignment, status=status).exists()
    )


def _was_just_given(assignment: Assignment, status: str, *, since: datetime, at: datetime) -> bool:
    """Recognise a second tap on the same answer, as far back as the caller wants."""
    if since == at:
        return False
    last = LeadFeedback.objects.filter(assignment=assignment).order_by("-given_at", "-id").first()
    return last is not None and last.status == status and last.given_at > since


def _check_closing(outcome: str, value: Decimal | None, reason: str | None) -> None:
    if outcome == Outcome.WON and value is None:
        raise InvalidInput(
            field="value",
            message=gettext_noop("Say what the customer bought for."),
            code="required",
        )
    if outcome == Outcome.LOST and not reason:
        raise InvalidInput(
            field="reason",
            message=gettext_noop("Say why the customer did not buy."),
            code="required",
        )


def _note_feedback(lead: Lead, assignment: Assignment, *, at: datetime) -> None:
    """Note the first feedback, which counts, and when the next one is due."""
    assignment.first_feedback_at = assignment.first_feedback_at or at
    assignment.feedback_due_at = feedback_due_of(
        lead, accepted_at=assignment.accepted_at, last_given_at=at
    )
    assignment.contact_due_at = None
    assignment.save(update_fields=["first_feedback_at", "feedback_due_at", "contact_due_at"])


def _note_contact(lead: Lead, assignment: Assignment, log: LeadLog, *, at: datetime) -> None:
    if assignment.contacted_at is not None:
        return
    assignment.contacted_at, assignment.contact_due_at = at, None
    assignment.save(update_fields=["contacted_at", "contact_due_at"])
    log.add_of(assignment, EventType.CONTACT_MADE, at=at)
    if lead.status == LeadStatus.ACCEPTED:
        lead.status = LeadStatus.CONTACTED


def _close(
    lead: Lead,
    assignment: Assignment,
    log: LeadLog,
    *,
    outcome: str,
    value: Decimal | None,
    reason: str | None,
    at: datetime,
) -> None:
    is_won = outcome == Outcome.WON
    assignment.outcome, assignment.closed_at, assignment.feedback_due_at = outcome, at, None
    assignment.value, assignment.contact_due_at = (value if is_won else None), None
    assignment.lost_reason = None if is_won else reason
    assignment.save(update_fields=CLOSING_FIELDS)
    log.count_assignment(assignment.partner_id, -1)
    lead.status = LeadStatus.WON if is_won else LeadStatus.LOST
    if is_won:
        figures = {"value": f"{value:.2f}", "currency": lead.currency}
        log.add_of(assignment, EventType.LEAD_WON, at=at, **figures)
    else:
        log.add_of(assignment, EventType.LEAD_LOST, at=at, reason=reason)
