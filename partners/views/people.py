"""People of a manufacturer and of its partners: who may act, since when, and who is invited."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from partners.decorators import PersonRequest, desk_page
from partners.invitations import invite, send_again, withdraw
from partners.memberships import change_role, remove_member
from partners.models import Invitation, Membership
from partners.people_forms import TEAM_ROLES, THEIR_ROLES, InviteForm
from partners.roles import Capability
from partners.selectors import invitations_visible_to, partners_visible_to, people_visible_to

PEOPLE = "desk-people"
AT_ONCE = 25  # people of partners on a page


@desk_page(Capability.MANAGE_PEOPLE)
@require_GET
def show_people(request: PersonRequest) -> HttpResponse:
    """Show the team, partners' people by the page, and who is invited."""
    actor = request.person.at_desk
    people = people_visible_to(actor)
    theirs = people.exclude(partner=None).order_by("partner__name", "user__name", "id")
    context = {
        "place": "set-up",
        "at": clock.now(),
        "team": people.filter(partner=None),
        "page": Paginator(theirs, AT_ONCE).get_page(request.GET.get("page")),
        "invitations": invitations_visible_to(actor),
        "team_roles": TEAM_ROLES,
        "their_roles": THEIR_ROLES,
    }
    return show(request, "partners/desk/people.html", context)


@desk_page(Capability.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def invite_to_team(request: PersonRequest) -> HttpResponse:
    """Invite somebody to act for the manufacturer."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    return _invite(request, form, title=gettext("Invite to the team"))


@desk_page(Capability.INVITE_TO_PARTNERS)
@require_http_methods(["GET", "POST"])
def invite_for_partner(request: PersonRequest) -> HttpResponse:
    """Invite somebody to act for a partner."""
    partners = list(partners_visible_to(request.person.at_desk).order_by("name", "id"))
    if not partners:
        messages.error(request, gettext("Add a partner first."))
        return go_to(request, PEOPLE)
    form = InviteForm(request.POST if request.method == "POST" else None, partners=partners)
    return _invite(request, form, title=gettext("Invite a partner's person"))


@desk_page(Capability.MANAGE_PEOPLE)
@require_POST
def set_role(request: PersonRequest, membership_id: UUID) -> HttpResponse:
    """Give somebody another role."""
    actor = request.person.at_desk
    member = find_member(actor, membership_id)
    role = request.POST.get("role", "")
    try:
        change_role(membership=member, role=role, by=actor, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, PEOPLE)
    messages.success(request, gettext("The role was changed."))
    return go_to(request, PEOPLE)


@desk_page(Capability.MANAGE_PEOPLE)
@require_POST
def remove(request: PersonRequest, membership_id: UUID) -> HttpResponse:
    """Take from somebody the right to act here."""
    actor = request.person.at_desk
    try:
        remove_member(membership=find_member(actor, membership_id), by=actor, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, PEOPLE)
    messages.success(request, gettext("The person was removed, and can do nothing here any more."))
    return go_to(request, PEOPLE)


@desk_page(Capability.MANAGE_PEOPLE)
@require_POST
def invitation_again(request: PersonRequest, invitation_id: UUID) -> HttpResponse:
    """Send an invitation once more."""
    actor = request.person.at_desk
    return again(request, actor, find_invitation(actor, invitation_id), PEOPLE)


@desk_page(Capability.MANAGE_PEOPLE)
@require_POST
def invitation_withdraw(request: PersonRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    actor = request.person.at_desk
    return take_back(request, actor, find_invitation(actor, invitation_id), PEOPLE)


def find_member(actor: Actor, membership_id: UUID) -> Membership:
    """Find somebody who may act.

    :raises NotVisible: if there is nobody.
    """
    member = people_visible_to(actor).filter(id=membership_id).first()
    if member is None:
        raise NotVisible
    return member


def find_invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    """Find an open invitation.

    :raises NotVisible: if there is none.
    """
    invitation = invitations_visible_to(actor).filter(id=invitation_id).first()
    if invitation is None:
        raise NotVisible
    return invitation


def again(request: PersonRequest, by: Actor, invitation: Invitation, name: str) -> HttpResponse:
    """Send a new link, and say so on the named page."""
    try:
        send_again(invitation=invitation, by=by, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, name)
    messages.success(request, gettext("The invitation was sent again; the old link is void."))
    return go_to(request, name)


def take_back(request: PersonRequest, by: Actor, invitation: Invitation, name: str) -> HttpResponse:
    """Withdraw an invitation, and say so on the named page."""
    try:
        withdraw(invitation=invitation, by=by, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, name)
    messages.success(request, gettext("The invitation was withdrawn."))
    return go_to(request, name)


def send_invitation(form: InviteForm, *, by: Actor) -> bool:
    """Invite whom a form names; what speaks against it is said there."""
    given = form.cleaned_data
    try:
        invite(
            email=given["email"],
            role=given["role"],
            partner=form.chosen_partner,
            language=given["language"],
            by=by,
            at=clock.now(),
        )
    except StateConflict as refusal:
        form.add_error("email", refusal.in_words())
        return False
    return True


def _invite(request: PersonRequest, form: InviteForm, **context: Any) -> HttpResponse:
    if form.is_valid() and send_invitation(form, by=request.person.at_desk):
        messages.success(request, gettext("The invitation is on its way."))
        return go_to(request, PEOPLE)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context |= {"place": "set-up", "form": form}
    return show(request, "partners/desk/invite.html", context, status=status)
