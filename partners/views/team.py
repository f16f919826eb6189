"""The team of a partner, on its managers' phones."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.pages.answers import go_to, show
from partners.decorators import PersonRequest, partner_page
from partners.memberships import remove_member
from partners.people import LoggedInPerson
from partners.people_forms import InviteForm
from partners.roles import Capability
from partners.selectors import invitations_visible_to, partners_visible_to, people_visible_to
from partners.views.people import again, find_invitation, find_member, send_invitation, take_back

TEAM = "partner-team"
Found = TypeVar("Found")


@partner_page(Capability.MANAGE_TEAM)
@require_GET
def show_team(request: PersonRequest) -> HttpResponse:
    """Show who works for the partners that the person manages, and who is invited."""
    actors = _managing(request.person)
    teams = [
        {
            "partner": partners_visible_to(actor).get(),
            "people": people_visible_to(actor),
            "invitations": invitations_visible_to(actor),
        }
        for actor in actors
    ]
    return show(request, "partners/phone/team.html", {"teams": teams, "at": clock.now()})


@partner_page(Capability.MANAGE_TEAM)
@require_http_methods(["GET", "POST"])
def invite_colleague(request: PersonRequest) -> HttpResponse:
    """Invite somebody to work for a partner that the person manages."""
    actors = {actor.partner_id: actor for actor in _managing(request.person)}
    partners = [partners_visible_to(actor).get() for actor in actors.values()]
    form = InviteForm(request.POST if request.method == "POST" else None, partners=partners)
    partner = form.chosen_partner if form.is_valid() else None
    if partner is not None and send_invitation(form, by=actors[partner.id]):
        messages.success(request, gettext("The invitation is on its way."))
        return go_to(request, TEAM)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return show(request, "partners/phone/invite.html", {"form": form}, status=status)


@partner_page(Capability.MANAGE_TEAM)
@require_POST
def remove_colleague(request: PersonRequest, membership_id: UUID) -> HttpResponse:
    """Take from somebody the right to work for the partner; not from oneself."""
    actor, member = _first(request.person, lambda actor: find_member(actor, membership_id))
    if member.user_id == request.person.user.id:
        messages.error(request, gettext("Somebody else has to remove you."))
        return go_to(request, TEAM)
    remove_member(membership=member, by=actor, at=clock.now())
    messages.success(request, gettext("The person was removed, and can do nothing here any more."))
    return go_to(request, TEAM)


@partner_page(Capability.MANAGE_TEAM)
@require_POST
def colleague_again(request: PersonRequest, invitation_id: UUID) -> HttpResponse:
    """Send an invitation once more."""
    actor, invitation = _first(request.person, lambda one: find_invitation(one, invitation_id))
    return again(request, actor, invitation, TEAM)


@partner_page(Capability.MANAGE_TEAM)
@require_POST
def colleague_withdraw(request: PersonRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    actor, invitation = _first(request.person, lambda one: find_invitation(one, invitation_id))
    return take_back(request, actor, invitation, TEAM)


def _managing(person: LoggedInPerson) -> list[Actor]:
    actors = person.as_partners_managed
    if not actors:
        raise NotVisible
    return actors


def _first(person: LoggedInPerson, find: Callable[[Actor], Found]) -> tuple[Actor, Found]:
    for actor in _managing(person):
        try:
            return actor, find(actor)
        except NotVisible:
            continue
    raise NotVisible
