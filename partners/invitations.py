"""Invitations: how people come to act for a manufacturer or one of its partners.

The mail holds the only copy of a token; whoever opens the link sees who invites them to what, and
becomes a member by a tap. A token is good for one acceptance, for one address, for seven days.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.digests import digest_secret
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.tenancy.context import in_tenant_of, system_context, tenant_context
from leadhub.core.turns import wait_for_turn
from partners.changes import fields_of, record_change
from partners.letters import send_letter
from partners.memberships import Person, add_member, newcomer, open_account
from partners.models import Invitation, Manufacturer, Membership, Partner, User
from partners.models.accounts import PARTNER_ROLES, Role

VALID_FOR = timedelta(days=7)


class AlreadyMember(StateConflict):
    """The owner of the address acts here already."""

    code = "already_member"
    message = gettext_noop("This person is a member already; change their role instead.")


class AlreadyInvited(StateConflict):
    """There is an open invitation for the address."""

    code = "already_invited"
    message = gettext_noop("This person is invited already; send the invitation again instead.")


class InvitationOver(StateConflict):
    """The link was used, withdrawn, or is too old."""

    code = "invitation_over"
    message = gettext_noop("This invitation is no longer valid. Ask for a new one.")


class OtherAddress(StateConflict):
    """Somebody else is logged in than the one who is invited."""

    code = "other_address"
    message = gettext_noop("This invitation is for somebody else. Log in as who is invited.")


class Invited(NamedTuple):
    """What whoever holds a token is told.

    :ivar user: the account of the address, if there is one.
    """

    invitation: Invitation
    manufacturer: Manufacturer
    partner: Partner | None
    user: User | None


@in_tenant_of("by")
def invite(
    *,
    email: str,
    role: str,
    by: Actor,
    at: datetime,
    partner: Partner | None = None,
    language: str = "de",
) -> Invitation:
    """Invite the owner of an address, by a mail in their language.

    :raises InvalidInput: if the role and the partner do not go together.
    :raises AlreadyMember: if they act here already.
    :raises AlreadyInvited: if an invitation is open.
    """
    _check_side(role, partner, by=by)
    address = email.lower()
    wait_for_turn("members", by.manufacturer_id)
    if Membership.objects.filter(user__email=address, partner=partner).exists():
        raise AlreadyMember
    if _open().filter(email=address, partner=partner).exists():
        raise AlreadyInvited
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        manufacturer_id=by.manufacturer_id,
        email=address,
        language=language,
        partner=partner,
        role=role,
        token_digest=digest_secret(token),
        invited_by_id=by.user_id,
        invited_at=at,
        expires_at=at + VALID_FOR,
    )
    _record(invitation, by=by, before=None)
    _send(invitation, token)
    return invitation


@in_tenant_of("by")
def send_again(*, invitation: Invitation, by: Actor, at: datetime) -> None:
    """Send a new link, valid for seven days from now; the old one is no longer valid.

    :raises InvitationOver: if it was accepted or withdrawn.
    """
    found = _lock(invitation)
    before = _recorded(found)
    token = secrets.token_urlsafe(32)
    found.token_digest = digest_secret(token)
    found.expires_at = at + VALID_FOR
    found.save(update_fields=["token_digest", "expires_at"])
    _record(found, by=by, before=before)
    _send(found, token)


@in_tenant_of("by")
def withdraw(*, invitation: Invitation, by: Actor, at: datetime) -> None:
    """Let an invitation be accepted no more.

    :raises InvitationOver: if it was accepted or withdrawn.
    """
    found = _lock(invitation)
    before = _recorded(found)
    found.withdrawn_at = at
    found.save(update_fields=["withdrawn_at"])
    _record(found, by=by, before=before)


def find_invited(token: str, *, at: datetime) -> Invited:
    """Tell whoever holds a token who invites them to what. This changes nothing.

    :raises InvitationOver: if the token is unknown or good for nothing any more.
    """
    with system_context("invitations.find_invited"):
        invitation = (
            _open()
            .filter(token_digest=digest_secret(token), expires_at__gt=at)
            .select_related("manufacturer", "partner")
            .first()
        )
        if invitation is None:
            raise InvitationOver
        user = User.objects.filter(email=invitation.email).first()
        return Invited(invitation, invitation.manufacturer, invitation.partner, user)


def accept(*, token: str, by: User, at: datetime) -> Membership:
    """Make the person who is logged in a member.

    :raises InvitationOver: if the token is good for nothing any more.
    :raises OtherAddress: if somebody else was invited.
    """
    invited = find_invited(token, at=at)
    with tenant_context(invited.manufacturer.id):
        invitation = _lock(invited.invitation)
        if by.email != invitation.email:
            raise OtherAddress
        present = Membership.objects.filter(user_id=by.id, partner=invitation.partner_id).first()
        return accept_as(invitation, user=by, at=at, present=present)


def accept_as_new(*, token: str, name: str, password: str, at: datetime) -> User:
    """Make an account for the owner of the invited address, and them a member.

    Only they have the link, so that the address is known to be theirs.

    :raises InvitationOver: if the token is good for nothing any more.
    :raises OtherAddress: if there is an account by now; its owner logs in instead.
    """
    invited = find_invited(token, at=at)
    with tenant_context(invited.manufacturer.id):
        invitation = _lock(invited.invitation)
        # Another manufacturer's invitation may just have made an account for this address.
        wait_for_turn("account", invitation.email)
        if _has_account(invitation.email):
            raise OtherAddress
        person = Person(
            email=invitation.email, name=name, password=password, language=invitation.language
        )
        user = open_account(person)
        accept_as(invitation, user=user, at=at)
        return user


def accept_as(
    invitation: Invitation, *, user: User, at: datetime, present: Membership | None = None
) -> Membership:
    """Make somebody a member by a locked invitation, in its tenant, unless they are one."""
    side = {"manufacturer": invitation.manufacturer, "partner": invitation.partner}
    by = newcomer(user, **side)
    membership = present or add_member(
        **side, person=Person(email=user.email, name=user.name), role=invitation.role, by=by
    )
    before = _recorded(invitation)
    invitation.accepted_by_id = user.id
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    _record(invitation, by=by, before=before)
    return membership


def _check_side(role: str, partner: Partner | None, *, by: Actor) -> None:
    if by.is_partner and (partner is None or partner.id != by.partner_id):
        raise NotVisible
    if role not in Role.values or (role in PARTNER_ROLES) != (partner is not None):
        message = gettext_noop("Choose a role of the manufacturer's, or a partner and its role.")
        raise InvalidInput(field="role", message=message)


def _has_account(address: str) -> bool:
    with system_context("invitations.has_account"):
        return User.objects.filter(email=address).exists()


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None)


def _lock(invitation: Invitation) -> Invitation:
    found = _open().select_for_update(of=("self",)).filter(id=invitation.id).first()
    if found is None or bytes(found.token_digest) != bytes(invitation.token_digest):
        raise InvitationOver
    return found


def _recorded(invitation: Invitation) -> dict[str, Any]:
    partner = invitation.partner
    return {
        **fields_of(invitation, "email", "role", "expires_at", "accepted_at", "withdrawn_at"),
        "partner": partner.name if partner else "",
    }


def _record(invitation: Invitation, *, by: Actor, before: dict[str, Any] | None) -> None:
    record_change(
        by=by,
        kind="invitation",
        key=invitation.id,
        name=invitation.email,
        before=before,
        after=_recorded(invitation),
    )


def _send(invitation: Invitation, token: str) -> None:
    with system_context("invitations.send"):
        reader = User.objects.filter(email=invitation.email).first()
        inviter = User.objects.filter(id__in=[invitation.invited_by_id]).first()
        manufacturer = Manufacturer.objects.get(id=invitation.manufacturer_id)
        partner = Partner.objects.filter(id__in=[invitation.partner_id]).first()
    language = reader.language if reader else invitation.language
    path = reverse("person-invitation-open", kwargs={"token": token})
    with translation.override(language):
        send_letter(
            "invitation",
            to=invitation.email,
            reader=reader,
            inviter=inviter,
            manufacturer=manufacturer,
            partner=partner,
            role=Role(invitation.role).label,
            link=f"{settings.LEADHUB_BASE_URL}{path}",
        )
