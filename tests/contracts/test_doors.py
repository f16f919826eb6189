"""Whoever is logged in, a page runs in the context of what they may act for."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import Scope, current_scope, system_context, user_context
from leads.models import Lead, LeadOffer
from partners.decorators import MEMBERSHIP_KEY, desk_page, partner_page, person_page
from partners.models import Membership, Partner, User
from partners.roles import Capability
from tests.acting import member, memberships_of
from tests.contracts.catalogue import World, ask, unguarded
from tests.factors import show_second_factor

Look = Callable[[], Any]
AT_DESK = desk_page(Capability.SEE_LEADS)
AT_PARTNERS = partner_page(Capability.SEE_OFFERS)


def during(
    look: Look,
    *,
    user_id: UUID | None,
    door: Any = AT_DESK,
    has_second_factor: bool = True,
    **session: Any,
) -> Any:
    """Look at something while a page behind a door is made for somebody; ``None`` if it is not."""
    seen: list[Any] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(look())
        return HttpResponse()

    request = RequestFactory().get("/somewhere/")
    request.session = SessionStore()
    request.session.update({**logged_in(user_id), **session})
    if user_id is not None and has_second_factor:
        show_it_if_known(request.session, user_id)
    try:
        door(answer)(request)
    except Http404:
        assert not seen
    return seen[0] if seen else None


def logged_in(user_id: UUID | None) -> dict[str, Any]:
    """What a log-in leaves in the session."""
    if user_id is None:
        return {}
    with user_context(user_id):
        user = User.objects.filter(id=user_id).first()
    return {
        SESSION_KEY: str(user_id),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash() if user else "",
    }


def show_it_if_known(session: SessionBase, user_id: UUID) -> None:
    """Show the second factor of somebody, if they exist."""
    with system_context("test"):
        user = User.objects.filter(id=user_id).first()
        if user is not None:
            show_second_factor(session, user)


def _choosing(membership: Membership) -> dict[str, Any]:
    return {MEMBERSHIP_KEY: str(membership.id)}


def tenants_of_leads() -> set[UUID]:
    return set(Lead.objects.values_list("manufacturer_id", flat=True))


def partners_of_offers() -> set[UUID]:
    return set(LeadOffer.objects.values_list("partner_id", flat=True))


def admin_of(world: World) -> Membership:
    return member(world.network, "staff@both.example", "DISPATCHER")


def test_lets_staff_see_their_manufacturers_rows(acme: World, globex: World) -> None:
    user_id = admin_of(acme).user_id

    assert during(tenants_of_leads, user_id=user_id) == {acme.tenant}


def test_opens_the_desk_to_nobody_without_a_second_factor(acme: World) -> None:
    user_id = admin_of(acme).user_id

    assert during(tenants_of_leads, user_id=user_id, has_second_factor=False) is None


def test_opens_the_phone_to_partners_without_a_second_factor(acme: World) -> None:
    rep = member(acme.network, "rep@asked.example", "PARTNER_REP", acme.asked)

    seen = during(
        partners_of_offers, user_id=rep.user_id, door=AT_PARTNERS, has_second_factor=False
    )

    assert seen == {acme.asked.id}


def test_takes_no_second_factor_of_somebody_else(acme: World) -> None:
    user_id = admin_of(acme).user_id
    other = member(acme.network, "other@acme.example", "ADMIN").user_id
    session = SessionStore()
    show_it_if_known(session, other)

    seen = during(tenants_of_leads, user_id=user_id, has_second_factor=False, **dict(session))

    assert seen is None


def test_shows_nothing_to_a_person_who_is_active_no_more(acme: World) -> None:
    user_id = admin_of(acme).user_id
    with system_context("test"):
        User.objects.filter(id=user_id).update(is_active=False)

    assert during(tenants_of_leads, user_id=user_id) is None


def test_shows_nothing_after_the_password_was_changed(acme: World) -> None:
    user_id = admin_of(acme).user_id
    old = logged_in(user_id)
    with system_context("test"):
        User.objects.filter(id=user_id).update(password="changed")

    assert during(tenants_of_leads, user_id=user_id, **old) is None


def test_lets_staff_of_two_manufacturers_act_for_one_at_a_time(acme: World, globex: World) -> None:
    admin_of(acme)
    chosen = admin_of(globex)

    seen = during(tenants_of_leads, user_id=chosen.user_id, **_choosing(chosen))

    assert seen == {globex.tenant}


def test_lets_nobody_choose_a_membership_of_somebody_else(acme: World, globex: World) -> None:
    own = admin_of(acme)
    foreign = member(globex.network, "other@globex.example", "ADMIN")

    seen = during(tenants_of_leads, user_id=own.user_id, **_choosing(foreign))

    assert seen == {acme.tenant}


def test_lets_a_person_of_two_networks_see_both_partners_offers(acme: World, globex: World) -> None:
    user_id = member(acme.network, "rep@both.example", "PARTNER_REP", acme.asked).user_id
    member(globex.network, "rep@both.example", "PARTNER_MANAGER", globex.holder)

    seen = during(partners_of_offers, user_id=user_id, door=AT_PARTNERS)

    assert seen == {acme.asked.id, globex.holder.id}


def test_lets_a_partner_person_see_no_other_partner(acme: World) -> None:
    user_id = member(acme.network, "rep@asked.example", "PARTNER_REP", acme.asked).user_id

    seen = during(lambda: list(Partner.objects.all()), user_id=user_id, door=AT_PARTNERS)

    assert seen == [acme.asked]


@pytest.mark.parametrize("door", [AT_DESK, AT_PARTNERS])
def test_opens_no_door_to_a_person_without_membership(acme: World, door: Any) -> None:
    with system_context("test"):
        user = User.objects.create_user("nobody@acme.example", "x", name="Nobody")

    assert during(tenants_of_leads, user_id=user.id, door=door) is None
    assert during(tenants_of_leads, user_id=user.id, door=person_page) == set()


@pytest.mark.parametrize("door", [AT_DESK, AT_PARTNERS, person_page])
def test_opens_no_door_without_logging_in(acme: World, door: Any) -> None:
    assert during(tenants_of_leads, user_id=None, door=door) is None
    assert during(tenants_of_leads, user_id=new_id(), door=door) is None


def test_opens_the_desk_to_no_partner_and_the_phone_to_no_staff(acme: World) -> None:
    rep = member(acme.network, "rep@asked.example", "PARTNER_REP", acme.asked)

    assert during(tenants_of_leads, user_id=rep.user_id) is None
    assert during(tenants_of_leads, user_id=admin_of(acme).user_id, door=AT_PARTNERS) is None


def test_opens_a_page_of_some_roles_to_no_other(acme: World) -> None:
    user_id = admin_of(acme).user_id

    assert during(tenants_of_leads, user_id=user_id, door=desk_page(Capability.MANAGE_KEYS)) is None
    door = desk_page(Capability.DISPATCH_LEADS)
    assert during(tenants_of_leads, user_id=user_id, door=door) == {acme.tenant}


def test_makes_no_door_without_a_capability() -> None:
    with pytest.raises(ValueError, match="ADMIN"):
        desk_page("ADMIN")  # type: ignore[arg-type]


def test_shows_somebody_with_both_sides_each_behind_its_own_door(
    acme: World, globex: World
) -> None:
    both = admin_of(acme)
    member(globex.network, "staff@both.example", "PARTNER_REP", globex.asked)

    assert during(tenants_of_leads, user_id=both.user_id) == {acme.tenant}
    seen = during(partners_of_offers, user_id=both.user_id, door=AT_PARTNERS)
    assert seen == {globex.asked.id}


def test_leaves_the_context_after_the_request(acme: World) -> None:
    during(tenants_of_leads, user_id=admin_of(acme).user_id)

    assert current_scope() == Scope()
    assert ask("SELECT current_setting('leadhub.manufacturer', true)")[0][0] in ("", None)
    with unguarded():
        assert tenants_of_leads() == set()


def test_finds_staff_memberships_first(acme: World, globex: World) -> None:
    user_id = member(acme.network, "two@both.example", "PARTNER_REP", acme.asked).user_id
    member(globex.network, "two@both.example", "ANALYST")

    roles = [membership.role for membership in memberships_of(user_id)]

    assert roles == ["ANALYST", "PARTNER_REP"]
