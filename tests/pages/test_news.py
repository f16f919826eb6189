"""Whether anything is new: asked by open pages every other second, answered without a log-in."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from partners.models import Partner
from tests.factories import Network
from tests.pages.phones import SOON, Phone, counted, offer_to, phone_of, state_in, take

NEWS = "/inbox/news/"
LOOK, SAME = 200, 204


@pytest.fixture
def world(network: Network) -> Network:
    network.policy({"partners": 2})
    return network


@pytest.fixture
def partner(world: Network) -> Partner:
    return world.partner(name="Alpha Heating")


@pytest.fixture
def rival(world: Network, partner: Partner) -> Partner:
    return world.partner(name="Rival Heating")


@pytest.fixture
def phone(world: Network, partner: Partner) -> Phone:
    return phone_of(world, partner)


class Page:
    """An open page that asks for news."""

    def __init__(self, phone: Phone, path: str) -> None:
        self.phone = phone
        page = phone.open(path)
        self.state = state_in(page)
        self.leave = page.partition('data-watching="')[2].partition('"')[0].replace("&quot;", '"')

    def ask(self, *, client: Client | None = None, at: Any = SOON) -> int:
        """Ask as its script does; the answer's status."""
        headers = {"If-None-Match": self.state, "X-Watching": self.leave}
        with clock.set_to(at):
            response = (client or self.phone.client).get(NEWS, headers=headers)
        assert response.content == b""
        assert response.headers["Cache-Control"] == "no-store"
        return int(response.status_code)


@pytest.mark.parametrize("path", ["/inbox/", "/offers/{}/"])
def test_says_that_nothing_is_new_until_somebody_else_takes_the_lead(
    world: Network, partner: Partner, rival: Partner, phone: Phone, path: str
) -> None:
    offer = offer_to(world, partner)
    page = Page(phone, path.format(offer.id))

    before = page.ask()
    take(world, offer, rival)

    assert (before, page.ask()) == (SAME, LOOK)


def test_tells_an_inbox_of_a_new_offer(world: Network, partner: Partner, phone: Phone) -> None:
    page = Page(phone, "/inbox/")

    before = page.ask()
    offer_to(world, partner)

    assert (before, page.ask()) == (SAME, LOOK)


def test_asks_the_database_for_one_table_and_nobody_s_session(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer_to(world, partner)
    page = Page(phone, "/inbox/")

    with counted() as queries:
        assert page.ask() == SAME

    asked = [query["sql"] for query in queries]
    assert len([sql for sql in asked if '"leads_leadoffer"' in sql]) == 1
    for table in ("django_session", "partners_user", "partners_membership"):
        assert not any(table in sql for sql in asked), table


def test_leads_to_the_door_whoever_has_no_leave_from_this_session(
    world: Network, partner: Partner, phone: Phone
) -> None:
    page = Page(phone, "/inbox/")
    other = phone_of(world, world.partner(name="Beta Heating"))

    assert page.ask(client=Client()) == LOOK
    assert page.ask(client=other.client) == LOOK
    page.leave = page.leave.replace(":", "0:", 1)
    assert page.ask() == LOOK
    page.leave = ""
    assert page.ask() == LOOK


def test_lets_nobody_ask_for_longer_than_a_minute_and_a_half(
    partner: Partner, phone: Phone
) -> None:
    page = Page(phone, "/inbox/")

    assert page.ask(at=SOON + timedelta(seconds=89)) == SAME
    assert page.ask(at=SOON + timedelta(seconds=90)) == LOOK


@pytest.mark.parametrize("path", ["/inbox/", "/offers/{}/"])
def test_gives_leave_anew_to_a_page_that_asks_at_the_door(
    world: Network, partner: Partner, phone: Phone, path: str
) -> None:
    page = Page(phone, path.format(offer_to(world, partner).id))
    later = SOON + timedelta(seconds=60)

    response = phone.poll(path.format(offer_to(world, partner).id), page.state, at=later)
    if path == "/inbox/":
        page = Page(phone, path)
        response = phone.poll(path, page.state, at=later)
        assert response.status_code == 304
        page.leave = response.headers["X-Watching"]
        assert page.ask(at=later + timedelta(seconds=89)) == SAME
    else:
        assert response.status_code == 200
