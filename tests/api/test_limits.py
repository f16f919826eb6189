"""Too many requests of a program are told when to come back, and others are not held up."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from leadhub.core.rate_limits import Limit
from tests.api.calling import Api
from tests.factories import Network
from tests.pages.desks import at_desk, text_of
from tests.valkey_server import ValkeyServer

SLOW = 1 / 3_600
LOG_IN = {"email": "nobody@example.com", "password": "wrong"}


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    """One server for these tests; names differ from test to test."""
    server = ValkeyServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def limits(valkey: ValkeyServer, settings: Settings) -> Settings:
    """Two requests each, but for addresses."""
    settings.RATE_LIMIT_URL = valkey.url
    settings.LEADHUB_PROXIES = 1
    settings.RATE_LIMITS = {
        "key": Limit(SLOW, 2),
        "account": Limit(SLOW, 2),
        "address": Limit(SLOW, 2),
    }
    return settings


def test_a_key_is_told_to_wait(api: Api) -> None:
    answers = [api.get("leads/") for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    refused = answers[2]
    assert refused.code == "too_many_requests"
    assert int(refused.headers["Retry-After"]) > 1_000
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_key_is_told_how_much_is_left(api: Api) -> None:
    answers = [api.get(path) for path in ("leads/", "leads/unknown/", "leads/")]

    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"key";r=1;t=1',
        '"key";r=0;t=1',
        '"key";r=0;t=3600',
    ]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=2;w=7200'


def test_one_key_does_not_use_up_anothers(api: Api, network: Network) -> None:
    other = Api(network.key_for(network.partner()))

    assert [api.get("leads/").status for _ in range(3)][-1] == 429
    assert other.get("leads/").status == 200


def test_keys_of_one_tenant_share_its_limit(
    api: Api, network: Network, other_api: Api, limits: Settings
) -> None:
    limits.RATE_LIMITS = {"tenant": Limit(SLOW, 2)}
    partner = Api(network.key_for(network.partner()))

    statuses = [program.get("leads/").status for program in (api, partner, api, other_api)]

    assert statuses == [200, 200, 429, 200]


def test_guessing_keys_is_limited_by_address_and_valid_keys_are_not(api: Api) -> None:
    guess = Api("lh_000000000000_" + "x" * 43)
    for program in (guess, api):
        program.client.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.7"

    guessed = [guess.get("leads/").status for _ in range(3)]

    assert guessed == [401, 401, 429]
    assert api.get("leads/").status == 200


def test_an_address_is_the_one_that_the_proxy_saw(db: None) -> None:
    statuses = []
    for claimed in range(3):
        guess = Api("lh_000000000000_" + "x" * 43)
        forwarded = f"10.0.0.{claimed}, 198.51.100.8"
        guess.client.defaults["HTTP_X_FORWARDED_FOR"] = forwarded
        statuses.append(guess.get("leads/").status)

    assert statuses == [401, 401, 429]


def test_addresses_of_one_network_of_ipv6_are_one(db: None) -> None:
    statuses = []
    for number in range(3):
        guess = Api("lh_000000000000_" + "x" * 43)
        guess.client.defaults["HTTP_X_FORWARDED_FOR"] = f"2001:db8:9:9::{number}"
        statuses.append(guess.get("leads/").status)

    assert statuses == [401, 401, 429]


def test_a_person_is_asked_to_wait(network: Network) -> None:
    desk = at_desk(network)

    answers = [desk.get("/leads/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "One moment, please" in text_of(answers[2])
    assert int(answers[2].headers["Retry-After"]) > 1_000
    assert "no-store" in answers[2].headers["Cache-Control"]


@pytest.mark.django_db
def test_logging_in_is_limited_by_address() -> None:
    near, far = (
        Client(HTTP_X_FORWARDED_FOR=address) for address in ("198.51.100.9", "203.0.113.9")
    )

    statuses = [near.post("/log-in/", LOG_IN).status_code for _ in range(3)]

    assert statuses == [422, 422, 429]
    assert near.get("/log-in/").status_code == 200
    assert far.post("/log-in/", LOG_IN).status_code == 422


@pytest.mark.django_db
def test_opening_invitations_is_limited_by_address() -> None:
    """Each that is opened, whether there is one or not, keeps something in a session."""
    client = Client(HTTP_X_FORWARDED_FOR="198.51.100.10")

    statuses = [client.get(f"/invitations/{number}/").status_code for number in range(3)]

    assert statuses == [302, 302, 429]
