"""Invitations: who may invite whom, what a link is good for, and how people become members."""

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.tenancy.context import system_context, tenant_context
from partners.invitations import (
    VALID_FOR,
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    OtherAddress,
    accept,
    accept_as_new,
    find_invited,
    invite,
    send_again,
    withdraw,
)
from partners.memberships import (
    LastAdministrator,
    OtherSide,
    change_role,
    remove_member,
)
from partners.models import Invitation, Membership, User
from tests.acting import DAY, member, memberships_of
from tests.factories import NOON, Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk, queries_of, read
from tests.people.conftest import REP, user_of
from tests.people.letters import letters_to, link_in

NEW = "new@partner.example"
PASSWORD = "kiesel-farn-igel-646"  # noqa: S105 - of people who do not exist


def token_to(address: str) -> str:
    """The token in the last mail to somebody."""
    return link_in(letters_to(address)[-1]).split("/")[2]


def administrator(network: Network) -> Membership:
    with tenant_context(network.manufacturer.id):
        return Membership.objects.get(role="ADMIN")


def test_makes_an_account_and_a_member_of_whoever_accepts(network: Network) -> None:
    partner = network.partner()
    invite(email=NEW, role="PARTNER_REP", partner=partner, by=network.by, at=NOON)

    user = accept_as_new(token=token_to(NEW), name="Nora New", password=PASSWORD, at=NOON + DAY)

    (membership,) = memberships_of(user.id)
    assert (membership.role, membership.partner_id) == ("PARTNER_REP", partner.id)
    assert user.check_password(PASSWORD)


def test_gives_somebody_with_an_account_one_more_membership(
    network: Network, other_network: Network, rep: Membership
) -> None:
    invite(email=REP, role="ANALYST", by=other_network.by, at=NOON)

    accept(token=token_to(REP), by=user_of(rep), at=NOON)

    assert [one.role for one in memberships_of(rep.user_id)] == ["ANALYST", "PARTNER_REP"]


def test_keeps_the_role_of_somebody_who_became_a_member_meanwhile(network: Network) -> None:
    invite(email="dana@acme.example", role="ANALYST", by=network.by, at=NOON)
    admin = member(network, "dana@acme.example", "ADMIN")

    accept(token=token_to("dana@acme.example"), by=user_of(admin), at=NOON)

    assert [one.role for one in memberships_of(admin.user_id)] == ["ADMIN"]


@pytest.mark.parametrize("spoil", ["accepted", "withdrawn", "expired", "sent again"])
def test_takes_no_link_twice_or_too_late(network: Network, spoil: str) -> None:
    invitation = invite(email=NEW, role="ANALYST", by=network.by, at=NOON)
    token, at = token_to(NEW), NOON + DAY
    if spoil == "accepted":
        accept_as_new(token=token, name="Nora", password=PASSWORD, at=NOON)
    elif spoil == "withdrawn":
        withdraw(invitation=invitation, by=network.by, at=NOON)
    elif spoil == "expired":
        at = NOON + VALID_FOR
    else:
        send_again(invitation=invitation, by=network.by, at=NOON)

    with pytest.raises(InvitationOver):
        find_invited(token, at=at)
    with pytest.raises(InvitationOver):
        accept_as_new(token=token, name="Nora", password=PASSWORD, at=at)


def test_sends_again_with_another_link_valid_from_then(network: Network) -> None:
    invitation = invite(email=NEW, role="ANALYST", by=network.by, at=NOON)

    send_again(invitation=invitation, by=network.by, at=NOON + 6 * DAY)

    assert find_invited(token_to(NEW), at=NOON + 12 * DAY).invitation == invitation


def test_lets_nobody_else_accept(network: Network, rep: Membership) -> None:
    invite(email=NEW, role="ADMIN", by=network.by, at=NOON)

    with pytest.raises(OtherAddress):
        accept(token=token_to(NEW), by=user_of(rep), at=NOON)


def test_makes_no_second_account_for_an_address(network: Network, rep: Membership) -> None:
    invite(email=REP, role="ANALYST", by=network.by, at=NOON)

    with pytest.raises(OtherAddress):
        accept_as_new(token=token_to(REP), name="Mallory", password=PASSWORD, at=NOON)


def test_keeps_no_token(network: Network) -> None:
    invite(email=NEW, role="ANALYST", by=network.by, at=NOON)

    with tenant_context(network.manufacturer.id):
        row = Invitation.objects.values().get()
    assert token_to(NEW) not in str(row)


def test_invites_nobody_who_is_a_member_or_invited(network: Network, rep: Membership) -> None:
    with tenant_context(network.manufacturer.id):
        partner = Membership.objects.select_related("partner").get(id=rep.id).partner
    invite(email=NEW, role="ANALYST", by=network.by, at=NOON)

    with pytest.raises(AlreadyInvited):
        invite(email=NEW.upper(), role="ADMIN", by=network.by, at=NOON)
    with pytest.raises(AlreadyMember):
        invite(email=REP, role="PARTNER_REP", partner=partner, by=network.by, at=NOON)


@pytest.mark.parametrize(("role", "with_partner"), [("ADMIN", True), ("PARTNER_REP", False)])
def test_refuses_a_role_of_the_other_side(network: Network, role: str, with_partner: bool) -> None:  # noqa: FBT001
    partner = network.partner() if with_partner else None

    with pytest.raises(InvalidInput):
        invite(email=NEW, role=role, partner=partner, by=network.by, at=NOON)


def test_lets_a_partner_invite_for_itself_alone(network: Network) -> None:
    own, other = network.partners(2)

    with pytest.raises(NotVisible):
        invite(email=NEW, role="PARTNER_REP", partner=other, by=network.actor_for(own), at=NOON)
    with pytest.raises(NotVisible):
        invite(email=NEW, role="ADMIN", by=network.actor_for(own), at=NOON)


def test_keeps_the_last_administrator(network: Network) -> None:
    last = administrator(network)

    with pytest.raises(LastAdministrator):
        remove_member(membership=last, by=network.by, at=NOON)
    with pytest.raises(LastAdministrator):
        change_role(membership=last, role="ANALYST", by=network.by, at=NOON)

    member(network, "second@acme.example", "ADMIN")
    remove_member(membership=last, by=network.by, at=NOON)
    assert memberships_of(last.user_id) == []


def test_gives_nobody_a_role_of_the_other_side(network: Network, rep: Membership) -> None:
    with pytest.raises(OtherSide):
        change_role(membership=rep, role="ADMIN", by=network.by, at=NOON)


def test_changes_nothing_when_a_link_is_opened(network: Network, client: Client) -> None:
    invite(email=NEW, role="ANALYST", by=network.by, at=clock.now())
    (letter,) = letters_to(NEW)

    pages = [ask(link_in(letter), follow=True) for ask in (client.get, client.head)]

    assert [page.status_code for page in pages] == [200, 200]
    with system_context("test"):
        assert Invitation.objects.get().accepted_at is None
        assert not User.objects.filter(email=NEW).exists()


def test_keeps_no_token_that_is_none(db: None, client: Client) -> None:
    response = client.get(f"/invitations/{'x' * 65}/")

    assert response.headers["Location"] == "/invitation/"
    assert "invitation" not in client.session
    assert client.get("/invitation/").status_code == 409


def test_shows_no_token_to_other_pages(network: Network, client: Client) -> None:
    invite(email=NEW, role="ANALYST", by=network.by, at=clock.now())

    response = client.get(link_in(letters_to(NEW)[0]))

    assert response.headers["Location"] == "/invitation/"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_leads_new_staff_to_their_second_factor(network: Network, client: Client) -> None:
    invite(email=NEW, role="DISPATCHER", by=network.by, at=clock.now())
    client.get(link_in(letters_to(NEW)[0]))

    done = client.post("/invitation/", {"name": "Nora New", "password": PASSWORD})

    assert done.headers["Location"] == "/"
    assert client.get("/cockpit/").headers["Location"] == "/account/security/"
    assert client.get("/account/security/app/").status_code == 200


def test_lets_somebody_with_an_account_log_in_and_accept(
    network: Network, other_network: Network, rep: Membership, client: Client
) -> None:
    partner = other_network.partner()
    invite(email=REP, role="PARTNER_MANAGER", partner=partner, by=other_network.by, at=clock.now())
    client.get(link_in(letters_to(REP)[0]))

    asked = client.post("/invitation/")
    client.post(asked.headers["Location"], {"email": REP, "password": "x"})
    client.post("/invitation/")

    assert len(memberships_of(rep.user_id)) == 2


def test_takes_no_weak_password(network: Network, client: Client) -> None:
    invite(email=NEW, role="ANALYST", by=network.by, at=clock.now())
    client.get(link_in(letters_to(NEW)[0]))

    response = client.post("/invitation/", {"name": "Nora", "password": "password"})

    assert response.status_code == 422
    with system_context("test"):
        assert not User.objects.filter(email=NEW).exists()


def test_lets_an_administrator_invite_by_the_page(network: Network) -> None:
    desk = at_desk(network)

    desk.post("/people/invite/", {"email": NEW, "role": "ANALYST", "language": "en"})

    assert NEW in read(desk, "/people/")
    (letter,) = letters_to(NEW)
    assert letter.subject == "Acme invites you to leadhub"


@pytest.mark.parametrize("role", ["DISPATCHER", "ANALYST"])
@pytest.mark.parametrize("address", ["/people/", "/people/invite/", "/people/invite-partner/"])
def test_lets_nobody_else_see_to_people(network: Network, role: str, address: str) -> None:
    assert at_desk(network, role).get(address).status_code == 404


def test_lets_a_partners_manager_see_to_their_own_people(network: Network) -> None:
    own, other = network.partners(2)
    manager = member(network, "boss@own.example", "PARTNER_MANAGER", own)
    member(network, "else@other.example", "PARTNER_REP", other)
    phone = logged_in(Client(), manager)

    phone.post(
        "/team/invite/",
        {"email": NEW, "role": "PARTNER_REP", "language": "de", "partner": str(own.id)},
    )

    page = phone.get("/team/").content.decode()
    assert NEW in page
    assert "else@other.example" not in page


def test_lets_no_manager_invite_for_another_partner(network: Network) -> None:
    own, other = network.partners(2)
    phone = logged_in(Client(), member(network, "boss@own.example", "PARTNER_MANAGER", own))

    response = phone.post(
        "/team/invite/",
        {"email": NEW, "role": "PARTNER_REP", "language": "de", "partner": str(other.id)},
    )

    assert response.status_code == 422
    with system_context("test"):
        assert not Invitation.objects.exists()


def test_shows_no_team_to_a_representative(network: Network, rep: Membership) -> None:
    phone = logged_in(Client(), rep)

    assert phone.get("/team/").status_code == 404
    assert phone.get("/team/invite/").status_code == 404


def test_touches_nobody_of_another_network(network: Network, other_network: Network) -> None:
    foreign = member(other_network, "else@globex.example", "ANALYST")
    invitation = invite(email=NEW, role="ANALYST", by=other_network.by, at=clock.now())
    desk = at_desk(network)

    answers = [
        desk.post(f"/people/{foreign.id}/remove/"),
        desk.post(f"/people/{foreign.id}/role/", {"role": "ADMIN"}),
        desk.post(f"/people/invitations/{invitation.id}/withdraw/"),
        desk.post(f"/people/invitations/{invitation.id}/again/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len(letters_to(NEW)) == 1
    assert len(memberships_of(foreign.user_id)) == 1


def test_asks_the_same_for_one_person_and_for_ten(network: Network) -> None:
    desk, partner = at_desk(network), network.partner()
    invite(email="0@new.example", role="ANALYST", by=network.by, at=clock.now())
    member(network, "0@team.example", "ANALYST")
    member(network, "0@partner.example", "PARTNER_REP", partner)
    few = queries_of(desk, "/people/")
    for number in range(1, 10):
        invite(email=f"{number}@new.example", role="ANALYST", by=network.by, at=clock.now())
        member(network, f"{number}@team.example", "ANALYST")
        member(network, f"{number}@partner.example", "PARTNER_REP", partner)

    assert queries_of(desk, "/people/") == few
