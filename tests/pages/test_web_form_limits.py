"""Forms that are sent very often: by one address, or one form by many."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from leadhub.core.rate_limits import Limit
from leads.models import WebForm
from tests.factories import Network
from tests.pages.desks import text_of
from tests.pages.web_forms import Visitor, form_of, leads_of
from tests.valkey_server import ValkeyServer

pytestmark = pytest.mark.django_db

SLOW = 1 / 3_600


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    """One server for these tests; forms differ from test to test, and so do addresses."""
    server = ValkeyServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def limits(valkey: ValkeyServer, settings: Settings) -> Settings:
    """Two sendings from an address, three of a form."""
    settings.RATE_LIMIT_URL = valkey.url
    settings.LEADHUB_PROXIES = 1
    settings.RATE_LIMITS = {"form": Limit(SLOW, 3), "sender": Limit(SLOW, 2)}
    return settings


def visitor_at(address: str, form: WebForm) -> Visitor:
    visitor = Visitor(form)
    visitor.client.defaults["HTTP_X_FORWARDED_FOR"] = address
    return visitor


def test_asks_an_address_to_wait_and_keeps_what_was_typed(network: Network) -> None:
    visitor = visitor_at("203.0.113.1", form_of(network))

    answers = [visitor.sends(wish="My own words") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    page = text_of(answers[2])
    assert "My own words" in page
    assert "Nothing is lost" in page
    assert int(answers[2].headers["Retry-After"]) > 60
    assert len(leads_of(network)) == 2
    assert visitor_at("203.0.113.2", visitor.form).sends().status_code == 302


def test_asks_everybody_to_wait_of_a_form_that_is_flooded(network: Network) -> None:
    form, other = form_of(network), form_of(network, name="Fair")

    statuses = [visitor_at(f"198.51.100.{number}", form).sends().status_code for number in range(4)]

    assert statuses == [302, 302, 302, 429]
    assert visitor_at("198.51.100.9", other).sends().status_code == 302


def test_takes_everything_while_nobody_counts(network: Network, settings: Settings) -> None:
    settings.RATE_LIMIT_URL = "redis://127.0.0.1:1/0"
    visitor = visitor_at("203.0.113.5", form_of(network))

    assert [visitor.sends().status_code for _ in range(4)] == [302] * 4
