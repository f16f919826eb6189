"""Calls by which a partner works on the leads it holds; each answers the assignment."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.inputs import (
    CloseInput,
    ContactAttemptInput,
    FeedbackInput,
    HandOverInput,
    ReturnInput,
)
from leads.api.outputs import ASSIGNMENT, AssignmentOutput
from leads.disclosures import leads_shown_to_holder, note_disclosures
from leads.feedback import give_feedback, record_contact, return_lead
from leads.handing_over import hand_over
from leads.selectors import assignments_in_full, assignments_visible_to
from partners.api.views import ApiView
from partners.roles import Capability

ATTEMPT, FEEDBACK = ContactAttemptInput(), FeedbackInput()
CLOSE, RETURN, HAND_OVER = CloseInput(), ReturnInput(), HandOverInput()


class SeenView(ApiView):
    """What calls share whose answer may show a customer's contact."""

    def note_seen(self, assignments: Sequence[Any]) -> None:
        """Keep that the caller is shown the contacts of these leads, as far as it is."""
        note_disclosures(leads_shown_to_holder(assignments), by=self.actor, at=self.at)

    def answer_assignment(self, assignment_id: Any) -> Response:
        """Answer an assignment as it is now."""
        assignments = assignments_in_full(assignments_visible_to(self.actor))
        assignment = self.find(assignments, str(assignment_id))
        self.note_seen([assignment])
        return Response(ASSIGNMENT.to_representation(assignment))


class AssignmentsView(SeenView):
    """``/assignments/``."""

    needs = {"GET": Capability.SEE_WORK}
    ordering = ("-accepted_at", "-id")

    @extend_schema(operation_id="list_assignments", responses=AssignmentOutput(many=True))
    def get(self, request: Request) -> Response:
        """List my leads, the newest first."""
        assignments = assignments_in_full(assignments_visible_to(self.actor))
        return self.answer_page(assignments, ASSIGNMENT, complete=self.note_seen)


class AssignmentView(SeenView):
    """``/assignments/{id}/``."""

    needs = {"GET": Capability.SEE_WORK}

    @extend_schema(operation_id="get_assignment", responses=AssignmentOutput)
    def get(self, request: Request, assignment_id: str) -> Response:
        """Show one of my leads, with its contact."""
        return self.answer_assignment(assignment_id)


class WorkView(SeenView):
    """What the calls that work on an assignment share."""

    needs = {"POST": Capability.REPORT_WORK}

    def visible_assignment(self, assignment_id: str) -> Any:
        """Find an assignment of the caller."""
        return self.find(assignments_visible_to(self.actor), assignment_id)


class ContactView(WorkView):
    """``/assignments/{id}/contact/``."""

    @extend_schema(
        operation_id="record_contact", request=ContactAttemptInput, responses=AssignmentOutput
    )
    def post(self, request: Request, assignment_id: str) -> Response:
        """Note an attempt to reach the customer, or that the customer was reached."""
        assignment = self.visible_assignment(assignment_id)
        sent = self.read(ATTEMPT)
        record_contact(
            assignment=assignment,
            is_reached=sent["reached"],
            contacted_at=sent.get("at", self.at),
            by=self.actor,
            at=self.at,
        )
        return self.answer_assignment(assignment.id)


class FeedbackView(WorkView):
    """``/assignments/{id}/feedback/``."""

    @extend_schema(operation_id="give_feedback", request=FeedbackInput, responses=AssignmentOutput)
    def post(self, request: Request, assignment_id: str) -> Response:
        """Report what became of the lead; WON and LOST close it."""
        assignment = self.visible_assignment(assignment_id)
        sent = self.read(FEEDBACK)
        give_feedback(
            assignment=assignment,
            status=sent["status"],
            note=sent.get("note", ""),
            is_as_described=sent.get("as_described"),
            value=sent.get("value"),
            reason=sent.get("reason"),
            by=self.actor,
            at=self.at,
        )
        return self.answer_assignment(assignment.id)


class CloseAssignmentView(WorkView):
    """``/assignments/{id}/close/``."""

    @extend_schema(operation_id="close_assignment", request=CloseInput, responses=AssignmentOutput)
    def post(self, request: Request, assignment_id: str) -> Response:
        """Close the lead, won or lost; a partner's closing is feedback too."""
        assignment = self.visible_assignment(assignment_id)
        sent = self.read(CLOSE)
        give_feedback(
            assignment=assignment,
            status=sent["outcome"],
            value=sent.get("value"),
            reason=sent.get("reason"),
            by=self.actor,
            at=self.at,
        )
        return self.answer_assignment(assignment.id)


class HandOverView(WorkView):
    """``/assignments/{id}/hand-over/``."""

    @extend_schema(operation_id="hand_lead_over", request=HandOverInput, responses=AssignmentOutput)
    def post(self, request: Request, assignment_id: str) -> Response:
        """Give the lead to a colleague, who is told of it."""
        assignment = self.visible_assignment(assignment_id)
        sent = self.read(HAND_OVER)
        hand_over(assignment=assignment, user_id=sent["user"], by=self.actor, at=self.at)
        return self.answer_assignment(assignment.id)


class ReturnView(WorkView):
    """``/assignments/{id}/return/``."""

    @extend_schema(operation_id="return_lead", request=ReturnInput, responses=AssignmentOutput)
    def post(self, request: Request, assignment_id: str) -> Response:
        """Give the lead back: it goes on to the next partners."""
        assignment = self.visible_assignment(assignment_id)
        return_lead(assignment=assignment, by=self.actor, at=self.at, **self.read(RETURN))
        return self.answer_assignment(assignment.id)
