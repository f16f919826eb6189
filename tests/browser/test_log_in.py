"""Logging in as people do: with an authenticator app, and with a passkey of the device."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from partners.memberships import Person, add_member
from tests.browser.people import PASSWORD, dealer, dispatcher
from tests.browser.visiting import axe, log_in
from tests.factories import Network
from tests.factors import code_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage


def new_administrator(network: Network) -> str:
    """Add somebody who logs in for the first time; the e-mail address."""
    person = Person(email="new@acme.example", name="Nora New", password=PASSWORD, language="en")
    add_member(manufacturer=network.manufacturer, person=person, role="ADMIN")
    return person.email


def by_name(address: str) -> str:
    """Name this machine: passkeys belong to names, not to addresses."""
    return address.replace("127.0.0.1", "localhost")


def authenticator_of(page: Page) -> None:
    """Give the browser a device that keeps passkeys and knows its owner."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def test_lets_staff_set_up_an_app_at_the_first_log_in(open_page: OpenPage) -> None:
    email = new_administrator(Network())
    page = open_page("phone")
    log_in(page, email, PASSWORD)
    assert page.get_by_role("heading", level=1).inner_text() == "Protect your account"
    assert axe(page) == []

    page.get_by_role("link", name="With an authenticator app").click()
    assert axe(page) == []
    secret = page.locator("[data-totp-secret]").inner_text()
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Add the app").click()

    assert page.locator("[data-recovery-code]").count() == 10
    assert axe(page) == []
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/cockpit/")


def test_asks_for_the_code_and_lets_in(open_page: OpenPage) -> None:
    email = dispatcher(Network())
    page = open_page("phone", scripts=False)

    log_in(page, email, PASSWORD, then="/leads/")

    assert urlsplit(page.url).path == "/leads/"


def test_lets_a_partner_log_in_by_a_passkey(open_page: OpenPage, address: str) -> None:
    network = Network()
    page = open_page("phone")
    authenticator_of(page)
    here = by_name(address)
    page.goto(f"{here}/log-in/")
    page.locator("input[name=email]").fill(dealer(network, "Alpha").email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/inbox/")

    page.goto(f"{here}/account/security/")
    page.get_by_role("link", name="Add a passkey").click()
    assert axe(page) == []
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/inbox/")
    page.context.clear_cookies()
    page.goto(f"{here}/log-in/?next=/leads/mine/")
    page.get_by_role("button", name="Log in with a passkey").click()

    page.wait_for_url("**/leads/mine/")


def test_takes_a_passkey_as_the_second_factor_of_staff(open_page: OpenPage, address: str) -> None:
    email = new_administrator(Network())
    page = open_page("desk")
    authenticator_of(page)
    here = by_name(address)
    page.goto(f"{here}/log-in/")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.get_by_role("link", name="With a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/cockpit/")

    page.context.clear_cookies()
    page.goto(f"{here}/log-in/")
    page.get_by_role("button", name="Log in with a passkey").click()

    page.wait_for_url("**/cockpit/")


def test_takes_a_passkey_after_the_password(open_page: OpenPage, address: str) -> None:
    email = new_administrator(Network())
    page = open_page("desk")
    authenticator_of(page)
    here = by_name(address)
    for _ in range(2):
        page.context.clear_cookies()
        page.goto(f"{here}/log-in/")
        page.locator("input[name=email]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        with page.expect_navigation():
            page.locator("input[name=password]").press("Enter")
        if page.get_by_role("link", name="With a passkey").count():
            page.get_by_role("link", name="With a passkey").click()
            page.get_by_role("button", name="Make the passkey").click()
            page.get_by_role("link", name="I have kept them").click()
            page.wait_for_url("**/cockpit/")
        else:
            page.get_by_role("button", name="Use a passkey").click()

    page.wait_for_url("**/cockpit/")
