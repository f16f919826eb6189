"""Calls by which a partner works on the leads it holds; each answers the assignment."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.inputs import CloseInput, ContactAttemptInput, FeedbackInput, ReturnInput
from leads.api.outputs import ASSIGNMENT, AssignmentOutput
from leads.feedback import give_feedback, record_contact, return_lead
from leads.selectors import assignments_in_full, assignments_visible_to
from partners.api.views import ApiView
from partners.roles import Capability

ATTEMPT, FEEDBACK = ContactAttemptInput(), FeedbackInput()
CLOSE, RETURN = CloseInput(), ReturnInput()


class AssignmentsView(ApiView):
    """``/assignments/``."""

    needs = {"GET": Capability.SEE_WORK}
    ordering = ("-accepted_at", "-id")

    @extend_schema(operation_id="list_assignments", responses=AssignmentOutput(many=True))
    def get(self, request: Request) -> Response:
        """List my leads, the newest first."""
        assignments = assignments_in_full(assignments_visible_to(self.actor))
        return self.answer_page(assignments, ASSIGNMENT)


class AssignmentView(ApiView):
    """What calls about one assignment share, and ``/assignments/{id}/``."""

    needs = {"GET": Capability.SEE_WORK}

    @extend_schema(operation_id="get_assignment", responses=AssignmentOutput)
    def get(self, request: Request, assignment_id: str) -> Response:
        """Show one of my leads, with its contact."""
        assignments = assignments_in_full(assignments_visible_to(self.actor))
        return Response(ASSIGNMENT.to_representation(self.find(assignments, assignment_id)))


class WorkView(ApiView):
    """What the calls that work on an assignment share."""

    needs = {"POST": Capability.REPORT_WORK}

    def visible_assignment(self, assignment_id: str) -> Any:
        """Find an assignment of the caller."""
        return self.find(assignments_visible_to(self.actor), assignment_id)

    def answer_assignment(self, assignment_id: Any) -> Response:
        """Answer an assignment as it is now."""
        assignments = assignments_in_full(assignments_visible_to(self.actor))
        return Response(ASSIGNMENT.to_representation(assignments.get(id=assignment_id)))


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


class ReturnView(WorkView):
    """``/assignments/{id}/return/``."""

    @extend_schema(operation_id="return_lead", request=ReturnInput, responses=AssignmentOutput)
    def post(self, request: Request, assignment_id: str) -> Response:
        """Give the lead back: it goes on to the next partners."""
        assignment = self.visible_assignment(assignment_id)
        return_lead(assignment=assignment, by=self.actor, at=self.at, **self.read(RETURN))
        return self.answer_assignment(assignment.id)
