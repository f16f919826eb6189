"""A dealer's day, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.acting import again, facts_of
from tests.browser.engines import EVERYWHERE
from tests.browser.people import PASSWORD, Dealer, dealer, hot_lead
from tests.browser.visiting import log_in, tap
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

SOON = 3_000  # milliseconds in which the news has to arrive


@pytest.fixture
def world(committed: None) -> Network:
    """A network that asks two partners at a time."""
    network = Network("acme")
    network.policy({"partners": 2})
    return network


@pytest.fixture
def first(world: Network) -> Dealer:
    """A dealer."""
    return dealer(world, "Alpha Heating")


@pytest.fixture
def second(world: Network) -> Dealer:
    """Another dealer, asked at the same time."""
    return dealer(world, "Beta Heating")


@EVERYWHERE
def test_a_dealer_accepts_calls_reports_and_wins(
    phone: Page, world: Network, first: Dealer
) -> None:
    lead = hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    log_in(phone, first.email, PASSWORD)
    offer = phone.get_by_role("article", name="Heat pump, 12 kW, detached house")
    expect(offer).to_contain_text("Configured a heat pump")
    assert "Beispiel" not in phone.content()

    tap(offer.get_by_role("button", name="Accept"))

    expect(phone.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    expect(phone.get_by_role("link", name="Call")).to_have_attribute("href", "tel:+498999998123")
    tap(phone.get_by_role("button", name="Reached", exact=True).first)
    expect(phone.get_by_text("Noted: reached.")).to_be_visible()
    tap(phone.get_by_role("button", name="Quote sent"))
    expect(phone.get_by_text("Thank you, noted.")).to_be_visible()
    tap(phone.get_by_role("button", name="Report as won").first)
    phone.locator("#won-form [name=value]").fill("17500")
    tap(phone.locator("#won-form").get_by_role("button", name="Report as won"))
    expect(phone.get_by_text("€17,500")).to_be_visible()
    assert again(lead).status == "WON"
    assert facts_of(world, lead)[-2:] == ["feedback.given", "lead.won"]


@EVERYWHERE
def test_two_phones_race_and_the_slower_one_is_told_kindly(
    open_page: OpenPage, world: Network, first: Dealer, second: Dealer
) -> None:
    lead = hot_lead(world)
    phones = [open_page("phone"), open_page("phone")]
    for phone, person in zip(phones, (first, second), strict=True):
        log_in(phone, person.email, PASSWORD)
        expect(phone.get_by_role("button", name="Accept")).to_be_visible()

    tap(phones[0].get_by_role("button", name="Accept"))

    expect(phones[1].get_by_text("faster")).to_be_visible(timeout=SOON)
    expect(phones[1].get_by_role("button", name="Accept")).to_have_count(0)
    assert again(lead).partner_id == first.partner.id


@EVERYWHERE
def test_a_tap_that_comes_too_late_is_answered_in_place(
    open_page: OpenPage, world: Network, first: Dealer, second: Dealer
) -> None:
    lead = hot_lead(world)
    winner, loser = open_page("phone"), open_page("phone")
    log_in(loser, second.email, PASSWORD)
    # What the other phone does is not seen here yet: this one asks for nothing new.
    loser.evaluate("document.querySelector('[data-poll]').removeAttribute('hx-trigger')")
    loser.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    log_in(winner, first.email, PASSWORD)
    tap(winner.get_by_role("button", name="Accept"))
    expect(winner.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()

    tap(loser.get_by_role("button", name="Accept"))

    expect(loser.get_by_text("faster").first).to_be_visible()
    assert "Beispiel" not in loser.content()
    assert again(lead).partner_id == first.partner.id


@EVERYWHERE
def test_a_new_offer_appears_by_itself(phone: Page, world: Network, first: Dealer) -> None:
    log_in(phone, first.email, PASSWORD)
    expect(phone.get_by_role("article")).to_have_count(0)

    hot_lead(world)

    expect(phone.get_by_role("article")).to_have_count(1, timeout=SOON)


@EVERYWHERE
def test_declining_takes_one_tap_more(phone: Page, world: Network, first: Dealer) -> None:
    lead = hot_lead(world)
    log_in(phone, first.email, PASSWORD)

    tap(phone.get_by_role("button", name="Decline"))
    tap(phone.get_by_role("button", name="Too far away"))

    expect(phone.get_by_role("button", name="Accept")).to_have_count(0)
    assert "offer.declined" in facts_of(world, lead)
    (offer,) = world.offers(lead)
    assert offer.decline_reason == "TOO_FAR"


def test_opening_an_offer_only_shows_it(phone: Page, world: Network, first: Dealer) -> None:
    lead = hot_lead(world)
    (offer,) = world.offers(lead)
    log_in(phone, first.email, PASSWORD)

    phone.goto(f"/offers/{offer.id}/")

    expect(phone.get_by_role("button", name="Accept")).to_be_visible()
    assert again(lead).status == "OFFERED"
    assert facts_of(world, lead)[-1] == "offer.viewed"


def test_a_lost_network_says_that_nothing_was_changed(
    phone: Page, watch: Watch, world: Network, first: Dealer
) -> None:
    lead = hot_lead(world)
    log_in(phone, first.email, PASSWORD)
    phone.route("**/accept/", lambda route: route.abort("connectionaborted"))

    phone.get_by_role("button", name="Accept").tap()

    expect(phone.get_by_text("not yours yet")).to_be_visible()
    assert again(lead).status == "OFFERED"
    watch.forgive()


@EVERYWHERE
def test_an_expired_session_leads_to_the_log_in_and_back(
    phone: Page, world: Network, first: Dealer
) -> None:
    hot_lead(world)
    log_in(phone, first.email, PASSWORD)

    phone.context.clear_cookies()

    phone.wait_for_url("**/log-in/?next=*", timeout=SOON)
    phone.locator("[name=email]").fill(first.email)
    phone.locator("[name=password]").fill(PASSWORD)
    tap(phone.get_by_role("button", name="Log in", exact=True))
    expect(phone.get_by_role("button", name="Accept")).to_be_visible()


def test_everything_is_said_in_german(phone: Page, world: Network) -> None:
    person = dealer(world, "Gamma Wärme", language="de")
    hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    log_in(phone, person.email, PASSWORD)

    phone.get_by_role("button", name="Annehmen").tap()

    expect(phone.get_by_role("link", name="Anrufen")).to_be_visible()
    assert phone.locator("html").get_attribute("lang") == "de"


@EVERYWHERE
def test_a_dealer_needs_no_scripts(open_page: OpenPage, world: Network, first: Dealer) -> None:
    lead = hot_lead(world)
    phone = open_page("phone", scripts=False)
    log_in(phone, first.email, PASSWORD)

    tap(phone.get_by_role("button", name="Accept"))

    expect(phone.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    assert again(lead).status == "ACCEPTED"
