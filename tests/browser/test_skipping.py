"""The way past what stands on every page: one link, and the first that the keyboard reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.people import PASSWORD, dealer, dispatcher, hot_lead
from tests.browser.visiting import log_in
from tests.factories import Network

if TYPE_CHECKING:
    from playwright.sync_api import Page

AT_DESK = ("/cockpit/", "/leads/", "/leads/new/", "/partners/", "/set-up/", "/account/")
ON_PHONE = ("/inbox/", "/assignments/", "/pick-list/", "/account/")


def ways_past(page: Page) -> list[str]:
    """Every link that leads to the content of the page it is on."""
    return page.locator("a[href$='#main']").all_text_contents()


def test_every_page_has_one_link_to_its_content_and_it_comes_first(
    desk: Page, phone: Page, committed: None
) -> None:
    world = Network("acme")
    person, staff = dealer(world, "Alpha Heating"), dispatcher(world)
    hot_lead(world)
    log_in(desk, staff, PASSWORD)
    log_in(phone, person.email, PASSWORD)

    for page, addresses in ((desk, AT_DESK), (phone, ON_PHONE)):
        for address in addresses:
            page.goto(address)
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.getAttribute('href')")
            assert (address, focused) == (address, "#main")
            assert (address, len(ways_past(page))) == (address, 1)
