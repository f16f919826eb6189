"""Every page, in both colour schemes, on a phone and at a desk: nothing keeps anybody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.people import PASSWORD
from tests.browser.visiting import axe, log_in
from tests.browser.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage

NARROWEST = 320
BEFORE_LOG_IN = ["/log-in/", "/log-in/code/", "/log-in/company/", "/password/forgotten/"]
OFFLINE = "/offline/en/"
# A sheet is opened by a button that names it.
SHEETS = "[popovertarget]:not([popovertargetaction])"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Words of buttons and links that look like ones, of which something is cut off.
CUT_OFF = """
() => [...document.querySelectorAll(".btn, .tab, .chip")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.innerText.trim())
"""
TWICE_AS_LARGE = "document.documentElement.style.fontSize = '200%'"


@pytest.fixture
def world(committed: None) -> World:
    """Something to see on every page."""
    return World()


def look_at(page: Page, addresses: list[str]) -> list[str]:
    """Open pages one after the other; what is wrong with them, by page."""
    found = []
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            found.append(f"{address}: status {answer.status}")
            continue
        found += [f"{address}: {line}" for line in axe(page)]
        found += measure(page, address)
    return found


def measure(page: Page, address: str) -> list[str]:
    """Find what does not fit on the screen."""
    found = [f"{address}: wider than the screen"] if page.evaluate(TOO_WIDE) else []
    return found + [f"{address}: cut off: {words}" for words in page.evaluate(CUT_OFF)]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_dealers_pages_keep_nobody_out(phone: Page, world: World, colours: str) -> None:
    before = look_at(phone, [*BEFORE_LOG_IN, OFFLINE])
    log_in(phone, world.dealer.email, PASSWORD)

    assert before + look_at(phone, world.phone_pages) == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_what_slides_over_a_dealers_pages_keeps_nobody_out(
    phone: Page, world: World, colours: str
) -> None:
    log_in(phone, world.dealer.email, PASSWORD)
    found, seen = [], 0
    for address in (world.phone_pages[1], f"/assignments/{world.taken.id}/", "/team/"):
        phone.goto(address)
        for opener in phone.locator(SHEETS).all():
            if not opener.is_visible():
                continue
            opener.tap()
            sheet = phone.locator(f"#{opener.get_attribute('popovertarget')}")
            expect(sheet).to_be_visible()
            seen += 1
            name = f"{address}#{sheet.get_attribute('id')}"
            found += [f"{name}: {line}" for line in axe(phone)] + measure(phone, name)
            phone.keyboard.press("Escape")
            expect(sheet).to_be_hidden()

    assert found == []
    assert seen > 8


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_pages_of_links_keep_nobody_out(phone: Page, world: World, colours: str) -> None:
    found = look_at(phone, [world.link])
    phone.get_by_role("button", name="code").first.tap()
    expect(phone.get_by_label("Code from the mail")).to_be_visible()

    found += [f"{phone.url}: {line}" for line in axe(phone)] + measure(phone, phone.url)

    assert found == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_manufacturers_pages_keep_nobody_out(desk: Page, world: World, colours: str) -> None:
    log_in(desk, world.dispatcher, PASSWORD)

    assert look_at(desk, world.desk_pages) == []


def test_every_page_fits_the_narrowest_phone(open_page: OpenPage, world: World) -> None:
    dealers, staff = (open_page("phone", width=NARROWEST) for _ in range(2))
    log_in(dealers, world.dealer.email, PASSWORD)
    log_in(staff, world.dispatcher, PASSWORD)

    assert look_at(dealers, world.phone_pages) + look_at(staff, world.desk_pages) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (NARROWEST, 568)])
def test_a_dealers_pages_fit_with_text_twice_as_large(
    open_page: OpenPage, world: World, width: int, height: int
) -> None:
    phone = open_page("phone", width=width, height=height)
    log_in(phone, world.dealer.email, PASSWORD)
    found = []
    for address in [*world.phone_pages, world.link]:
        phone.goto(address)
        phone.evaluate(TWICE_AS_LARGE)
        found += measure(phone, address)

    assert found == []
