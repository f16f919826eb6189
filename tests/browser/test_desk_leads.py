"""A dispatcher's day, at a desk: finding leads, acting on them, with scripts and without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.acting import again, facts_of
from tests.browser.people import PASSWORD, dispatcher, hot_lead
from tests.browser.visiting import log_in
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from leads.models import Lead
    from tests.browser.conftest import OpenPage


@pytest.fixture
def world(committed: None) -> Network:
    """A network with a partner near the leads and one far away."""
    network = Network("acme")
    network.partner(name="Near Heating")
    network.partner(name="Far Heating", postal_code="20095")
    return network


@pytest.fixture
def person(world: Network) -> str:
    """A dispatcher's e-mail address."""
    return dispatcher(world)


def test_filters_swap_the_list_and_live_in_the_address(
    desk: Page, world: Network, person: str
) -> None:
    hot_lead(world, contact=ContactFactory.build(last_name="Berg"))
    world.lead(contact=ContactFactory.build(last_name="Tal"), product_lines=("boilers",))
    log_in(desk, person, PASSWORD, then="/leads/")
    names = desk.locator("tbody a")

    desk.get_by_label("Temperature").select_option("HOT")
    expect(names).to_have_text(["Erika Berg"])
    desk.get_by_role("link", name="Pick list").click()
    expect(names).to_have_count(0)
    desk.get_by_label("Temperature").select_option("")
    expect(names).to_have_text(["Erika Tal"])
    expect(desk).to_have_url(re.compile(r"/leads/\?attention=pick_list$"))

    desk.go_back()
    expect(desk.get_by_text("Nothing matches")).to_be_visible()
    expect(desk.get_by_label("Temperature")).to_have_value("HOT")
    desk.get_by_label("Search leads").fill("berg")
    desk.get_by_role("link", name="All 1").click()
    expect(names).to_have_text(["Erika Berg"])


def test_a_lead_is_assigned_from_its_sheet_to_whoever_is_found(
    desk: Page, world: Network, person: str
) -> None:
    lead = hot_lead(world)
    log_in(desk, person, PASSWORD, then=_page(lead))
    desk.get_by_role("button", name="Assign", exact=True).click()
    sheet = desk.get_by_role("dialog", name="Assign")

    sheet.get_by_role("button", name="Assign the lead").click()
    expect(sheet.get_by_text("Choose a partner.")).to_be_visible()
    sheet.get_by_label("Another partner").fill("hamburg")
    sheet.get_by_label("Far Heating").check()
    sheet.get_by_role("button", name="Assign the lead").click()

    expect(desk.get_by_text("Far Heating has the lead now.")).to_be_visible()
    expect(sheet).to_have_count(0)
    expect(desk.get_by_role("heading", name="In whose hands")).to_be_visible()
    assert again(lead).status == "ACCEPTED"


def test_who_comes_too_late_is_told_and_sees_the_lead_as_it_is(
    open_page: OpenPage, world: Network, person: str
) -> None:
    lead = hot_lead(world)
    early, late = open_page("desk"), open_page("desk")
    for page in (early, late):
        log_in(page, person, PASSWORD, then=_page(lead))

    for page in (early, late):
        page.get_by_role("button", name="Re-route", exact=True).click()
        page.get_by_role("button", name="Re-route the lead").click()
        expect(page.get_by_role("heading", name="Wave 2")).to_be_visible()

    expect(early.get_by_text("on offer to 1 partner")).to_be_visible()
    expect(late.get_by_text("This lead has moved on")).to_be_visible()
    assert facts_of(world, lead).count("lead.rerouted") == 1


def test_mistakes_of_a_new_lead_are_listed_and_lead_to_their_fields(
    desk: Page, world: Network, person: str
) -> None:
    log_in(desk, person, PASSWORD, then="/leads/new/")
    desk.get_by_label("Phone").fill("12")

    desk.get_by_role("button", name="Save and offer").click()

    expect(desk.get_by_label("Phone")).to_be_focused()
    expect(desk.get_by_label("Phone")).to_have_value("12")
    desk.get_by_role("link", name="Product lines: ").click()
    expect(desk.get_by_label("Boilers")).to_be_focused()


def test_without_scripts_a_lead_is_typed_in_assigned_and_closed(
    open_page: OpenPage, world: Network, person: str
) -> None:
    page = open_page("desk", scripts=False)
    log_in(page, person, PASSWORD, then="/leads/new/")

    page.get_by_label("Last name").fill("Berg")
    page.get_by_label("Phone").fill("089 1234567")
    page.get_by_label("Postal code").fill("80331")
    page.get_by_label("Heat pumps").check()
    page.get_by_role("button", name="Save and offer").click()
    expect(page.get_by_role("link", name="Source: ")).to_be_visible()
    expect(page.get_by_text("Please fill this in.").first).to_be_visible()
    expect(page.get_by_label("Source")).to_be_focused()
    page.get_by_label("Source").fill("telephone")
    page.get_by_role("button", name="Save and offer").click()
    expect(page.get_by_text("on offer to 1 partner")).to_be_visible()

    page.get_by_role("button", name="Assign", exact=True).click()
    page.get_by_label("Another partner").fill("hamburg")
    page.get_by_label("Another partner").press("Enter")
    page.get_by_label("Far Heating").check()
    page.get_by_role("button", name="Assign the lead").click()
    expect(page.get_by_text("Far Heating has the lead now.")).to_be_visible()

    page.get_by_role("button", name="Close", exact=True).first.click()
    page.get_by_role("radio", name="Won").check()
    page.get_by_role("button", name="Close the lead").click()
    expect(page.get_by_text("Say what the customer bought for.")).to_be_visible()
    page.get_by_label("If won").fill("12,500")
    page.get_by_role("button", name="Close the lead").click()
    expect(page.get_by_text("The lead is closed.")).to_be_visible()


def _page(lead: Lead) -> str:
    return f"/leads/{lead.id}/"
