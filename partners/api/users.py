"""Calls about people: who may act for the manufacturer and its partners, and who is invited."""

from typing import ClassVar

from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.fields import Choice, EmailAddress, Identifier, Input, Instant, Output
from leadhub.core.errors import NotAllowed
from partners.api.serializers import LANGUAGES
from partners.api.views import ApiView
from partners.invitations import invite, withdraw
from partners.memberships import change_role, remove_member
from partners.models.accounts import PARTNER_ROLES, Role
from partners.roles import Capability, scopes_of_role
from partners.selectors import invitations_visible_to, partner_named, people_visible_to

ROLES = tuple(role.value for role in Role)
DEFAULT_LANGUAGE = "de"


class RoleAboveKey(NotAllowed):
    """Somebody could do more than the key that lets them."""

    code = "more_than_own_scopes"
    message = gettext_noop("A key can give no role that may do more than the key itself.")


class InviteUserInput(Input):
    """Whom to invite to what; a partner's role needs the partner, the others must not have one."""

    email = EmailAddress(max_length=254)
    role = Choice(ROLES)
    partner = Identifier(required=False)
    language = Choice(
        LANGUAGES, required=False, help_text="Of the mail; without it the partner's, else German."
    )


class ChangeUserInput(Input):
    """What somebody may do from now on."""

    role = Choice(ROLES)


class UserOutput(Output):
    """Somebody who may act: their membership, by its id, and who they are."""

    id = serializers.UUIDField()
    user = serializers.UUIDField(source="user_id")
    email = serializers.CharField(source="user.email")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(choices=ROLES)
    partner = serializers.UUIDField(source="partner_id", allow_null=True)


class InvitedUserOutput(Output):
    """An invitation that nobody has accepted yet; the link is in the mail alone."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    partner = serializers.UUIDField(source="partner_id", allow_null=True)
    expires_at = Instant()


INVITE, CHANGE = InviteUserInput(), ChangeUserInput()
USER, INVITED = UserOutput(), InvitedUserOutput()


class UserView(ApiView):
    """What calls about people share."""

    needs: ClassVar[dict[str, Capability]] = dict.fromkeys(
        ("GET", "POST", "PATCH", "DELETE"), Capability.MANAGE_PEOPLE
    )
    ordering = ("id",)

    def check_role(self, role: str) -> None:
        """Let no key make somebody who may do more than the key itself.

        :raises RoleAboveKey: if the role needs a scope that the key lacks.
        """
        if role not in PARTNER_ROLES and not scopes_of_role(role) <= set(self.holder.scopes):
            raise RoleAboveKey


class UsersView(UserView):
    """``/users/``."""

    @extend_schema(operation_id="list_users", responses=UserOutput(many=True))
    def get(self, request: Request) -> Response:
        """List who may act for the manufacturer and its partners, whoever came first."""
        return self.answer_page(people_visible_to(self.actor), USER)

    @extend_schema(
        operation_id="invite_user", request=InviteUserInput, responses={201: InvitedUserOutput}
    )
    def post(self, request: Request) -> Response:
        """Invite somebody by mail; they may act from when they accept.

        :raises RoleAboveKey: if they could do more than the key.
        :raises AlreadyMember: if they act here already.
        :raises AlreadyInvited: if an invitation is open.
        """
        sent = self.read(INVITE)
        self.check_role(sent["role"])
        partner = partner_named(sent.get("partner"), actor=self.actor)
        language = partner.language if partner is not None else DEFAULT_LANGUAGE
        invitation = invite(
            email=sent["email"],
            role=sent["role"],
            partner=partner,
            language=sent.get("language", language),
            by=self.actor,
            at=self.at,
        )
        return Response(INVITED.to_representation(invitation), status=201)


class UserDetailView(UserView):
    """``/users/{id}/``."""

    @extend_schema(operation_id="get_user", responses=UserOutput)
    def get(self, request: Request, membership_id: str) -> Response:
        """Show somebody who may act."""
        member = self.find(people_visible_to(self.actor), membership_id)
        return Response(USER.to_representation(member))

    @extend_schema(operation_id="change_user", request=ChangeUserInput, responses=UserOutput)
    def patch(self, request: Request, membership_id: str) -> Response:
        """Give somebody another role of the same side.

        :raises RoleAboveKey: if they could do more than the key.
        :raises LastAdministrator: if nobody could set anything up any more.
        :raises OtherSide: if the role is the manufacturer's for a partner's person, or the reverse.
        """
        people = people_visible_to(self.actor)
        member = self.find(people, membership_id)
        role = self.read(CHANGE)["role"]
        self.check_role(role)
        change_role(membership=member, role=role, by=self.actor, at=self.at)
        return Response(USER.to_representation(people.get(id=member.id)))

    @extend_schema(operation_id="remove_user", responses={204: None})
    def delete(self, request: Request, membership_id: str) -> Response:
        """Take from somebody the right to act here, at once; their account stays.

        :raises LastAdministrator: if nobody could set anything up any more.
        """
        member = self.find(people_visible_to(self.actor), membership_id)
        remove_member(membership=member, by=self.actor, at=self.at)
        return Response(status=204)


class InvitedUsersView(UserView):
    """``/users/invitations/``."""

    @extend_schema(operation_id="list_invitations", responses=InvitedUserOutput(many=True))
    def get(self, request: Request) -> Response:
        """List the invitations that nobody has accepted or withdrawn, the oldest first."""
        return self.answer_page(invitations_visible_to(self.actor), INVITED)


class InvitedUserView(UserView):
    """``/users/invitations/{id}/``."""

    @extend_schema(operation_id="withdraw_invitation", responses={204: None})
    def delete(self, request: Request, invitation_id: str) -> Response:
        """Let an invitation be accepted no more."""
        invitation = self.find(invitations_visible_to(self.actor), invitation_id)
        withdraw(invitation=invitation, by=self.actor, at=self.at)
        return Response(status=204)
