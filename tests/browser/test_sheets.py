"""Sheets: modal where there are scripts, and usable where there are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.acting import again, facts_of
from tests.browser.people import PASSWORD, dealer, dispatcher, hot_lead
from tests.browser.visiting import log_in
from tests.factories import Network

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage

MANY_TABS = 25
AFTER_THE_PAUSE = 600  # milliseconds; what is typed is looked for after 300
HAS_FOCUS = (
    "sheet => sheet.contains(document.activeElement) || document.activeElement === document.body"
)


@pytest.fixture
def world(committed: None) -> Network:
    """A network with a partner near the leads and one far away."""
    network = Network("acme")
    network.policy({"partners": 2})
    return network


def test_the_tab_key_stays_in_a_sheet_and_escape_leads_back_to_what_opened_it(
    desk: Page, world: Network
) -> None:
    lead = hot_lead(world)
    log_in(desk, dispatcher(world), PASSWORD, then=f"/leads/{lead.id}/")
    opener = desk.get_by_role("button", name="Withdraw", exact=True)
    opener.focus()

    desk.keyboard.press("Enter")
    sheet = desk.locator("#do-withdraw")
    expect(sheet).to_be_visible()
    within = []
    for _ in range(MANY_TABS):
        desk.keyboard.press("Tab")
        within.append(sheet.evaluate(HAS_FOCUS))
    is_modal = sheet.evaluate("sheet => sheet.matches(':modal')")  # what is behind it is inert
    desk.keyboard.press("Escape")

    assert is_modal
    assert all(within)
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()
    assert again(lead).status in ("OPEN", "OFFERED")


def test_a_sheet_is_closed_beside_it_and_by_its_button(desk: Page, world: Network) -> None:
    lead = hot_lead(world)
    log_in(desk, dispatcher(world), PASSWORD, then=f"/leads/{lead.id}/")
    sheet = desk.get_by_role("dialog", name="Withdraw")

    desk.get_by_role("button", name="Withdraw", exact=True).click()
    expect(sheet).to_be_visible()
    desk.mouse.click(5, 5)
    expect(sheet).to_be_hidden()

    desk.get_by_role("button", name="Withdraw", exact=True).click()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()


def test_the_return_key_in_the_search_for_a_partner_lists_and_stays(
    desk: Page, world: Network
) -> None:
    far = world.partner(name="Far Heating", postal_code="20095")
    lead = hot_lead(world)
    log_in(desk, dispatcher(world), PASSWORD, then=f"/leads/{lead.id}/")
    desk.get_by_role("button", name="Assign", exact=True).click()
    sheet = desk.get_by_role("dialog", name="Assign")
    desk.clock.install()

    sheet.get_by_role("searchbox").fill("hamburg")
    sheet.get_by_role("searchbox").press("Enter")
    sheet.get_by_label("Far Heating").check()
    desk.clock.run_for(AFTER_THE_PAUSE)
    expect(sheet.get_by_label("Far Heating")).to_be_checked()
    expect(desk).to_have_url(re.compile(rf"/leads/{lead.id}/$"))
    sheet.get_by_role("button", name="Assign the lead").click()

    expect(desk.get_by_text("Far Heating has the lead now.")).to_be_visible()
    assert again(lead).partner_id == far.id


def test_on_a_phone_the_sheet_of_an_offer_holds_the_focus_and_declines(
    phone: Page, world: Network
) -> None:
    person = dealer(world, "Alpha Heating")
    lead = hot_lead(world)
    log_in(phone, person.email, PASSWORD)
    opener = phone.get_by_role("button", name="Decline")
    sheet = phone.get_by_role("dialog", name="Why not?")

    opener.tap()
    for _ in range(MANY_TABS):
        phone.keyboard.press("Tab")
        assert sheet.evaluate(HAS_FOCUS)
    phone.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.tap()
    sheet.get_by_role("button", name="Too far away").tap()

    expect(phone.get_by_role("button", name="Accept")).to_have_count(0)
    assert "offer.declined" in facts_of(world, lead)


@pytest.mark.parametrize("device", ["phone", "desk"])
def test_without_scripts_a_sheet_opens_and_sends_its_form(
    open_page: OpenPage, world: Network, device: str
) -> None:
    person = dealer(world, "Alpha Heating")
    lead = hot_lead(world)
    page = open_page(device, scripts=False)
    log_in(page, person.email, PASSWORD)

    page.get_by_role("button", name="Decline").click()
    page.get_by_role("dialog", name="Why not?").get_by_role("button", name="Too far away").click()

    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    assert "offer.declined" in facts_of(world, lead)
