"""The app on the home screen: without a network, with a push, and when it is updated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from leadhub.core.tenancy.context import system_context
from leads.messages import deliver_due
from partners.devices import devices_of
from partners.models import User
from tests.acting import facts_of
from tests.browser.people import PASSWORD, Dealer, dealer, hot_lead
from tests.browser.visiting import axe, log_in
from tests.factories import ContactFactory, Network
from tests.pages.linking import opened_by
from tests.push_service import Browser as Subscriber, PushService, push_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

READY = "navigator.serviceWorker.ready.then(() => true)"
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
# Chromium reaches no push service from here: what it would answer is put in its place.
SUBSCRIBE = """
(given) => {
  let current = null;
  const make = (options) => ({
    endpoint: given.endpoint,
    options: { applicationServerKey: null },
    toJSON: () => ({ endpoint: given.endpoint, keys: given.keys }),
    unsubscribe: async () => { current = null; return true; },
  });
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async (options) => (current = make(options));
}
"""
SHOWN = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag, lang, data }) => ({ title, body, tag, lang, data }));
}
"""

ASKING = """
Notification.requestPermission = async () => {
  window.wasAsked = true;
  return "granted";
};
"""
UNTIL_SHOWN = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  const frame = () => new Promise(requestAnimationFrame);
  while ((await registration.getNotifications()).length === 0) await frame();
}
"""
UNTIL_COUNTED = """
async (count) => {
  while (window.counts.at(-1) !== count) await new Promise(requestAnimationFrame);
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


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    with push_service() as running:
        settings.OUTGOING_PORTS = [urlsplit(running.origin).port]
        yield running


def start(page: Page, email: str) -> None:
    """Log in and wait until the worker answers for the pages."""
    log_in(page, email, PASSWORD)
    assert page.evaluate(READY)
    page.reload()


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
    watch.catch_up()
    watch.problems.clear()  # the failed requests, which this is about


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


def test_shows_a_push_in_the_persons_language_and_a_tap_only_shows(
    app: Page, world: Network, service: PushService
) -> None:
    person = dealer(world, "Gamma Wärme", language="de")
    subscriber = Subscriber()
    given = {"endpoint": f"{service.origin}/gamma", "keys": subscriber.keys}
    app.add_init_script(f"({SUBSCRIBE})({json.dumps(given)})")
    app.context.grant_permissions(["notifications"])
    start(app, person.email)
    app.goto("/account/notices/")
    app.locator("[data-push-on]").tap()
    expect(app.locator("[data-push-off]")).to_be_visible()
    lead = hot_lead(world, contact=ContactFactory.build(last_name="Kanarienvogel"))

    deliver_due()
    payload = subscriber.read(service.requests[0].body)
    deliver(app, payload)

    (shown,) = until_shown(app)
    assert shown["title"] == "Acme"
    assert shown["body"].startswith("Neue Anfrage: Heat pump")
    assert shown["lang"] == "de"
    assert "Kanarienvogel" not in json.dumps(shown)
    assert payload["waiting"] == 1
    offer = next(o for o in world.offers(lead) if o.partner_id == person.partner.id)
    assert opened_by(shown["data"]["path"]) == f"/linked/offers/{offer.id}/"
    assert facts_of(world, lead)[-1] != "offer.viewed"
    # The same message once more takes the place of the first.
    deliver(app, payload)
    assert len(until_shown(app)) == 1


def deliver(page: Page, payload: dict[str, Any]) -> None:
    """Hand a push to the browser, as its push service would."""
    session = page.context.new_cdp_session(page)
    known: list[dict[str, Any]] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: known.extend(event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    while not known:
        page.evaluate("null")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": page.evaluate("location.origin"),
            "registrationId": known[0]["registrationId"],
            "data": json.dumps(payload),
        },
    )


def until_shown(page: Page) -> list[dict[str, Any]]:
    """Wait until a notice is shown; all that are."""
    page.evaluate(UNTIL_SHOWN)
    shown: list[dict[str, Any]] = page.evaluate(SHOWN)
    return shown


def test_asks_for_push_messages_only_after_a_tap_and_ends_them(
    app: Page, world: Network, alpha: Dealer, service: PushService
) -> None:
    given = {"endpoint": f"{service.origin}/alpha", "keys": Subscriber().keys}
    app.add_init_script(f"({SUBSCRIBE})({json.dumps(given)})")
    app.add_init_script(
        "Notification.requestPermission = async () => (window.wasAsked = true, 'granted')"
    )
    hot_lead(world)
    start(app, alpha.email)
    expect(app.locator("[data-push-ask]")).to_have_count(0)
    app.get_by_role("button", name="Accept").tap()
    expect(app.get_by_role("heading", name="Be told at once of the next one?")).to_be_visible()
    assert not app.evaluate("window.wasAsked")
    assert axe(app) == []

    app.get_by_role("button", name="Tell me").tap()

    expect(app.get_by_text("this device tells you from now on")).to_be_visible()
    assert app.evaluate("window.wasAsked")
    with system_context("test"):
        user = User.objects.get(email=alpha.email)
    assert [device.endpoint for device in devices_of(user.id)] == [given["endpoint"]]
    app.goto("/account/")
    app.get_by_role("button", name="Log out").tap()
    expect(app.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    assert devices_of(user.id) == []


def test_explains_how_to_allow_what_the_browser_blocks(app: Page, alpha: Dealer) -> None:
    app.add_init_script("Object.defineProperty(Notification, 'permission', {get: () => 'denied'})")
    start(app, alpha.email)

    app.goto("/account/notices/")

    expect(app.get_by_text("This browser blocks notifications")).to_be_visible()
    expect(app.get_by_role("button", name="Yes, tell me here")).to_have_count(0)
    assert axe(app) == []


def test_counts_on_the_icon_what_waits(app: Page, world: Network, alpha: Dealer) -> None:
    app.add_init_script(
        "window.counts = [];"
        "navigator.setAppBadge = async (count) => { window.counts.push(count) };"
        "navigator.clearAppBadge = async () => { window.counts.push(0) };"
    )
    hot_lead(world)
    start(app, alpha.email)
    app.evaluate(UNTIL_COUNTED, 1)

    hot_lead(world)

    app.evaluate(UNTIL_COUNTED, 2)
