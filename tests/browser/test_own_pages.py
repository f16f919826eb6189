"""A dealer's own on the phone: documents, figures, settings; and nothing once it has logged out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from leadhub.core import clock
from partners.materials.publishing import Edition, add_material
from partners.models import OwnSetting
from partners.tenants import change_left_to_partners
from tests.acting import accept
from tests.browser.mailed import last_link_to
from tests.browser.people import PASSWORD, Dealer, dealer, hot_lead
from tests.browser.pushing import shown_notices, start, until_counted, watch_icon
from tests.browser.visiting import axe, log_in
from tests.factories import PDF, ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

KEPT_OF_PEOPLE = """
async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    kept.push(...requests.map((request) => new URL(request.url).pathname));
  }
  return kept.filter((path) => path.startsWith("/materials/"));
}
"""
UNTIL_FORGOTTEN = f"""
async () => {{
  const keptOfPeople = {KEPT_OF_PEOPLE};
  while ((await keptOfPeople()).length > 0) await new Promise(requestAnimationFrame);
}}
"""
READ = """
async (path) => {
  const answer = await fetch(path);
  return [answer.status, (await answer.text()).slice(0, 5)];
}
"""
SHOW_NOTICE = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  await registration.showNotification("Acme", { body: "New enquiry" });
}
"""
UNTIL_NO_NOTICE = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  const frame = () => new Promise(requestAnimationFrame);
  while ((await registration.getNotifications()).length > 0) await frame();
}
"""


@pytest.fixture
def world(committed: None) -> Network:
    """A network with a price list, whose partners set for themselves where they work."""
    network, at = Network("acme"), clock.now()
    add_material(
        title="Preise 2026",
        kind="PRICE_LIST",
        product_lines=["heat-pumps"],
        edition=Edition(PDF, "Preise 2026.pdf", "en", at.date()),
        by=network.by,
        at=at,
    )
    return network


@pytest.fixture
def alpha(world: Network) -> Dealer:
    return dealer(world, "Alpha Heating")


@pytest.fixture
def app(open_page: OpenPage) -> Page:
    """A phone whose browser may run a service worker."""
    return open_page("phone", workers=True)


def open_document(app: Page) -> str:
    """Open a document of the library; its path."""
    app.goto("/materials/")
    path = app.get_by_role("link", name="Preise 2026").get_attribute("href")
    assert path
    assert app.evaluate(READ, path) == [200, "%PDF-"]
    return path


def test_a_document_that_was_opened_is_there_without_a_network(
    app: Page, watch: Watch, alpha: Dealer
) -> None:
    start(app, alpha.email)
    path = open_document(app)

    app.context.set_offline(True)

    assert app.evaluate(READ, path) == [200, "%PDF-"]
    assert app.evaluate(READ, f"{path}?from=lead") == [200, "%PDF-"]
    app.goto("/assignments/")
    expect(app.get_by_role("heading", name="Documents on this device")).to_be_visible()
    assert axe(app) == []
    with app.expect_download() as opened:
        app.get_by_role("link", name="Preise 2026.pdf").tap()
    assert opened.value.suggested_filename == "Preise 2026.pdf"
    watch.forgive()


def test_after_logging_out_nothing_of_the_person_is_left_on_the_device(
    app: Page, world: Network, alpha: Dealer
) -> None:
    watch_icon(app)
    app.context.grant_permissions(["notifications"])
    lead = hot_lead(world, contact=ContactFactory.build(last_name="Kanarienvogel"))
    hot_lead(world)
    start(app, alpha.email)
    open_document(app)
    app.evaluate(SHOW_NOTICE)
    app.evaluate("localStorage.setItem('notices-asked', 'later')")
    assignment = accept(world.offers(lead)[0], at=clock.now())
    app.goto(f"/assignments/{assignment.id}/")
    expect(app.get_by_role("heading", name="Kanarienvogel").first).to_be_visible()
    app.goto("/account/")

    app.get_by_role("button", name="Log out").tap()

    expect(app.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    app.evaluate(UNTIL_FORGOTTEN)
    app.evaluate(UNTIL_NO_NOTICE)
    until_counted(app, 0)
    assert shown_notices(app) == []
    assert app.evaluate("localStorage.length + sessionStorage.length") == 0
    names = {cookie.get("name") for cookie in app.context.cookies()}
    assert not {name for name in names if name and name.startswith("known-")}
    for _ in range(2):
        app.go_back()
        assert "Kanarienvogel" not in app.content()
    app.goto(last_link_to(alpha.email))
    assert "Kanarienvogel" not in app.content()
    expect(app.get_by_role("button", name="Accept", exact=True)).to_have_count(0)


def test_a_dealer_reads_its_own_figures(phone: Page, world: Network, alpha: Dealer) -> None:
    accept(world.offers(hot_lead(world))[0], at=clock.now())
    log_in(phone, alpha.email, PASSWORD, then="/account/")

    phone.get_by_role("link", name="My figures").tap()

    expect(phone.get_by_role("heading", name="My figures")).to_be_visible()
    expect(phone.get_by_text("Median of the network").first).to_be_visible()


def test_a_dealer_changes_what_is_left_to_it_and_is_told_what_to_correct(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    leave_to_partners(world)
    log_in(phone, alpha.email, PASSWORD, then="/settings/")
    radius = phone.get_by_label("Kilometres around us")

    radius.fill("400")
    phone.locator("form", has=radius).get_by_role("button", name="Save").tap()
    expect(radius).to_have_attribute("aria-invalid", "true")
    expect(radius).to_be_focused()
    radius.fill("35")
    phone.locator("form", has=radius).get_by_role("button", name="Save").tap()

    expect(phone.get_by_text("The changes were saved.")).to_be_visible()
    expect(radius).to_have_value("35")


def test_an_absence_is_entered_and_ended(phone: Page, world: Network, alpha: Dealer) -> None:
    leave_to_partners(world)
    log_in(phone, alpha.email, PASSWORD, then="/settings/")
    today = clock.now().date().isoformat()

    phone.get_by_label("First day").fill(today)
    phone.get_by_label("Last day").fill(today)
    phone.get_by_role("button", name="Enter absence").tap()

    expect(phone.get_by_text("The changes were saved.")).to_be_visible()
    phone.get_by_role("button", name="Back today").tap()
    expect(phone.get_by_text("The absence has ended.")).to_be_visible()


def test_opening_hours_are_stated_for_all_workdays_at_once_and_make_quiet_time(
    phone: Page, alpha: Dealer
) -> None:
    log_in(phone, alpha.email, PASSWORD, then="/settings/")
    hours = phone.locator("form", has=phone.get_by_label("The same from Monday to Friday"))
    closes, saturday = hours.locator("#id_monday_closes_again"), hours.get_by_label("Saturday")

    # The usual hours stand there; what is as on Monday, or closed, is out of sight.
    expect(hours.locator("input[type=time]:visible")).to_have_count(4)
    saturday.tap()
    expect(hours.locator("input[type=time]:visible")).to_have_count(8)
    hours.get_by_label("The same from Monday to Friday").tap()
    expect(hours.locator("input[type=time]:visible")).to_have_count(24)
    hours.get_by_label("The same from Monday to Friday").tap()
    closes.fill("12:30")
    hours.get_by_role("button", name="Save").tap()
    expect(closes).to_have_attribute("aria-invalid", "true")
    expect(closes).to_be_focused()
    closes.fill("18:00")
    hours.get_by_role("button", name="Save").tap()
    expect(phone.get_by_text("13:00\N{EN DASH}18:00")).to_be_visible()

    phone.goto("/account/notices/")
    expect(phone.get_by_text("it is quiet while your business is closed")).to_be_visible()
    phone.get_by_role("button", name="Tell me at any hour").tap()
    expect(phone.get_by_text("you are told at any hour")).to_be_visible()


def leave_to_partners(world: Network) -> None:
    """Let partners set everything for themselves."""
    change_left_to_partners(
        partners_may=list(OwnSetting),
        own_radius_most=100,
        own_open_least=1,
        own_open_most=50,
        shows_rank=False,
        by=world.by,
    )
