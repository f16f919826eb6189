"""A phone on a bad network: one tap is enough, and nothing is anybody's before it is."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from leadhub.core import clock
from tests.acting import accept, again, facts_of
from tests.browser.engines import EVERYWHERE
from tests.browser.people import PASSWORD, Dealer, dealer, hot_lead
from tests.browser.visiting import axe, log_in, tap
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

NOT_YOURS = "No answer: this lead is not yours yet."


@pytest.fixture
def world(committed: None) -> Network:
    network = Network("acme")
    network.policy({"partners": 2})
    return network


@pytest.fixture
def alpha(world: Network) -> Dealer:
    return dealer(world, "Alpha Heating")


@pytest.fixture
def beta(world: Network) -> Dealer:
    return dealer(world, "Beta Heating")


class BadNetwork:
    """Loses the answers of the first so many taps, or the taps themselves."""

    def __init__(self, page: Page, *, losses: int, arrives: bool) -> None:
        self.asked = 0
        self._losses, self._arrives = losses, arrives
        page.route("**/accept/", self._answer)

    def _answer(self, route: Route) -> None:
        self.asked += 1
        if self.asked > self._losses:
            route.continue_()
            return
        if self._arrives:
            route.fetch(**_sent_by(route.request))
        route.abort("connectionreset")


def _sent_by(request: Request) -> dict[str, Any]:
    """What a tap sends; Firefox does not tell of it, so there it is written anew."""
    if request.post_data is not None:
        return {}
    headers = {name: said for name, said in request.headers.items() if name != "content-length"}
    token = SimpleCookie(headers["cookie"])["csrftoken"].value
    return {"headers": headers, "post_data": f"csrfmiddlewaretoken={token}"}


@EVERYWHERE
@pytest.mark.parametrize("arrives", [True, False], ids=["answer-lost", "tap-lost"])
def test_asks_again_by_itself_until_there_is_an_answer(
    phone: Page, watch: Watch, world: Network, alpha: Dealer, *, arrives: bool
) -> None:
    lead = hot_lead(world, contact=ContactFactory.build(phone="+498999998123"))
    log_in(phone, alpha.email, PASSWORD)
    network = BadNetwork(phone, losses=1, arrives=arrives)

    tap(phone.get_by_role("button", name="Accept"))

    expect(phone.get_by_text(NOT_YOURS)).to_be_visible()
    expect(phone.get_by_role("button", name="Accept")).to_be_disabled()
    assert axe(phone) == []
    expect(phone.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    assert network.asked == 2
    assert facts_of(world, lead).count("offer.accepted") == 1
    watch.forgive()


@EVERYWHERE
def test_asks_as_soon_as_the_network_is_back(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    hot_lead(world)
    log_in(phone, alpha.email, PASSWORD)
    phone.context.set_offline(True)
    tap(phone.get_by_role("button", name="Accept"))
    expect(phone.get_by_text(NOT_YOURS)).to_be_visible()

    phone.context.set_offline(False)

    expect(phone.get_by_role("heading", name="Call the customer now")).to_be_visible(timeout=3_000)
    watch.forgive()


@EVERYWHERE
def test_tells_the_loser_as_soon_as_the_network_is_back(
    phone: Page, watch: Watch, world: Network, alpha: Dealer, beta: Dealer
) -> None:
    lead = hot_lead(world)
    log_in(phone, alpha.email, PASSWORD)
    phone.context.set_offline(True)
    tap(phone.get_by_role("button", name="Accept"))
    expect(phone.get_by_text(NOT_YOURS)).to_be_visible()
    (rival,) = [o for o in world.offers(lead) if o.partner_id == beta.partner.id]
    accept(rival, at=clock.now())

    phone.context.set_offline(False)

    expect(phone.get_by_text("Another partner was faster")).to_be_visible(timeout=3_000)
    expect(phone.get_by_text(NOT_YOURS)).to_have_count(0)
    assert again(lead).partner_id == beta.partner.id
    watch.forgive()


def test_stops_asking_when_told_to(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    lead = hot_lead(world)
    log_in(phone, alpha.email, PASSWORD)
    BadNetwork(phone, losses=1, arrives=False)
    phone.get_by_role("button", name="Accept").tap()

    phone.get_by_role("button", name="Stop").tap()

    expect(phone.get_by_text("We ask no more.")).to_be_visible()
    expect(phone.get_by_role("button", name="Accept")).to_be_enabled()
    assert again(lead).status == "OFFERED"
    watch.forgive()


def test_two_taps_are_one(phone: Page, world: Network, alpha: Dealer) -> None:
    lead = hot_lead(world)
    log_in(phone, alpha.email, PASSWORD)
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.url))

    phone.get_by_role("button", name="Accept").dblclick()

    expect(phone.get_by_role("heading", name="Call the customer now")).to_be_visible()
    assert len([url for url in sent if url.endswith("/accept/")]) == 1
    assert facts_of(world, lead).count("offer.accepted") == 1


def test_keeps_what_was_typed_when_feedback_does_not_arrive(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    hot_lead(world)
    log_in(phone, alpha.email, PASSWORD)
    phone.get_by_role("button", name="Accept").tap()
    phone.get_by_role("button", name="Reached", exact=True).first.tap()
    expect(phone.get_by_text("Noted: reached.")).to_be_visible()
    phone.get_by_text("Add a note").first.tap()
    phone.get_by_label("Note").first.fill("Wants a visit on Friday")
    phone.context.set_offline(True)

    phone.get_by_role("button", name="Quote sent").tap()

    expect(phone.get_by_text("What you typed is still here")).to_be_visible()
    phone.context.set_offline(False)
    # An answer that renews the page leaves the note alone.
    phone.get_by_role("button", name="Report as won").tap()
    won = phone.locator("#won-form")
    won.get_by_label("What did the customer buy for?").fill("nothing")
    won.get_by_role("button", name="Report as won").tap()
    expect(won.get_by_role("alert")).to_be_visible()
    expect(phone.get_by_label("Note").first).to_have_value("Wants a visit on Friday")
    phone.keyboard.press("Escape")
    phone.get_by_role("button", name="Quote sent").tap()
    expect(phone.get_by_text("Thank you, noted.")).to_be_visible()
    expect(phone.get_by_text("Wants a visit on Friday")).to_be_visible()
    expect(phone.get_by_label("Note").first).to_have_value("")
    watch.forgive()


def test_another_persons_acceptance_is_seen_within_two_seconds(
    open_page: OpenPage, world: Network, alpha: Dealer, beta: Dealer
) -> None:
    lead = hot_lead(world)
    phone = open_page("phone")
    log_in(phone, alpha.email, PASSWORD)
    expect(phone.get_by_role("button", name="Accept")).to_be_visible()
    (rival,) = [o for o in world.offers(lead) if o.partner_id == beta.partner.id]

    accept(rival, at=clock.now())

    expect(phone.get_by_text("Another partner was faster")).to_be_visible(timeout=3_000)
