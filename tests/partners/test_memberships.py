"""How a manufacturer comes to be, and who may act for whom."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from leadhub.core.tenancy.context import system_context, tenant_context
from leads.founding import found_tenant
from leads.intake import receive_lead
from leads.models import RoutingPolicy
from partners.catalogue import save_product_line
from partners.keys import find_key_holder
from partners.memberships import Person, SlugTaken, actor_of, add_member, manufacturer_by_slug
from partners.models import ApiKey, Manufacturer, Membership, User
from tests.acting import member, rights_of
from tests.factories import NOON, Network, NewLeadFactory, count_rows

ADA = Person(email="Ada@Initech.example", name="Ada", password="correct horse")


def create(*arguments: str) -> str:
    said = StringIO()
    call_command("create_manufacturer", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.django_db
def test_makes_a_manufacturer_that_can_receive_leads_at_once() -> None:
    tenant = found_tenant(slug="initech", name="Initech", administrator=ADA, at=NOON)

    holder = find_key_holder(tenant.api_key, at=NOON)
    assert holder is not None
    save_product_line(code="heat-pumps", name="Heat pumps", by=holder.actor)
    receipt = receive_lead(new=NewLeadFactory.build(), by=holder.actor, at=NOON)
    assert receipt.lead.status == "OPEN"
    assert manufacturer_by_slug("initech") == tenant.manufacturer


@pytest.mark.django_db
def test_makes_nothing_half_if_the_slug_is_taken(network: Network) -> None:
    kinds = (Manufacturer, User, Membership, ApiKey, RoutingPolicy)
    before = [count_rows(kind) for kind in kinds]

    with pytest.raises(SlugTaken):
        found_tenant(slug="acme", name="Other", administrator=ADA, at=NOON)

    assert [count_rows(kind) for kind in kinds] == before


def test_lets_a_person_keep_the_account_they_have(network: Network, other_network: Network) -> None:
    first = member(network, "Both@Example.com", "DISPATCHER")
    second = add_member(
        manufacturer=other_network.manufacturer,
        person=Person(email="both@example.COM", name="Somebody else", password="other"),
        role="ANALYST",
    )

    with system_context("test"):
        user = User.objects.get(email="both@example.com")
    assert first.user_id == second.user_id == user.id
    assert user.name == "Both"
    assert user.check_password("x")


def test_sets_the_role_of_somebody_added_twice(network: Network) -> None:
    first = member(network, "ada@acme.example", "ANALYST")

    second = member(network, "ada@acme.example", "ADMIN")

    assert second.id == first.id
    assert [right.role for right in rights_of(second)] == ["ADMIN"]


def test_lets_a_person_act_for_two_partners_of_one_network(network: Network) -> None:
    one, two = network.partners(2)

    member(network, "rep@example.com", "PARTNER_REP", one)
    right = member(network, "rep@example.com", "PARTNER_MANAGER", two)

    assert {held.partner_id for held in rights_of(right)} == {one.id, two.id}


@pytest.mark.parametrize("role", ["ADMIN", "DISPATCHER", "ANALYST"])
def test_gives_no_role_of_the_manufacturer_to_a_partners_person(
    network: Network, role: str
) -> None:
    with pytest.raises(ValueError, match="partner"):
        member(network, "rep@example.com", role, network.partner())


@pytest.mark.parametrize("role", ["PARTNER_MANAGER", "PARTNER_REP"])
def test_gives_no_partners_role_without_a_partner(network: Network, role: str) -> None:
    with pytest.raises(ValueError, match="partner"):
        member(network, "rep@example.com", role)


def test_acts_by_a_membership(network: Network) -> None:
    partner = network.partner()
    right = member(network, "rep@example.com", "PARTNER_REP", partner)

    actor = actor_of(right)

    assert actor.label == f"user:{right.user_id}"
    assert (actor.partner_id, actor.user_id) == (partner.id, right.user_id)
    assert actor.is_partner


@pytest.mark.django_db
def test_makes_a_manufacturer_by_a_command_that_tells_key_and_password_once() -> None:
    said = create("initech", "--name", "Initech", "--admin", "ada@initech.example")

    lines = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    holder = find_key_holder(lines["API key"].strip(), at=NOON)
    assert holder is not None
    with tenant_context(holder.actor.manufacturer_id):
        user = User.objects.get(email="ada@initech.example")
        right = Membership.objects.get(user=user)
    assert user.check_password(lines["Password"].strip())
    assert (right.role, right.partner_id) == ("ADMIN", None)


def test_tells_no_password_to_somebody_who_has_one(network: Network) -> None:
    said = create("initech", "--name", "Initech", "--admin", "admin@acme.example")

    with system_context("test"):
        assert User.objects.get(email="admin@acme.example").check_password("x")
    assert "has an account already" in said


@pytest.mark.parametrize(
    ("slug", "email", "reason"),
    [
        ("acme", "ada@initech.example", "already"),
        ("not a slug", "ada@initech.example", "slug"),
        ("initech", "ada", "email"),
    ],
)
def test_says_why_a_manufacturer_cannot_be_made(
    network: Network, slug: str, email: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        create(slug, "--name", "Initech", "--admin", email)
