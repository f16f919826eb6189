"""The pick list on a phone: whoever takes a lead first has it."""

from typing import Any

import pytest

from leadhub.core.ids import new_id
from leads.routing import pick_lead
from partners.models import Partner
from tests.acting import again
from tests.factories import Network
from tests.pages.phones import SOON, Phone, counted, is_whole, person_of, phone_of, read, state_in


@pytest.fixture
def open_lead(network: Network) -> Any:
    """A lead that came before any partner, and so is on the pick list."""
    return network.lead(wish_summary="Boiler for a barn", expected_value="7000", currency="EUR")


@pytest.fixture
def partner(network: Network, open_lead: Any) -> Partner:
    """A partner that may pick it."""
    return network.partner(name="Alpha Heating")


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    return phone_of(network, partner)


def test_shows_leads_that_may_be_picked(network: Network, phone: Phone) -> None:
    page = phone.open("/pick-list/")

    for fact in ("Boiler for a barn", "Heat pumps", "80331", "€7,000", "Take this lead"):
        assert fact in page
    assert "Beispiel" not in page


def test_shows_no_lead_that_the_partner_may_not_have(network: Network, open_lead: Any) -> None:
    far = phone_of(network, network.partner(postal_code="20095"))
    other = phone_of(network, network.partner(product_lines=("boilers",)))

    for phone in (far, other):
        assert "Nothing to pick" in phone.open("/pick-list/")
        response = phone.send(f"/pick-list/{open_lead.id}/pick/", partner=new_id())
        assert response.status_code == 404


def test_leads_whoever_picks_to_the_lead(
    network: Network, open_lead: Any, partner: Partner, phone: Phone
) -> None:
    response = phone.tap(f"/pick-list/{open_lead.id}/pick/", partner=partner.id)
    repeated = phone.send(f"/pick-list/{open_lead.id}/pick/", partner=partner.id)

    (assignment,) = network.assignments(open_lead)
    assert response.headers["HX-Redirect"] == f"/assignments/{assignment.id}/"
    assert repeated.headers["Location"] == f"/assignments/{assignment.id}/"
    assert "Erika Beispiel" in phone.open(f"/assignments/{assignment.id}/")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_tells_who_was_second_so_in_place(
    network: Network, open_lead: Any, partner: Partner, phone: Phone, *, has_scripts: bool
) -> None:
    rival = network.partner(name="Rival Heating")
    pick_lead(lead=open_lead, by=network.actor_for(rival), at=SOON)
    address = f"/pick-list/{open_lead.id}/pick/"

    if has_scripts:
        response = phone.tap(address, partner=partner.id)
        assert response.status_code == 409
        page = read(response)
        assert not is_whole(page)
    else:
        response = phone.send(address, partner=partner.id)
        assert response.headers["Location"] == "/pick-list/"
        page = phone.open("/pick-list/")

    assert "Another partner was faster" in page
    assert "Boiler for a barn" not in page
    assert "Rival" not in page


def test_asks_for_which_partner_where_somebody_has_two_in_one_network(
    network: Network, open_lead: Any, partner: Partner
) -> None:
    second = network.partner(name="Beta Heating")
    person_of(network, partner, "robin@both.example")
    both = phone_of(network, second, "robin@both.example")

    page = both.open("/pick-list/")
    both.tap(f"/pick-list/{open_lead.id}/pick/", partner=second.id)

    assert page.count("Boiler for a barn") == 1
    assert "Take it for Alpha Heating" in page
    assert "Take it for Beta Heating" in page
    assert again(open_lead).partner_id == second.id


def test_offers_only_the_partners_that_may_have_the_lead(
    network: Network, open_lead: Any, partner: Partner
) -> None:
    far = network.partner(name="Far Heating", postal_code="20095")
    person_of(network, partner, "robin@both.example")
    both = phone_of(network, far, "robin@both.example")

    page = both.open("/pick-list/")
    response = both.tap(f"/pick-list/{open_lead.id}/pick/", partner=far.id)

    assert "Take this lead" in page
    assert str(far.id) not in page
    assert response.status_code == 404
    assert again(open_lead).partner_id is None


@pytest.mark.parametrize("whose", ["of others", "nobody's", "nonsense", "missing"])
def test_lets_nobody_pick_for_others(
    network: Network, open_lead: Any, phone: Phone, whose: str
) -> None:
    cases: dict[str, dict[str, Any]] = {
        "of others": {"partner": network.partner().id},
        "nobody's": {"partner": new_id()},
        "nonsense": {"partner": "nonsense"},
        "missing": {},
    }

    response = phone.tap(f"/pick-list/{open_lead.id}/pick/", **cases[whose])

    assert response.status_code in (404, 422)
    assert again(open_lead).partner_id is None


def test_is_renewed_by_itself(network: Network, open_lead: Any, phone: Phone) -> None:
    state = state_in(phone.open("/pick-list/"))

    unchanged = phone.poll("/pick-list/", state)
    pick_lead(lead=open_lead, by=network.actor_for(network.partner()), at=SOON)
    changed = phone.poll("/pick-list/", state)

    assert unchanged.status_code == 304
    assert "Nothing to pick" in read(changed)


def test_asks_the_database_as_often_for_ten_leads_as_for_one(
    network: Network, other_network: Network
) -> None:
    asked = []
    for world, count in ((network, 1), (other_network, 10)):
        for _ in range(count):
            world.lead()
        phone = phone_of(world, world.partner())
        with counted() as queries:
            page = phone.open("/pick-list/")
        assert page.count("<article") == count
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_shows_twenty_leads_at_once(network: Network) -> None:
    for number in range(21):
        network.lead(wish_summary=f"Wish {number}.")
    phone = phone_of(network, network.partner())

    assert phone.open("/pick-list/").count("<article") == 20
    assert phone.open("/pick-list/?page=2").count("<article") == 1
