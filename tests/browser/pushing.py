"""Push messages in a browser that reaches no push service: what the platform would do is done here.

Where the browser is told to send, what is sent there and what it shows is real.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.browser.people import PASSWORD
from tests.browser.visiting import log_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.push_service import Browser, PushService

READY = "navigator.serviceWorker.ready.then(() => true)"
# Chromium reaches no push service from here: what it would answer is put in its place.
_SUBSCRIBE = """
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
_SHOWN = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag, lang, data }) => ({ title, body, tag, lang, data }));
}
"""
_UNTIL_SHOWN = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  const frame = () => new Promise(requestAnimationFrame);
  while ((await registration.getNotifications()).length === 0) await frame();
}
"""
# A finger on a notice is no page's to move, and only after one may a worker open a page: the worker
# is told of a tap, and what it would open is told back.
_TAP = """
async () => {
  const opened = [];
  self.clients.openWindow = async (path) => { opened.push(path); return null; };
  const [notification] = await self.registration.getNotifications();
  const tap = new NotificationEvent("notificationclick", { notification });
  const until = [];
  Object.defineProperty(tap, "waitUntil", { value: (done) => until.push(done) });
  self.dispatchEvent(tap);
  await Promise.all(until);
  return opened;
}
"""
_COUNTING = """
window.counts = [];
navigator.setAppBadge = async (count) => { window.counts.push(count) };
navigator.clearAppBadge = async () => { window.counts.push(0) };
"""
_UNTIL_COUNTED = """
async (count) => {
  while (window.counts.at(-1) !== count) await new Promise(requestAnimationFrame);
}
"""


def start(page: Page, email: str) -> None:
    """Log in and wait until the worker answers for the pages."""
    log_in(page, email, PASSWORD)
    assert page.evaluate(READY)
    page.reload()


def reach(page: Page, service: PushService, subscriber: Browser) -> None:
    """Let a browser that is asked to subscribe do so, at a push service of this machine."""
    given = {"endpoint": f"{service.origin}/{id(subscriber):x}", "keys": subscriber.keys}
    page.add_init_script(f"({_SUBSCRIBE})({json.dumps(given)})")
    page.context.grant_permissions(["notifications"])


def subscribe(page: Page) -> None:
    """Choose to be told on this device."""
    page.goto("/account/notices/")
    page.locator("[data-push-on]").tap()
    page.locator("[data-push-off]").wait_for()


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


def shown_notices(page: Page) -> list[dict[str, Any]]:
    """What is on display now."""
    shown: list[dict[str, Any]] = page.evaluate(_SHOWN)
    return shown


def until_shown(page: Page) -> list[dict[str, Any]]:
    """Wait until a notice is shown; all that are."""
    page.evaluate(_UNTIL_SHOWN)
    return shown_notices(page)


def tap_notice(page: Page) -> None:
    """Tap the notice that is shown, and go where the tap leads."""
    (worker,) = page.context.service_workers
    (path,) = worker.evaluate(_TAP)
    page.goto(path)


def watch_icon(page: Page) -> None:
    """Note what is to be counted on the app's icon, which no browser here has."""
    page.add_init_script(_COUNTING)


def until_counted(page: Page, count: int) -> None:
    """Wait until the icon shows a count."""
    page.evaluate(_UNTIL_COUNTED, count)
