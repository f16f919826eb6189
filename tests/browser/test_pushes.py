"""Told by a push: from the notice to the lead in two taps, asked at the right moment, counted."""

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
from tests.acting import again, facts_of
from tests.browser.people import Dealer, dealer, hot_lead
from tests.browser.pushing import (
    deliver,
    reach,
    shown_notices,
    start,
    subscribe,
    tap_notice,
    until_counted,
    until_shown,
    watch_icon,
)
from tests.browser.visiting import axe
from tests.factories import ContactFactory, Network
from tests.push_service import Browser as Subscriber, PushService, push_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage

CANARY = "Kanarienvogel"


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


@pytest.fixture
def subscriber() -> Subscriber:
    return Subscriber()


def receive(page: Page, service: PushService, subscriber: Subscriber) -> dict[str, Any]:
    """Let everything leave that is due, and the last push arrive; what it says."""
    while deliver_due():
        pass
    payload: dict[str, Any] = subscriber.read(service.requests[-1].body)
    deliver(page, payload)
    return payload


def test_from_the_push_to_the_lead_it_takes_two_taps(
    app: Page, world: Network, alpha: Dealer, service: PushService, subscriber: Subscriber
) -> None:
    reach(app, service, subscriber)
    start(app, alpha.email)
    subscribe(app)
    lead = hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    receive(app, service, subscriber)
    until_shown(app)

    tap_notice(app)
    app.get_by_role("button", name="Accept").tap()

    expect(app.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    expect(app.get_by_role("link", name="Call")).to_be_visible()
    assert again(lead).partner_id == alpha.partner.id
    assert shown_notices(app) == []


def test_it_takes_two_taps_after_the_session_has_ended_as_well(
    app: Page, world: Network, alpha: Dealer, service: PushService, subscriber: Subscriber
) -> None:
    reach(app, service, subscriber)
    start(app, alpha.email)
    subscribe(app)
    lead = hot_lead(world)
    receive(app, service, subscriber)
    until_shown(app)
    app.context.clear_cookies(name="sessionid")

    tap_notice(app)
    app.get_by_role("button", name="Accept").tap()

    expect(app.get_by_role("heading", name="Erika Beispiel")).to_be_visible()
    assert again(lead).partner_id == alpha.partner.id


def test_a_push_speaks_the_persons_language_names_nobody_and_a_tap_only_shows(
    app: Page, world: Network, service: PushService, subscriber: Subscriber
) -> None:
    person = dealer(world, "Gamma Wärme", language="de")
    reach(app, service, subscriber)
    start(app, person.email)
    subscribe(app)
    lead = hot_lead(world, contact=ContactFactory.build(last_name=CANARY))

    payload = receive(app, service, subscriber)

    (shown,) = until_shown(app)
    assert shown["title"] == "Acme"
    assert shown["body"].startswith("Neue Anfrage: Heat pump")
    assert shown["lang"] == "de"
    assert CANARY not in json.dumps([payload, shown])
    assert payload["waiting"] == 1
    # The same message once more takes the place of the first.
    deliver(app, payload)
    assert len(until_shown(app)) == 1
    assert facts_of(world, lead)[-1] != "offer.viewed"
    tap_notice(app)
    expect(app.get_by_role("button", name="Annehmen")).to_be_visible()
    assert again(lead).status == "OFFERED"
    assert facts_of(world, lead)[-1] == "offer.viewed"


def test_asks_for_push_messages_only_after_a_tap_and_ends_them(
    app: Page, world: Network, alpha: Dealer, service: PushService, subscriber: Subscriber
) -> None:
    reach(app, service, subscriber)
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
    (device,) = devices_of(user.id)
    assert device.endpoint.startswith(service.origin)
    app.goto("/account/")
    app.get_by_role("button", name="Log out").tap()
    expect(app.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    assert devices_of(user.id) == []


def test_asks_no_more_on_this_device_after_later(
    app: Page, world: Network, alpha: Dealer, service: PushService, subscriber: Subscriber
) -> None:
    reach(app, service, subscriber)
    hot_lead(world)
    start(app, alpha.email)
    app.get_by_role("button", name="Accept").tap()
    question = app.get_by_role("heading", name="Be told at once of the next one?")

    app.get_by_role("button", name="Later").tap()

    expect(question).to_be_hidden()
    app.reload()
    # By then it is known what could be asked here.
    asked = app.locator("[data-push-ask] [data-push-state=off]")
    expect(asked).to_have_js_property("hidden", value=False)
    expect(question).to_be_hidden()


def test_explains_how_to_allow_what_the_browser_blocks(app: Page, alpha: Dealer) -> None:
    app.add_init_script("Object.defineProperty(Notification, 'permission', {get: () => 'denied'})")
    start(app, alpha.email)

    app.goto("/account/notices/")

    expect(app.get_by_text("This browser blocks notifications")).to_be_visible()
    expect(app.get_by_role("button", name="Yes, tell me here")).to_have_count(0)
    assert axe(app) == []


def test_counts_on_the_icon_what_waits(app: Page, world: Network, alpha: Dealer) -> None:
    watch_icon(app)
    hot_lead(world)
    start(app, alpha.email)
    until_counted(app, 1)

    hot_lead(world)

    until_counted(app, 2)
    app.get_by_role("button", name="Accept").first.tap()
    expect(app.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    app.get_by_role("link", name="To my leads").tap()
    app.get_by_role("link", name="Inbox").tap()
    app.wait_for_url("**/inbox/")
    until_counted(app, 1)
