"""The demo world as it stands after loading."""

import stat
from datetime import timedelta
from itertools import groupby

import phonenumbers
import pytest
from allauth.mfa.models import Authenticator

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context, tenant_context
from leads import notifications
from leads.events import replay
from leads.intake import Contact, NewLead, receive_lead
from leads.invariants.checking import broken_invariants
from leads.models import Assignment, Lead, LeadContact, LeadEvent, LeadOffer
from leads.models.leads import IN_HANDS
from partners.keys import find_key_holder
from partners.models import Manufacturer, Partner, User
from tests.acting import memberships_of
from tests.demo.conftest import BASE_URL, World, load, opens
from tests.factors import code_of


def test_describes_what_the_interface_promises(world: World) -> None:
    description = world.description

    assert description["base_url"] == BASE_URL
    assert len(description["manufacturers"]) == 2
    for manufacturer in description["manufacturers"]:
        assert {user["role"] for user in manufacturer["users"]} == {
            "ADMIN",
            "DISPATCHER",
            "ANALYST",
        }
        for partner in manufacturer["partners"]:
            assert {"id", "external_id", "name", "api_key", "users"} <= partner.keys()
            assert partner["users"][0]["role"] == "PARTNER_MANAGER"
            assert all({"email", "password", "role"} == user.keys() for user in partner["users"])


def test_shows_the_description_to_its_owner_only(world: World) -> None:
    assert stat.S_IMODE(world.path.stat().st_mode) == 0o600


def test_gives_keys_that_act_for_whom_they_are_named_after(world: World) -> None:
    for manufacturer in world.description["manufacturers"]:
        holder = find_key_holder(manufacturer["api_key"], at=world.loaded_after)
        assert holder is not None
        assert holder.kind == "manufacturer"
        for partner in manufacturer["partners"]:
            holder = find_key_holder(partner["api_key"], at=world.loaded_after)
            assert holder is not None
            assert str(holder.actor.partner_id) == partner["id"]


def test_gives_passwords_that_open_the_accounts(world: World) -> None:
    manufacturer = world.description["manufacturers"][0]
    people = [*manufacturer["users"], *manufacturer["partners"][0]["users"]]

    with system_context("test"):
        accounts = {user.email: user for user in User.objects.all()}

    assert all(opens(accounts[one["email"]], one["password"]) for one in people)


def test_gives_authenticators_to_manufacturers_people_and_to_them_alone(world: World) -> None:
    for manufacturer in world.description["manufacturers"]:
        assert all(
            "totp_secret" not in user
            for partner in manufacturer["partners"]
            for user in partner["users"]
        )
        for user in manufacturer["users"]:
            with system_context("test"):
                app = Authenticator.objects.get(user__email=user["email"], type="totp")
            assert app.wrap().validate_code(code_of(user["totp_secret"]))


def test_lets_one_person_work_for_both(world: World) -> None:
    networks = [
        {user["email"] for partner in one["partners"] for user in partner["users"]}
        for one in world.description["manufacturers"]
    ]
    (email,) = networks[0] & networks[1]

    with system_context("test"):
        person = User.objects.get(email=email)
    manufacturers = {membership.manufacturer_id for membership in memberships_of(person.id)}

    assert len(manufacturers) == 2


def test_tells_a_story_whose_replay_gives_every_state(world: World) -> None:
    with system_context("test"):
        states = dict(Lead.objects.values_list("id", "status"))
        events = LeadEvent.objects.order_by("lead_id", "sequence")
        facts = list(events.values_list("lead_id", "type", "data"))
    replayed = {
        lead_id: replay([(type_, data) for _, type_, data in group])
        for lead_id, group in groupby(facts, key=lambda fact: fact[0])
    }

    assert replayed == states


def test_tells_it_in_order_of_time(world: World) -> None:
    with system_context("test"):
        events = LeadEvent.objects.order_by("lead_id", "sequence")
        instants = list(events.values_list("lead_id", "at", "type"))

    assert all(at <= clock.now() for _, at, _ in instants)
    for _, group in groupby(instants, key=lambda fact: fact[0]):
        # An expiry is stamped with its deadline, which may lie just before what was noticed then.
        ats = [at for _, at, type_ in group if type_ != "offer.expired"]
        assert ats == sorted(ats)


def test_leaves_every_lead_in_hands_with_one_open_assignment(world: World) -> None:
    with system_context("test"):
        held = Lead.objects.filter(status__in=IN_HANDS).values_list("id", flat=True)
        open_ones = Assignment.objects.in_hands().values_list("lead_id", flat=True)

        assert sorted(held) == sorted(open_ones)
        assert held


def test_leaves_offers_that_can_be_answered_now(world: World) -> None:
    for manufacturer in world.description["manufacturers"]:
        with system_context("test"):
            tenant = Manufacturer.objects.get(slug=manufacturer["slug"])
            offers = list(LeadOffer.objects.open().filter(manufacturer=tenant))
            statuses = set(
                Lead.objects.filter(manufacturer=tenant).values_list("status", flat=True)
            )

        assert len(offers) >= 5
        assert all(offer.respond_by > world.loaded_after for offer in offers)
        assert {"OPEN", "HELD", "ACCEPTED", "WON", "LOST"} <= statuses


def test_leaves_leads_that_were_accepted_and_wait_for_a_call(world: World) -> None:
    with system_context("test"):
        waiting = Assignment.objects.in_hands().filter(contacted_at=None)
        since = world.loaded_after - timedelta(hours=1)

        assert waiting.filter(accepted_at__gt=since).exists()
        assert waiting.filter(accepted_at__lt=since).exists()


def test_sends_nothing_but_offers_that_are_open(world: World) -> None:
    with system_context("test"):
        pending = list(Delivery.objects.pending())
        open_offers = set(LeadOffer.objects.open().values_list("id", flat=True))

    assert {delivery.subject_id for delivery in pending} == open_offers
    assert {delivery.kind for delivery in pending} == {notifications.OFFER_NEW}


def test_is_a_world_in_which_holds_what_must_hold(world: World) -> None:
    assert broken_invariants(at=world.loaded_after, with_timers=False) == []


def test_invents_addresses_that_reach_nobody(world: World) -> None:
    with system_context("test"):
        addresses = [
            *User.objects.values_list("email", flat=True),
            *Partner.objects.values_list("email", flat=True),
            *LeadContact.objects.exclude(email="").values_list("email", flat=True),
        ]
        numbers = [
            *Partner.objects.values_list("phone", flat=True),
            *LeadContact.objects.exclude(phone="").values_list("phone", flat=True),
        ]

    assert all(address.endswith(".example") for address in addresses)
    for number in map(phonenumbers.parse, numbers):
        national = str(number.national_number)
        set_aside = ("3023125", "4066969", "2214710", "6990009", "8999998")
        assert number.country_code != 49 or national.startswith(set_aside)
        assert number.country_code == 49 or "00" in national


def test_offers_a_lead_from_munich_to_munich_and_not_to_hamburg(world: World) -> None:
    for described in world.description["manufacturers"]:
        holder = find_key_holder(described["api_key"], at=world.loaded_after)
        assert holder is not None
        munich, hamburg = described["partners"][:2]
        line = {"sonnleit": "heat-pumps", "wiesenlicht": "windows"}[described["slug"]]
        new = NewLead(
            external_id="CRM-1",
            source="test",
            product_lines=(line,),
            country="DE",
            postal_code="80331",
            contact=Contact(email="erika@mail.example"),
        )

        lead = receive_lead(new=new, by=holder.actor, at=clock.now()).lead

        with tenant_context(holder.actor.manufacturer_id):
            asked = LeadOffer.objects.filter(lead=lead).values_list("partner_id", flat=True)
            asked_ids = {str(partner_id) for partner_id in asked}
        assert munich["id"] in asked_ids
        assert hamburg["id"] not in asked_ids


@pytest.mark.parametrize("base_url", [BASE_URL, "http://127.0.0.1:9999"])
def test_changes_nothing_but_the_address_when_loaded_again(world: World, base_url: str) -> None:
    before = world.path.read_text("utf-8")

    again = load(world.path, base_url=base_url)

    assert again == {**world.description, "base_url": base_url}
    world.path.write_text(before, "utf-8")
