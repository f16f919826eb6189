"""From a mail to the lead, without a log-in: a code once for each device, afterwards one tap."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from leadhub.core import clock
from leads.escalation import sweep
from tests.acting import HOUR, accept, again, facts_of
from tests.browser.engines import EVERYWHERE
from tests.browser.mailed import last_code_to, last_link_to
from tests.browser.people import PASSWORD, Dealer, dealer, hot_lead
from tests.browser.visiting import axe, log_in, tap
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from leads.models import Lead
    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

SOON = 3_000  # milliseconds in which the news has to arrive
NOT_YOURS = "No answer: this lead is not yours yet."


@pytest.fixture
def world(committed: None) -> Network:
    """A network that asks two partners at a time."""
    network = Network("acme")
    network.policy({"partners": 2}, feedback_due=[600])
    return network


@pytest.fixture
def alpha(world: Network) -> Dealer:
    return dealer(world, "Alpha Heating")


@pytest.fixture
def beta(world: Network) -> Dealer:
    return dealer(world, "Beta Heating")


def know(page: Page, email: str) -> None:
    """Let a device be known as somebody's, and nobody be logged in on it."""
    log_in(page, email, PASSWORD)
    page.context.clear_cookies(name="sessionid")
    page.goto("/inbox/")
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()


def type_code(page: Page, email: str, button: str) -> None:
    """Type the code that was mailed."""
    field = page.get_by_label("Code from the mail")
    expect(field).to_be_visible()  # by then it was mailed
    field.fill(last_code_to(email))
    tap(page.get_by_role("button", name=button))


@EVERYWHERE
def test_a_lead_is_taken_with_a_code_and_the_next_one_with_one_tap(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    first = hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    phone.goto(last_link_to(alpha.email))
    assert "Beispiel" not in phone.content()

    tap(phone.get_by_role("button", name="Accept with a code"))
    type_code(phone, alpha.email, "Accept")

    expect(phone.get_by_role("heading", name="Erika Beispiel")).to_be_visible()
    expect(phone.get_by_role("link", name="Call")).to_have_attribute("href", "tel:+498999998123")
    assert again(first).partner_id == alpha.partner.id
    second = hot_lead(world)
    phone.goto(last_link_to(alpha.email))
    tap(phone.get_by_role("button", name="Accept"))
    expect(phone.get_by_role("heading", name="Erika Beispiel")).to_be_visible()
    assert again(second).partner_id == alpha.partner.id


def test_a_wrong_code_takes_nothing_and_may_be_typed_again(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    lead = hot_lead(world)
    phone.goto(last_link_to(alpha.email))
    phone.get_by_role("button", name="Accept with a code").tap()

    phone.get_by_label("Code from the mail").fill("XXXX-0000")
    phone.get_by_role("button", name="Accept").tap()

    expect(phone.get_by_text("This code is not right")).to_be_visible()
    assert axe(phone) == []
    assert again(lead).status == "OFFERED"
    type_code(phone, alpha.email, "Accept")
    expect(phone.get_by_role("heading", name="Erika Beispiel")).to_be_visible()


def test_whoever_has_only_the_link_sees_at_once_that_somebody_was_faster(
    phone: Page, world: Network, alpha: Dealer, beta: Dealer
) -> None:
    lead = hot_lead(world)
    phone.goto(last_link_to(alpha.email))
    expect(phone.get_by_role("button", name="Accept with a code")).to_be_visible()
    (rival,) = [o for o in world.offers(lead) if o.partner_id == beta.partner.id]

    accept(rival, at=clock.now())

    expect(phone.get_by_text("Another partner was faster")).to_be_visible(timeout=SOON)
    expect(phone.get_by_role("button", name="Accept")).to_have_count(0)


def test_two_taps_on_a_known_device_are_one(phone: Page, world: Network, alpha: Dealer) -> None:
    lead = hot_lead(world)
    know(phone, alpha.email)
    phone.goto(last_link_to(alpha.email))
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.url))

    phone.get_by_role("button", name="Accept").dblclick()

    expect(phone.get_by_role("heading", name="Erika Beispiel")).to_be_visible()
    assert len([url for url in sent if url.endswith("/accept/")]) == 1
    assert facts_of(world, lead).count("offer.accepted") == 1


@EVERYWHERE
def test_a_lost_network_says_that_the_lead_is_not_yours_yet_and_asks_again(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    lead = hot_lead(world)
    know(phone, alpha.email)
    phone.goto(last_link_to(alpha.email))
    phone.context.set_offline(True)

    tap(phone.get_by_role("button", name="Accept"))

    expect(phone.get_by_text(NOT_YOURS)).to_be_visible()
    assert again(lead).status == "OFFERED"
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="Erika Beispiel")).to_be_visible()
    watch.forgive()


def test_an_unknown_device_without_a_network_keeps_its_page(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    hot_lead(world)
    phone.goto(last_link_to(alpha.email))
    phone.context.set_offline(True)

    phone.get_by_role("button", name="Accept with a code").tap()

    expect(phone.get_by_text("there seems to be no network")).to_be_visible()
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Accept with a code").tap()
    expect(phone.get_by_label("Code from the mail")).to_be_visible()
    watch.forgive()


@EVERYWHERE
def test_feedback_is_one_tap_after_the_link_of_a_reminder(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    held = owing(world)
    phone.goto(last_link_to(alpha.email))
    assert "Beispiel" not in phone.content()

    tap(phone.get_by_role("button", name="Quote sent"))

    expect(phone.get_by_text("Thank you, noted.")).to_be_visible()
    assert "feedback.given" in facts_of(world, held)


def test_feedback_without_a_network_keeps_its_page(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    held = owing(world)
    phone.goto(last_link_to(alpha.email))
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Appointment").tap()
    expect(phone.get_by_text("there seems to be no network")).to_be_visible()
    phone.context.set_offline(False)

    phone.get_by_role("button", name="Appointment").tap()

    expect(phone.get_by_text("Thank you, noted.")).to_be_visible()
    assert facts_of(world, held).count("feedback.given") == 1
    watch.forgive()


def test_the_customer_is_shown_to_an_unknown_device_after_the_code(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    owing(world)
    phone.goto(last_link_to(alpha.email))

    phone.get_by_role("button", name="Send me the code").tap()
    type_code(phone, alpha.email, "Go on")

    expect(phone.get_by_role("heading", name="Erika Beispiel")).to_be_visible()


def test_a_link_that_ends_while_its_page_is_open_says_so(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    hot_lead(world)
    phone.goto(last_link_to(alpha.email))
    expect(phone.get_by_role("button", name="Accept with a code")).to_be_visible()

    phone.context.clear_cookies()

    expect(phone.get_by_role("heading", name="Nothing behind this link")).to_be_visible()


def test_a_link_is_answered_without_scripts(
    open_page: OpenPage, world: Network, alpha: Dealer
) -> None:
    lead = hot_lead(world)
    phone = open_page("phone", scripts=False)
    phone.goto(last_link_to(alpha.email))

    phone.get_by_role("button", name="Accept with a code").tap()
    type_code(phone, alpha.email, "Accept")
    phone.get_by_role("button", name="Reached", exact=True).tap()

    expect(phone.get_by_text("Thank you, noted.")).to_be_visible()
    assert again(lead).partner_id == alpha.partner.id


def owing(world: Network) -> Lead:
    """Let the first partner owe feedback, and be reminded of it by mail."""
    at = clock.now()
    lead = world.lead(at=at - HOUR - timedelta(minutes=5), wish_summary="Boiler for a barn")
    accept(world.offers(lead)[0], at=at - HOUR)
    sweep(at=at)
    return lead
