"""Calls by which people are invited to work for a partner."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.fields import Choice, EmailAddress, Input, Instant, Output
from partners.api.partners import PartnerView
from partners.invitations import invite
from partners.models.accounts import PARTNER_ROLES
from partners.roles import Capability
from partners.selectors import partners_visible_to

ROLES = tuple(role.value for role in PARTNER_ROLES)


class InvitationInput(Input):
    """Whom to invite, and what they may do."""

    email = EmailAddress(max_length=254)
    role = Choice(ROLES)


class InvitationOutput(Output):
    """An invitation that is on its way; the link is in the mail alone."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    partner = serializers.UUIDField(source="partner_id")
    expires_at = Instant()


INVITATION, INVITED = InvitationInput(), InvitationOutput()


class PartnerInvitationsView(PartnerView):
    """``/partners/{id}/invitations/``."""

    needs: ClassVar[dict[str, Capability]] = {"POST": Capability.INVITE_TO_PARTNERS}

    @extend_schema(
        operation_id="invite_to_partner", request=InvitationInput, responses={201: InvitationOutput}
    )
    def post(self, request: Request, partner_id: str) -> Response:
        """Invite a person to work for this partner, by a mail in the partner's language."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        sent = self.read(INVITATION)
        invitation = invite(
            email=sent["email"],
            role=sent["role"],
            partner=partner,
            language=partner.language,
            by=self.actor,
            at=self.at,
        )
        return Response(INVITED.to_representation(invitation), status=201)
