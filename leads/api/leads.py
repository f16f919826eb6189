"""Calls about leads: push one or many, find them, see what happened and why."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.api.problems import errors_of
from leadhub.core.errors import InvalidInput
from leads.api.inputs import BulkInput, LeadInput, LeadQuery, new_lead
from leads.api.outputs import EVENT, LEAD, BulkOutput, EventOutput, LeadOutput, RoutingOutput
from leads.disclosures import leads_with_contact, note_disclosures
from leads.explanations import explain_exclusions, explain_matches
from leads.filters import LeadFilter
from leads.intake import receive_lead
from leads.selectors import (
    events_visible_to,
    in_full_as_stored,
    leads_in_full,
    leads_visible_to,
    waves_visible_to,
)
from partners.api.views import ApiView, context_of
from partners.roles import Capability

logger = logging.getLogger(__name__)

LEAD_INPUT, LEAD_QUERY = LeadInput(), LeadQuery()
LEADS_AT_MOST = 1_000


class LeadView(ApiView):
    """What calls about one lead share."""

    def visible_lead(self, lead_id: str) -> Any:
        """Find a lead that the caller may see."""
        return self.find(leads_visible_to(self.actor), lead_id)

    def answer_lead(self, lead_id: Any) -> Response:
        """Answer a lead as it is now."""
        leads = leads_in_full(leads_visible_to(self.actor), self.actor)
        lead = leads.get(id=lead_id)
        self.note_seen([lead])
        return Response(LEAD.to_representation(lead))

    def note_seen(self, leads: Sequence[Any]) -> None:
        """Keep that the caller is shown the contacts of these leads, as far as it is."""
        note_disclosures(leads_with_contact(leads), by=self.actor, at=self.at)


class LeadsView(LeadView):
    """``/leads/``."""

    needs = {"GET": Capability.SEE_LEADS, "POST": Capability.ADD_LEADS}
    methods_of_one_step = frozenset({"POST"})
    ordering = ("-received_at", "-id")

    @extend_schema(
        operation_id="list_leads", parameters=[LeadQuery], responses=LeadOutput(many=True)
    )
    def get(self, request: Request) -> Response:
        """List leads, the newest first; a partner's key lists those that the partner holds."""
        asked = self.read_query(LEAD_QUERY)
        if self.actor.is_partner and "q" in asked:
            detail = "Only the manufacturer's keys search; leave q out."
            raise ValidationError({"q": detail}, "not_allowed")
        leads = LeadFilter(asked, queryset=leads_visible_to(self.actor)).qs
        leads = leads_in_full(leads, self.actor)
        return self.answer_page(leads, LEAD, complete=self.note_seen)

    @extend_schema(
        operation_id="receive_lead",
        request=LeadInput,
        responses={201: LeadOutput, 200: LeadOutput},
    )
    def post(self, request: Request) -> Response:
        """Push a lead and route it: 201 with the lead, 200 if it is known already."""
        new = new_lead(self.read(LEAD_INPUT))
        receipt = receive_lead(new=new, by=self.actor, at=self.at)
        if not receipt.is_new:
            with context_of(self.actor):
                return self.answer_lead(receipt.lead.id)
        lead = in_full_as_stored(
            receipt.lead,
            stored=receipt.stored,
            line_codes=list(dict.fromkeys(new.product_lines)),
            level_code=new.required_certification,
        )
        return Response(LEAD.to_representation(lead), status=201)


class LeadDetailView(LeadView):
    """``/leads/{id}/``."""

    needs = {"GET": Capability.SEE_LEADS}

    @extend_schema(operation_id="get_lead", responses=LeadOutput)
    def get(self, request: Request, lead_id: str) -> Response:
        """Show a lead."""
        leads = leads_in_full(leads_visible_to(self.actor), self.actor)
        lead = self.find(leads, lead_id)
        self.note_seen([lead])
        return Response(LEAD.to_representation(lead))


class LeadEventsView(LeadView):
    """``/leads/{id}/events/``."""

    needs = {"GET": Capability.SEE_LEADS}
    ordering = ("sequence",)

    @extend_schema(operation_id="list_lead_events", responses=EventOutput(many=True))
    def get(self, request: Request, lead_id: str) -> Response:
        """List the facts of a lead, oldest first; a partner sees its own and the lead's."""
        lead = self.visible_lead(lead_id)
        events = events_visible_to(self.actor, lead=lead)
        return self.answer_page(events, EVENT, complete=self._hide_others)

    def _hide_others(self, events: Any) -> None:
        """Keep from a partner which person or program of others acted."""
        if self.actor.is_partner:
            for event in events:
                if event.actor != self.actor.label:
                    event.actor = None


class LeadRoutingView(LeadView):
    """``/leads/{id}/routing/``."""

    needs = {"GET": Capability.EXPLAIN_ROUTING}

    @extend_schema(operation_id="get_lead_routing", responses=RoutingOutput)
    def get(self, request: Request, lead_id: str) -> Response:
        """Explain, wave by wave, who was asked and who was not."""
        waves = waves_visible_to(self.actor, lead=self.visible_lead(lead_id))
        return Response(
            {
                "waves": [
                    {
                        "wave": wave.number,
                        "policy": wave.policy_id,
                        "opened_at": wave.opened_at,
                        "respond_by": wave.respond_by,
                        "matches": explain_matches(wave),
                        "excluded": explain_exclusions(wave),
                        "excluded_counts": wave.excluded_counts,
                        "is_cut": wave.is_cut,
                    }
                    for wave in waves
                ]
            }
        )


class LeadsBulkView(ApiView):
    """``/leads/bulk/``: each lead is a transaction of its own."""

    needs = {"POST": Capability.ADD_LEADS}
    is_atomic = False
    body_max_bytes = settings.API_BULK_BODY_MAX_BYTES

    @extend_schema(operation_id="receive_leads", request=BulkInput, responses=BulkOutput)
    def post(self, request: Request) -> Response:
        """Push up to 1,000 leads; one that is wrong spoils no other.

        The body is ``{"leads": [...]}`` or the bare list.
        """
        results = [self._receive(item) for item in self._items(request.data)]
        _show(results, self.actor, self.at)
        return Response({"results": results})

    def _items(self, sent: Any) -> list[Any]:
        items = sent.get("leads") if isinstance(sent, dict) else sent
        if not isinstance(items, list) or not 1 <= len(items) <= LEADS_AT_MOST:
            raise ValidationError(
                {"leads": f"Send a list of 1 to {LEADS_AT_MOST} leads."}, "invalid"
            )
        return items

    def _receive(self, item: Any) -> dict[str, Any]:
        try:
            new = new_lead(LEAD_INPUT.run_validation(item if isinstance(item, dict) else []))
            receipt = receive_lead(new=new, by=self.actor, at=clock.now())
        except (InvalidInput, ValidationError) as wrong:
            errors = errors_of(wrong)
            detail = f"{errors[0]['field']}: {errors[0]['detail']}"
            return {"status": 400, "detail": detail, "errors": errors}
        except Exception:
            logger.exception("a lead of a bulk request failed")
            return {"status": 500, "detail": "Something went wrong on our side; send it again."}
        return {"status": 201 if receipt.is_new else 200, "lead": receipt.lead.id}


def _show(results: list[dict[str, Any]], actor: Actor, at: datetime) -> None:
    """Put the leads in place of their ids; whoever sent one is told nothing new of it."""
    with context_of(actor):
        ids = [result["lead"] for result in results if "lead" in result]
        known = [result["lead"] for result in results if result["status"] == 200]  # noqa: PLR2004
        note_disclosures(known, by=actor, at=at)
        leads = leads_in_full(leads_visible_to(actor).filter(id__in=ids), actor)
        shown = {lead.id: LEAD.to_representation(lead) for lead in leads}
    for result in results:
        if "lead" in result:
            result["lead"] = shown[result["lead"]]
