"""The app on the home screen: without a network, and when it is updated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.people import Dealer, dealer, hot_lead
from tests.browser.pushing import start
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

KEPT = """
async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    found.push(...requests.map((request) => new URL(request.url).pathname));
  }
  return found;
}
"""


@pytest.fixture
def world(committed: None) -> Network:
    network = Network("acme")
    network.policy({"partners": 2})
    return network


@pytest.fixture
def alpha(world: Network) -> Dealer:
    return dealer(world, "Alpha Heating")


@pytest.fixture
def app(open_page: OpenPage) -> Page:
    """A phone whose browser may run a service worker."""
    return open_page("phone", workers=True)


def test_says_without_a_network_that_nothing_is_sent_and_goes_on_by_itself(
    app: Page, alpha: Dealer, watch: Watch
) -> None:
    start(app, alpha.email)

    app.context.set_offline(True)
    app.goto("/assignments/")

    expect(app.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(app.get_by_text("Nothing you tap now is sent.")).to_be_visible()
    assert app.evaluate("document.fonts.check('16px \"Inter Variable\"')")
    app.context.set_offline(False)
    expect(app.get_by_role("heading", name="My leads")).to_be_visible()
    watch.forgive()


def test_keeps_no_page_and_no_answer(app: Page, world: Network, alpha: Dealer) -> None:
    hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    start(app, alpha.email)
    app.get_by_role("button", name="Accept").tap()
    expect(app.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    app.goto("/assignments/")

    kept = app.evaluate(KEPT)

    assert kept
    allowed = ("/static/assets/", "/offline/")
    assert [path for path in kept if not path.startswith(allowed)] == []


def test_fetches_no_part_of_a_page_twice(app: Page, alpha: Dealer) -> None:
    start(app, alpha.email)
    fetched: list[str] = []
    session = app.context.new_cdp_session(app)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.on("Network.responseReceived", lambda event: note(event, fetched))

    app.reload()
    app.wait_for_load_state("networkidle")

    assert [path for path in fetched if path.startswith("/static/assets/app-")] == []


def note(event: dict[str, Any], fetched: list[str]) -> None:
    """Note what came over the network, and not from the worker."""
    answer = event["response"]
    if not answer.get("fromServiceWorker"):
        fetched.append(urlsplit(answer["url"]).path)


def test_an_update_disturbs_nobody_who_is_typing(app: Page, world: Network, alpha: Dealer) -> None:
    hot_lead(world)
    start(app, alpha.email)
    app.get_by_role("button", name="Decline").tap()
    app.get_by_label("Another reason").fill("We are on holiday")

    app.evaluate("""
      async () => {
        const registration = await navigator.serviceWorker.ready;
        await registration.update();
        await navigator.serviceWorker.register("/service-worker.js?another-build");
        await new Promise((done) => {
          navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
        });
      }
    """)

    expect(app.get_by_label("Another reason")).to_have_value("We are on holiday")
