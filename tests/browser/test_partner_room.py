"""What has room on a partner's phone: the button to accept, and messages beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.people import PASSWORD, dealer, hot_lead
from tests.browser.visiting import log_in
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

SMALLEST = {"width": 320, "height": 568}
LONG = "Heat pump with hot water tank and photovoltaics for a farmhouse with two flats and a barn"


@pytest.fixture
def world(committed: None) -> Network:
    """A network."""
    return Network("acme")


def box_of(element: Locator) -> FloatRect:
    """Where an element is on the screen."""
    box = element.bounding_box()
    assert box is not None
    return box


def bottom_of(element: Locator) -> float:
    """Where an element ends."""
    box = box_of(element)
    return box["y"] + box["height"]


def test_the_first_enquiry_is_accepted_without_scrolling_on_the_smallest_phone(
    phone: Page, world: Network
) -> None:
    person = dealer(world, "Alpha Heating", language="de")
    hot_lead(world, wish_summary=LONG, evidence=LONG, expected_value="125000", currency="EUR")
    phone.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    log_in(phone, person.email, PASSWORD)

    accept = phone.get_by_role("button", name="Annehmen").first

    assert bottom_of(accept) < box_of(phone.locator(".tab-bar"))["y"]


def test_a_message_stands_above_the_bar_and_covers_no_way_to_accept(
    phone: Page, world: Network
) -> None:
    person = dealer(world, "Alpha Heating")
    for _ in range(2):
        hot_lead(world, wish_summary="Twelve windows of wood and aluminium, a new building")
    phone.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    log_in(phone, person.email, PASSWORD)

    phone.get_by_role("button", name="Decline").first.tap()
    phone.get_by_role("button", name="Too far away").first.tap()

    message = phone.locator("[data-message]")
    expect(message).to_contain_text("Declined.")
    assert bottom_of(message) < box_of(phone.locator(".tab-bar"))["y"]
    assert bottom_of(phone.get_by_role("button", name="Accept").first) <= box_of(message)["y"]


def test_a_message_stands_above_the_one_thing_to_do(phone: Page, world: Network) -> None:
    person = dealer(world, "Alpha Heating")
    hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    log_in(phone, person.email, PASSWORD)
    phone.get_by_role("button", name="Accept").tap()

    phone.get_by_role("button", name="Appointment").tap()

    message = phone.locator("[data-message]")
    expect(message).to_contain_text("Thank you")
    assert bottom_of(message) < box_of(phone.locator(".thumb-bar"))["y"]
