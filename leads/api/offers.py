"""Calls by which a partner sees, takes and declines offers, and picks open leads."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.metrics import count_conflict
from leads.api.assignments import SeenView
from leads.api.inputs import DeclineInput, OfferQuery
from leads.api.leads import LeadView
from leads.api.outputs import (
    OFFER,
    OPEN_LEAD,
    AssignmentOutput,
    LeadOutput,
    OfferOutput,
    OpenLeadOutput,
)
from leads.pick_list import find_lead_to_pick, pick_list_visible_to
from leads.routing import accept_offer, decline_offer, pick_lead
from leads.selectors import (
    distances_to,
    offers_in_full,
    offers_visible_to,
    open_leads_in_full,
)
from partners.api.views import ApiView
from partners.roles import Capability

OFFER_QUERY, DECLINE = OfferQuery(), DeclineInput()


class OffersView(ApiView):
    """``/offers/``."""

    needs = {"GET": Capability.SEE_OFFERS}
    ordering = ("-offered_at", "-id")

    @extend_schema(
        operation_id="list_offers", parameters=[OfferQuery], responses=OfferOutput(many=True)
    )
    def get(self, request: Request) -> Response:
        """List my offers, the newest first."""
        offers = offers_visible_to(self.actor, at=self.at).filter(**self.read_query(OFFER_QUERY))
        return self.answer_page(offers_in_full(offers), OFFER)


class OfferView(ApiView):
    """``/offers/{id}/``."""

    needs = {"GET": Capability.SEE_OFFERS}

    @extend_schema(operation_id="get_offer", responses=OfferOutput)
    def get(self, request: Request, offer_id: str) -> Response:
        """Show an offer."""
        offers = offers_in_full(offers_visible_to(self.actor, at=self.at))
        return Response(OFFER.to_representation(self.find(offers, offer_id)))


class AcceptView(LeadView):
    """``/offers/{id}/accept/``."""

    needs = {"POST": Capability.ANSWER_OFFERS}

    @extend_schema(operation_id="accept_offer", request=None, responses=LeadOutput)
    def post(self, request: Request, offer_id: str) -> Response:
        """Take the lead; the first partner to do so gets it, and may repeat this."""
        offer = self.find(offers_visible_to(self.actor, at=self.at), offer_id)
        try:
            accept_offer(offer=offer, by=self.actor, at=self.at)
        except StateConflict as conflict:
            count_conflict(conflict.code)
            raise
        return self.answer_lead(offer.lead_id)


class DeclineView(ApiView):
    """``/offers/{id}/decline/``."""

    needs = {"POST": Capability.ANSWER_OFFERS}

    @extend_schema(operation_id="decline_offer", request=DeclineInput, responses=OfferOutput)
    def post(self, request: Request, offer_id: str) -> Response:
        """Say no, and why."""
        offers = offers_visible_to(self.actor, at=self.at)
        offer = self.find(offers, offer_id)
        decline_offer(offer=offer, by=self.actor, at=self.at, **self.read(DECLINE))
        return Response(OFFER.to_representation(offers_in_full(offers).get(id=offer.id)))


class PickListView(ApiView):
    """``/pick-list/``."""

    needs = {"GET": Capability.SEE_OFFERS}
    ordering = ("-received_at", "-id")

    @extend_schema(operation_id="list_open_leads", responses=OpenLeadOutput(many=True))
    def get(self, request: Request) -> Response:
        """List leads that nobody took and that I may pick, the newest first."""
        leads = open_leads_in_full(pick_list_visible_to(self.actor, at=self.at))
        return self.answer_page(leads, OPEN_LEAD, complete=self._measure)

    def _measure(self, leads: Any) -> None:
        distances = distances_to(self.actor, leads)
        for lead in leads:
            distance = distances[lead.id]
            lead.distance_km = None if distance is None else round(distance, 1)


class PickView(SeenView):
    """``/pick-list/{lead}/pick/``."""

    needs = {"POST": Capability.ANSWER_OFFERS}

    @extend_schema(operation_id="pick_lead", request=None, responses=AssignmentOutput)
    def post(self, request: Request, lead_id: str) -> Response:
        """Take a lead from the pick list; the first partner to do so gets it."""
        lead = find_lead_to_pick(lead_id=self.as_id(lead_id), actor=self.actor, at=self.at)
        if lead is None:
            raise NotVisible
        return self.answer_assignment(pick_lead(lead=lead, by=self.actor, at=self.at).id)
