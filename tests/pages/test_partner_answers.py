"""Answering an offer: one tap, and told kindly where somebody else was faster."""

from datetime import timedelta
from typing import Any

import pytest

from leadhub.core.ids import new_id
from partners.models import Partner
from tests.acting import MINUTE, again
from tests.factories import NOON, Network
from tests.pages.phones import SOON, Phone, is_whole, offer_to, phone_of, read, take

SECOND = timedelta(seconds=1)


@pytest.fixture
def world(network: Network) -> Network:
    """A network that asks two partners at a time, each for an hour."""
    network.policy({"partners": 2})
    return network


@pytest.fixture
def partner(world: Network) -> Partner:
    """A partner that is asked."""
    return world.partner(name="Alpha Heating")


@pytest.fixture
def rival(world: Network, partner: Partner) -> Partner:
    """Another partner that is asked as well."""
    return world.partner(name="Rival Heating")


@pytest.fixture
def phone(world: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    return phone_of(world, partner)


def test_leads_whoever_accepts_to_the_lead(world: Network, partner: Partner, phone: Phone) -> None:
    offer = offer_to(world, partner)

    response = phone.tap(f"/offers/{offer.id}/accept/", target="offers")
    repeated = phone.send(f"/offers/{offer.id}/accept/")

    (assignment,) = world.assignments(offer.lead)
    page = f"/assignments/{assignment.id}/"
    assert response.headers["HX-Redirect"] == page
    assert (repeated.status_code, repeated.headers["Location"]) == (302, page)
    assert "Erika Beispiel" in phone.open(page)


def test_shows_whoever_accepted_the_way_to_the_lead_for_a_while(
    world: Network, partner: Partner, phone: Phone
) -> None:
    """The answer to a tap may be lost on the way, and a colleague wonders where the offer went."""
    offer = offer_to(world, partner)
    colleague = phone_of(world, partner, "colleague@acme.example")

    phone.send(f"/offers/{offer.id}/accept/")

    (assignment,) = world.assignments(offer.lead)
    for one in (phone, colleague):
        page = one.open("/inbox/")
        assert "This lead is yours" in page
        assert f"/assignments/{assignment.id}/" in page
        assert f"accept-{offer.id}" not in page
        assert "This lead is yours" not in one.open("/inbox/", at=SOON + 10 * MINUTE)


def test_tells_who_was_second_so_in_place(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    take(world, offer, rival)

    response = phone.tap(
        f"/offers/{offer.id}/accept/", target="offers", since=(NOON + SECOND).isoformat()
    )

    assert response.status_code == 409
    page = read(response)
    assert not is_whole(page)
    assert 'id="offers"' in page
    assert "Another partner was faster. The next one is yours." in page
    assert f"accept-{offer.id}" not in page


def test_tells_who_was_second_so_without_scripts(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    take(world, offer, rival)

    response = phone.send(f"/offers/{offer.id}/accept/")

    assert response.headers["Location"] == f"/offers/{offer.id}/"
    assert "Another partner was faster" in phone.open(response.headers["Location"])


def test_declines_with_a_reason_and_says_whom_to_ask_after_a_mistake(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)

    response = phone.tap(f"/offers/{offer.id}/decline/", target="offers", reason="TOO_FAR")

    page = read(response)
    assert response.status_code == 200
    name = world.manufacturer.name
    assert f"Declined. A mistake? Ask {name}." in page
    assert f"offer-{offer.id}" not in page
    assert (again(offer).status, again(offer).decline_reason) == ("DECLINED", "TOO_FAR")


def test_takes_a_note_with_another_reason(world: Network, partner: Partner, phone: Phone) -> None:
    offer = offer_to(world, partner)

    response = phone.send(f"/offers/{offer.id}/decline/", reason="OTHER", note="On holiday")

    assert response.headers["Location"] == "/inbox/"
    assert (again(offer).decline_reason, again(offer).note) == ("OTHER", "On holiday")


@pytest.mark.parametrize("sent", [{}, {"reason": "BORED"}, {"reason": "OTHER", "note": "x" * 501}])
def test_refuses_a_reason_that_is_none(
    world: Network, partner: Partner, phone: Phone, sent: dict[str, Any]
) -> None:
    offer = offer_to(world, partner)

    response = phone.tap(f"/offers/{offer.id}/decline/", target="offers", **sent)

    assert response.status_code == 422
    assert "Choose one of the reasons" in read(response)
    assert f"accept-{offer.id}" in read(response)
    assert again(offer).status == "OPEN"


def test_answers_declining_too_late_with_how_it_stands(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    take(world, offer, rival)

    response = phone.tap(f"/offers/{offer.id}/decline/", target="offers", reason="TOO_FAR")

    assert response.status_code == 409
    assert "Another partner was faster" in read(response)


@pytest.mark.parametrize("path", ["/offers/{}/", "/offers/{}/accept/", "/offers/{}/decline/"])
def test_hides_offers_to_others(
    world: Network, partner: Partner, rival: Partner, phone: Phone, path: str
) -> None:
    offer = offer_to(world, rival)

    for unknown in (offer.id, new_id(), "not-an-id"):
        address = path.format(unknown)
        response = (
            phone.ask(address) if path == "/offers/{}/" else phone.send(address, reason="TOO_FAR")
        )

        assert response.status_code == 404
    assert again(offer).status == "OPEN"


@pytest.mark.parametrize("act", ["accept", "decline"])
def test_does_nothing_when_an_address_is_only_opened(
    world: Network, partner: Partner, phone: Phone, act: str
) -> None:
    offer = offer_to(world, partner)

    response = phone.ask(f"/offers/{offer.id}/{act}/?reason=TOO_FAR")

    assert response.status_code == 405
    assert again(offer).status == "OPEN"
