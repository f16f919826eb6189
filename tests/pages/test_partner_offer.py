"""One offer: opening it only shows it, and says kindly what became of it."""

from typing import Any

import pytest

from leads.dispatch import withdraw_lead
from leads.feedback import return_lead
from partners.models import Partner
from tests.acting import HOUR, MINUTE, accept, again, decline, facts_of, holder_of, run_out
from tests.factories import NOON, Network
from tests.pages.phones import SOON, Phone, is_whole, offer_to, phone_of, read, state_in

VIEWED = "offer.viewed"


@pytest.fixture
def world(network: Network) -> Network:
    """A network that asks two partners at a time, each for an hour."""
    network.policy({"partners": 2})
    return network


@pytest.fixture
def partner(world: Network) -> Partner:
    """A partner that is asked."""
    return world.partner()


@pytest.fixture
def rival(world: Network, partner: Partner) -> Partner:
    """Another partner that is asked as well."""
    return world.partner()


@pytest.fixture
def phone(world: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    return phone_of(world, partner)


def offer_of(world: Network, offer: Any, partner: Partner) -> Any:
    """The offer of the same lead to another partner."""
    return next(o for o in world.offers(offer.lead) if o.partner_id == partner.id)


def test_notes_the_first_look_and_no_other(world: Network, partner: Partner, phone: Phone) -> None:
    offer = offer_to(world, partner)
    address = f"/offers/{offer.id}/"

    page = phone.open(address)
    phone.open(address, at=SOON + MINUTE)
    phone.poll(address, '"older"')
    phone.poll(address, state_in(page))
    phone_of(world, partner, "colleague@acme.example").open(address)

    assert facts_of(world, offer.lead).count(VIEWED) == 1
    event = next(event for event in world.events(offer.lead) if event.type == VIEWED)
    assert (event.partner_id, event.at) == (partner.id, SOON)
    assert event.data == {"offer": str(offer.id), "wave": 1}
    assert event.actor is not None
    assert event.actor.startswith("user:")


def test_notes_the_look_of_each_partner(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    phone.open(f"/offers/{offer.id}/")
    phone_of(world, rival).open(f"/offers/{offer_of(world, offer, rival).id}/")

    assert facts_of(world, offer.lead).count(VIEWED) == 2


def test_changes_nothing_else_by_being_opened(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    before = again(offer.lead)

    phone.open(f"/offers/{offer.id}/")

    after = again(offer.lead)
    assert (after.status, after.respond_by, after.last_sequence) == (
        before.status,
        before.respond_by,
        before.last_sequence + 1,
    )
    assert again(offer).status == "OPEN"


def test_notes_no_look_without_looking(world: Network, partner: Partner, phone: Phone) -> None:
    offer = offer_to(world, partner)
    address = f"/offers/{offer.id}/"

    head = phone.ask(address, method="head")
    phone.open("/inbox/")
    phone.poll(address, '"older"')
    phone.client.cookies.clear()
    asked_to_log_in = phone.ask(address)

    assert head.status_code == 200
    assert asked_to_log_in.headers["Location"] == f"/log-in/?next=%2Foffers%2F{offer.id}%2F"
    assert VIEWED not in facts_of(world, offer.lead)


def test_shows_more_than_the_inbox(world: Network, partner: Partner, phone: Phone) -> None:
    offer = offer_to(world, partner, wish_summary="Heat pump for a farmhouse")

    page = phone.open(f"/offers/{offer.id}/")

    for fact in (
        "Heat pump for a farmhouse",
        "Heat pumps",
        "Acme",
        "Enquiry received",
        "Answer by",
    ):
        assert fact in page
    assert f"/offers/{offer.id}/accept/" in page
    assert f"/offers/{offer.id}/decline/" in page


@pytest.mark.parametrize(
    ("became", "said"),
    [
        ("taken", "Another partner was faster. The next one is yours."),
        ("withdrawn", "The manufacturer has withdrawn this enquiry."),
        ("declined", "You said: Too far away. Thank you for answering."),
        ("returned", "You had this lead; it has gone on to others."),
    ],
)
def test_says_kindly_what_became_of_it(
    world: Network, partner: Partner, rival: Partner, phone: Phone, *, became: str, said: str
) -> None:
    offer = offer_to(world, partner)
    if became == "taken":
        accept(offer_of(world, offer, rival))
    elif became == "withdrawn":
        withdraw_lead(lead=offer.lead, by=world.by, at=SOON)
    elif became == "declined":
        decline(offer)
    else:
        held = accept(offer)
        return_lead(assignment=held, reason="WRONG_DATA", by=holder_of(held), at=SOON)

    page = phone.open(f"/offers/{offer.id}/", at=SOON + HOUR)

    assert said in page
    assert "Accept" not in page
    assert "To my inbox" in page


def test_leads_the_winner_on_to_the_lead(world: Network, partner: Partner, phone: Phone) -> None:
    offer = offer_to(world, partner)
    assignment = accept(offer)

    page = phone.open(f"/offers/{offer.id}/")

    assert "This lead is yours" in page
    assert f"/assignments/{assignment.id}/" in page


def test_may_still_be_accepted_when_time_is_up_and_nobody_has_it(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    run_out(again(offer.lead))
    address = f"/offers/{offer.id}/"

    assert "Time is up, still free" in phone.open(address, at=NOON + 2 * HOUR)
    accept(offer_of(world, offer, rival), at=NOON + 2 * HOUR)
    page = phone.open(address, at=NOON + 2 * HOUR)

    assert "Another partner was faster" in page
    assert "Accept" not in page


def test_is_renewed_by_itself(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    address = f"/offers/{offer.id}/"
    state = state_in(phone.open(address))

    unchanged = phone.poll(address, state)
    accept(offer_of(world, offer, rival))
    changed = phone.poll(address, state)

    assert unchanged.status_code == 304
    assert not is_whole(read(changed))
    assert "Another partner was faster" in read(changed)


def test_answers_a_tap_that_came_too_late_in_place(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    accept(offer_of(world, offer, rival))

    response = phone.tap(f"/offers/{offer.id}/accept/", target="offer")

    assert response.status_code == 409
    assert not is_whole(read(response))
    assert 'id="offer"' in read(response)
    assert "Another partner was faster" in read(response)


def test_leads_back_to_the_inbox_after_declining(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)

    response = phone.tap(f"/offers/{offer.id}/decline/", target="offer", reason="NO_CAPACITY")

    assert response.headers["HX-Redirect"] == "/inbox/"
    assert "Declined. A mistake?" in phone.open("/inbox/")


def test_says_before_and_after_declining_that_only_the_manufacturer_can_undo_it(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)

    before = phone.open(f"/offers/{offer.id}/")
    phone.tap(f"/offers/{offer.id}/decline/", target="offer", reason="NO_CAPACITY")
    after = phone.open(f"/offers/{offer.id}/")

    assert "this cannot be undone" in before
    assert f"Ask {world.manufacturer.name}: while nobody has the lead" in after
    assert "this cannot be undone" not in after


def test_draws_the_town_and_never_the_customers_place(
    world: Network, partner: Partner, phone: Phone
) -> None:
    postcode = {"country": "DE", "postal_code": "85221"}
    by_town = offer_to(world, partner, **postcode)
    exact = offer_to(world, partner, **postcode, latitude=48.2600001, longitude=11.4300001)

    drawn = [map_in(phone.open(f"/offers/{offer.id}/")) for offer in (by_town, exact)]

    assert drawn[0] == drawn[1]
    assert "land-state" in drawn[0]
    assert 'class="sign sign-accent"' in drawn[0]
    state = state_in(phone.open(f"/offers/{exact.id}/"))
    assert "land-map" not in read(phone.poll(f"/offers/{exact.id}/", f"not {state}"))


def map_in(page: str) -> str:
    """The drawing on the page of an offer, without the distance, which is told in words."""
    return page.partition('class="land-map')[2].partition(">")[2].partition("</figure>")[0]
