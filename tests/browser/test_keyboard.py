"""A dealer's day by keyboard alone: everything is reached, and seen where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.acting import again
from tests.browser.engines import EVERYWHERE
from tests.browser.people import PASSWORD, dealer, hot_lead
from tests.browser.visiting import log_in
from tests.browser.world import World
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import OpenPage

MANY_TABS = 200
# Whether of what has the focus something is to be seen, and an outline around it.
FOCUSED = """
async () => {
  // Buttons that have just come are met by no finger for a moment.
  const isEnding = (one) => one.effect.getTiming().iterations !== Infinity;
  await Promise.all(document.getAnimations().filter(isEnding).map((one) => one.finished));
  const one = document.activeElement;
  if (one === document.body) return null;
  const box = one.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
  const isSeen = points.some(([x, y]) => {
    const hit = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
    return hit && (one === hit || one.contains(hit) || hit.contains(one) && hit.matches("label"));
  });
  const isOutlined = (box) => {
    const style = box && getComputedStyle(box);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  };
  return {
    name: (one.getAttribute("aria-label") || one.innerText || one.name || one.tagName).trim(),
    isSeen,
    // A field with a picture beside it is outlined with its picture.
    isOutlined: Boolean(isOutlined(one) || isOutlined(one.closest("label.input"))),
  };
}
"""


@pytest.fixture
def world(committed: None) -> Network:
    network = Network("acme")
    network.policy({"partners": 2})
    return network


def reach(page: Page, element: Locator, *, key: str = "Tab") -> None:
    """Press the tab key until something has the focus.

    Not past the end of the page: a Firefox that is driven does not come back from its own buttons.
    """
    for _ in range(MANY_TABS):
        if element.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"The tab key does not reach {element}.")


@EVERYWHERE
def test_a_dealer_accepts_and_reports_by_keyboard_alone(phone: Page, world: Network) -> None:
    person = dealer(world, "Alpha Heating")
    lead = hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    phone.goto("/log-in/")
    reach(phone, phone.locator("input[name=email]"))
    phone.keyboard.type(person.email)
    phone.keyboard.press("Tab")
    phone.keyboard.type(PASSWORD)
    phone.keyboard.press("Enter")

    reach(phone, phone.get_by_role("button", name="Accept"))
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    reach(phone, phone.get_by_role("button", name="Reached", exact=True))
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Noted: reached.")).to_be_visible()
    reach(phone, phone.get_by_role("button", name="Report as lost"), key="Shift+Tab")
    phone.keyboard.press("Enter")
    reach(phone, phone.get_by_role("dialog").get_by_role("button", name="Price"))
    phone.keyboard.press("Enter")

    expect(phone.get_by_role("heading", name="Lost", exact=True)).to_be_visible()
    assert again(lead).status == "LOST"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568)])
def test_whatever_has_the_focus_is_seen(
    open_page: OpenPage, committed: None, width: int, height: int
) -> None:
    everything = World()
    phone = open_page("phone", width=width, height=height)
    log_in(phone, everything.dealer.email, PASSWORD)

    found = [line for address in everything.phone_pages for line in hidden_stops(phone, address)]

    assert found == []


def hidden_stops(page: Page, address: str) -> list[str]:
    """Walk through a page by the tab key; where the focus was not to be seen."""
    page.goto(address)
    found: list[str] = []
    for _ in range(MANY_TABS):
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate(FOCUSED)
        if stop is None:
            return found
        if not stop["isSeen"] or not stop["isOutlined"]:
            found.append(f"{address}: {stop}")
    return [*found, f"{address}: the tab key does not come to an end"]
