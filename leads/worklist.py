"""A partner's leads by what is due: whom to call, what to report, what goes on by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from leads.models import (
    Assignment,
    EventType,
    LeadContact,
    LeadEvent,
    LeadFeedback,
    LeadNote,
    Reminder,
)
from leads.models.assignments import AssignmentQuerySet, FeedbackStatus
from leads.selectors import line_names
from leads.terms import Terms, terms_of

# How long a lead that has ended stays on the list.
KEPT_FOR = timedelta(days=90)
# Attempts to call within so short a time are told as one.
ONE_CALL = timedelta(minutes=15)
# What a partner reads of a lead's past: its own doings, and what was done to them.
TOLD = (
    EventType.OFFER_ACCEPTED, EventType.LEAD_ASSIGNED, EventType.LEAD_PICKED,
    EventType.CONTACT_ATTEMPTED, EventType.CONTACT_MADE, EventType.FEEDBACK_GIVEN,
    EventType.LEAD_RETURNED, EventType.LEAD_TAKEN_BACK, EventType.RETURN_CONFIRMED,
    EventType.RETURN_REFUSED, EventType.LEAD_WON, EventType.LEAD_LOST, EventType.LEAD_REOPENED,
    EventType.LEAD_ERASED, EventType.LEAD_HANDED_OVER, EventType.NOTE_ADDED, EventType.STAGE_SET,
)  # fmt: skip


class Duty(StrEnum):
    """What is to be done with a lead now."""

    CALL = "call"
    CALL_AGAIN = "call-again"
    REPORT = "report"
    GO_ON = "go-on"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A lead that a partner holds or held.

    :ivar assignment: with its lead, its manufacturer, its partner and ``line_names``.
    :ivar contact: ``None`` when the lead is no longer in these hands.
    :ivar due_by: by when the duty is to be done; ``None`` if by no particular time.
    :ivar reminder: when somebody wants to look at the lead again, if they said so.
    """

    assignment: Assignment
    contact: LeadContact | None
    duty: Duty
    due_by: datetime | None
    attempted_at: datetime | None
    reported_at: datetime | None
    at: datetime
    reminder: Reminder | None = None

    @property
    def is_reminded(self) -> bool:
        """Tell whether somebody wanted to look at the lead by now."""
        return self.reminder is not None and self.reminder.due_at <= self.at

    @property
    def is_overdue(self) -> bool:
        """Tell whether the duty should have been done by now."""
        return self.due_by is not None and self.due_by <= self.at

    @property
    def owes_feedback(self) -> bool:
        """Tell whether feedback is overdue, whatever else comes first."""
        due_at = self.assignment.feedback_due_at
        return due_at is not None and due_at <= self.at

    @property
    def was_just_called(self) -> bool:
        """Tell whether somebody has just tried to reach the customer."""
        return self.attempted_at is not None and self.at - self.attempted_at <= ONE_CALL

    @property
    def is_to_be_called(self) -> bool:
        """Tell whether calling comes first: the customer was not reached, nor called just now."""
        return self.assignment.contacted_at is None and not self.was_just_called

    @property
    def may_be_unreachable(self) -> bool:
        """Tell whether to ask for that report; not where it is asked if a call was answered."""
        asks_of_call = self.duty == Duty.CALL_AGAIN and self.was_just_called
        is_called = self.duty != Duty.CALL and not asks_of_call
        return is_called and self.assignment.contacted_at is None

    @property
    def status(self) -> str:
        """Tell the lead's status, as far as it is this partner's business."""
        return self.assignment.outcome or self.assignment.lead.status


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a partner did with a lead, or that was done to it.

    :ivar note: what the partner wrote with it.
    :ivar name: to whom the lead was handed over.
    :ivar chance: how likely the partner took a sale to be.
    """

    type: str
    at: datetime
    status: str = ""
    reason: str = ""
    note: str = ""
    name: str = ""
    chance: str = ""


def work_of(partner_ids: Sequence[UUID], *, at: datetime) -> list[WorkItem]:
    """List what a person's partners hold, the most urgent first."""
    in_hands = _own(partner_ids).in_hands().order_by("accepted_at", "id")
    items = _items(in_full(in_hands), at)
    return sorted(items, key=lambda item: (item.due_by or at + KEPT_FOR, item.assignment.id))


def ended_work_of(partner_ids: Sequence[UUID], *, at: datetime) -> QuerySet[Assignment]:
    """Find what a person's partners closed or gave back lately, the last first."""
    ended_at = Coalesce("closed_at", "returned_at", output_field=DateTimeField())
    return (
        in_full(_own(partner_ids).filter(outcome__isnull=False))
        .annotate(ended_at=ended_at)
        .filter(ended_at__gt=at - KEPT_FOR)
        .order_by("-ended_at", "-id")
    )


def find_work(partner_ids: Sequence[UUID], assignment_id: UUID, *, at: datetime) -> WorkItem | None:
    """Find a lead that one of a person's partners holds or held."""
    found = _items(in_full(_own(partner_ids).filter(id=assignment_id)), at)
    return found[0] if found else None


def find_assignment(partner_ids: Sequence[UUID], assignment_id: UUID) -> Assignment | None:
    """Find an assignment of one of a person's partners, to act on it."""
    return _own(partner_ids).filter(id=assignment_id).first()


def in_full(assignments: AssignmentQuerySet) -> AssignmentQuerySet:
    """Read what a partner works with."""
    attempts = LeadEvent.objects.filter(
        assignment_id=OuterRef("id"), type=EventType.CONTACT_ATTEMPTED
    )
    reports = LeadFeedback.objects.filter(
        manufacturer=OuterRef("manufacturer"), assignment=OuterRef("id")
    )
    return assignments.select_related("lead", "lead__contact", "manufacturer", "partner").annotate(
        line_names=line_names("lead"),
        attempted_at=Subquery(attempts.order_by("-at").values("at")[:1]),
        reported_at=Subquery(reports.order_by("-given_at").values("given_at")[:1]),
    )


def as_work(assignments: Iterable[Assignment], *, at: datetime) -> list[WorkItem]:
    """Show assignments that were read in full."""
    return _items(assignments, at)


def past_of(item: WorkItem, *, names: Mapping[str, str]) -> list[Happening]:
    """Tell what happened to a lead in these hands, the last first.

    What one tap recorded as several facts is told once, and so are attempts in quick succession.

    :param names: of the people who work for the partner, by id.
    """
    assignment = item.assignment
    events = LeadEvent.objects.filter(assignment_id=assignment.id, type__in=TOLD)
    own = {"manufacturer": assignment.manufacturer_id, "assignment": assignment}
    reports = dict(LeadFeedback.objects.filter(**own).values_list("given_at", "note"))
    notes = {
        str(id_): text for id_, text in LeadNote.objects.filter(**own).values_list("id", "text")
    }
    told: list[Happening] = []
    for event in events.order_by("sequence"):
        data = event.data
        happening = Happening(
            type=event.type,
            at=event.at,
            status=data.get("status", ""),
            reason=data.get("reason", ""),
            note=notes.get(data.get("note", ""), "") or reports.get(event.at, ""),
            name=names.get(data.get("user", ""), ""),
            chance=data.get("chance", ""),
        )
        if told and _tells_more(happening, told[-1]):
            told.pop()
        told.append(happening)
    return told[::-1]


def reports_in(past: Iterable[Happening]) -> dict[str, datetime | None]:
    """Tell when each feedback was last given, by its status; ``None`` if it never was.

    :param past: what happened, the last first.
    """
    reports = [one for one in past if one.type == EventType.FEEDBACK_GIVEN]
    times = {one.status: one.at for one in reversed(reports)}
    return {status: times.get(status) for status in FeedbackStatus.values}


def has_said_as_described(assignment: Assignment) -> bool:
    """Tell whether the partner has answered if the lead was as described."""
    return LeadFeedback.objects.filter(
        manufacturer=assignment.manufacturer_id,
        assignment=assignment,
        is_as_described__isnull=False,
    ).exists()


def duty_of(
    assignment: Assignment,
    terms: Terms,
    *,
    attempted_at: datetime | None,
    reported_at: datetime | None,
    at: datetime,
) -> tuple[Duty, datetime | None]:
    """Decide what is to be done with a lead, and by when.

    A first call comes before everything. A report that is overdue, or the first one, comes before
    calling again.
    """
    if assignment.outcome is not None:
        return Duty.NOTHING, None
    if assignment.lead.is_imported or assignment.lead.erased_at is not None:
        return Duty.GO_ON, None
    is_reached = assignment.contacted_at is not None
    if not (is_reached or attempted_at or reported_at):
        return Duty.CALL, terms.contact_by(assignment.accepted_at)
    report_by = assignment.feedback_due_at
    is_due = report_by is not None and report_by <= at
    if is_due or (is_reached and reported_at is None):
        return Duty.REPORT, report_by
    return (Duty.GO_ON if is_reached else Duty.CALL_AGAIN), report_by


def _own(partner_ids: Sequence[UUID]) -> AssignmentQuerySet:
    return Assignment.objects.filter(partner_id__in=partner_ids)


def _items(assignments: Iterable[Assignment], at: datetime) -> list[WorkItem]:
    rows = list(assignments)
    terms = terms_of(row.lead for row in rows if row.outcome is None)
    reminders = _reminders_of(rows)
    return [
        _item(row, terms.get(row.lead.policy_id, Terms()), reminders.get(row.id), at)
        for row in rows
    ]


def _reminders_of(rows: Iterable[Assignment]) -> dict[UUID, Reminder]:
    """Read the reminders of leads in hands that are neither done nor cancelled."""
    in_hands = [row.id for row in rows if row.outcome is None]
    if not in_hands:
        return {}
    reminders = Reminder.objects.filter(assignment__in=in_hands, ended_at__isnull=True)
    return {reminder.assignment_id: reminder for reminder in reminders}


def _item(
    assignment: Assignment, terms: Terms, reminder: Reminder | None, at: datetime
) -> WorkItem:
    attempted_at, reported_at = assignment.attempted_at, assignment.reported_at  # type: ignore[attr-defined]
    duty, due_by = duty_of(
        assignment, terms, attempted_at=attempted_at, reported_at=reported_at, at=at
    )
    lead = assignment.lead
    is_holder = lead.partner_id == assignment.partner_id and assignment.returned_at is None
    return WorkItem(
        assignment=assignment,
        contact=getattr(lead, "contact", None) if is_holder else None,
        duty=duty,
        due_by=due_by,
        attempted_at=attempted_at,
        reported_at=reported_at,
        at=at,
        reminder=reminder,
    )


def _tells_more(happening: Happening, before: Happening) -> bool:
    """Tell whether a fact makes the one before it needless."""
    if happening.type == before.type == EventType.CONTACT_ATTEMPTED:
        return happening.at - before.at <= ONE_CALL
    if happening.at != before.at:
        return False
    return before.type in (EventType.CONTACT_MADE, EventType.FEEDBACK_GIVEN)
