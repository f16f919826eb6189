"""Calls by which a dispatcher acts on a lead; each answers the lead as it is afterwards."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.inputs import AssignInput, CloseInput, ExtendInput, MergeInput, VerdictInput
from leads.api.leads import LeadView
from leads.api.outputs import LeadOutput
from leads.dispatch import (
    assign_lead,
    extend_wave,
    judge_return,
    partner_to_assign,
    reject_lead,
    release_lead,
    reroute_lead,
    withdraw_lead,
)
from leads.erasure import erase_lead
from leads.feedback import close_lead, reopen_lead
from leads.merging import merge_lead
from partners.roles import Capability

ASSIGN, EXTEND, VERDICT, CLOSE = AssignInput(), ExtendInput(), VerdictInput(), CloseInput()
MERGE = MergeInput()


class DispatchView(LeadView):
    """What these calls share."""

    needs = {"POST": Capability.DISPATCH_LEADS}


class AssignView(DispatchView):
    """``/leads/{id}/assign/``."""

    @extend_schema(operation_id="assign_lead", request=AssignInput, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Give the lead to a partner, past gates and waves."""
        lead = self.visible_lead(lead_id)
        partner = partner_to_assign(
            partner_id=self.read(ASSIGN)["partner"], manufacturer_id=lead.manufacturer_id
        )
        assign_lead(lead=lead, partner=partner, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class WithdrawView(DispatchView):
    """``/leads/{id}/withdraw/``."""

    @extend_schema(operation_id="withdraw_lead", request=None, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Take the lead off the network."""
        lead = self.visible_lead(lead_id)
        withdraw_lead(lead=lead, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class RerouteView(DispatchView):
    """``/leads/{id}/reroute/``."""

    @extend_schema(operation_id="reroute_lead", request=None, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Begin the waves anew; a lead in a partner's hands is taken back first."""
        lead = self.visible_lead(lead_id)
        reroute_lead(lead=lead, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class ReleaseView(DispatchView):
    """``/leads/{id}/release/``."""

    @extend_schema(operation_id="release_lead", request=None, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Route a lead that was held for review."""
        lead = self.visible_lead(lead_id)
        release_lead(lead=lead, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class RejectView(DispatchView):
    """``/leads/{id}/reject/``."""

    @extend_schema(operation_id="reject_lead", request=None, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Refuse a lead that was held for review."""
        lead = self.visible_lead(lead_id)
        reject_lead(lead=lead, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class MergeView(DispatchView):
    """``/leads/{id}/merge/``."""

    @extend_schema(operation_id="merge_lead", request=MergeInput, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """End a held lead as the duplicate of another one, which goes on for both."""
        lead = self.visible_lead(lead_id)
        merge_lead(lead=lead, into_id=self.read(MERGE)["into"], by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class ExtendView(DispatchView):
    """``/leads/{id}/extend/``."""

    @extend_schema(operation_id="extend_wave", request=ExtendInput, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Move the deadline of the wave that is open."""
        lead = self.visible_lead(lead_id)
        extend_wave(lead=lead, by=self.actor, at=self.at, **self.read(EXTEND))
        return self.answer_lead(lead.id)


class ReopenView(DispatchView):
    """``/leads/{id}/reopen/``."""

    @extend_schema(operation_id="reopen_lead", request=None, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Take back the closing: the lead is in progress again, in the same hands."""
        lead = self.visible_lead(lead_id)
        reopen_lead(lead=lead, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class CloseView(DispatchView):
    """``/leads/{id}/close/``."""

    @extend_schema(operation_id="close_lead", request=CloseInput, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Close the lead for the partner that holds it; this is no feedback of the partner."""
        lead = self.visible_lead(lead_id)
        sent: dict[str, Any] = self.read(CLOSE)
        close_lead(lead=lead, by=self.actor, at=self.at, **sent)
        return self.answer_lead(lead.id)


class EraseView(DispatchView):
    """``/leads/{id}/erase/``."""

    @extend_schema(operation_id="erase_lead", request=None, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Remove the customer's personal data for good; partners that had it are told."""
        lead = self.visible_lead(lead_id)
        erase_lead(lead=lead, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)


class VerdictView(DispatchView):
    """``/leads/{id}/return-verdict/``."""

    @extend_schema(operation_id="judge_return", request=VerdictInput, responses=LeadOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Say whether the lead was at fault when a partner returned it."""
        lead = self.visible_lead(lead_id)
        is_at_fault = self.read(VERDICT)["lead_at_fault"]
        judge_return(lead=lead, is_lead_at_fault=is_at_fault, by=self.actor, at=self.at)
        return self.answer_lead(lead.id)
