"""Wrong passwords: how many are taken, from whom, and how long to wait."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.test.utils import override_settings

from leadhub.core import clock
from partners.models import Membership
from tests.factors import code_of, give_app
from tests.people.conftest import PASSWORD, REP, STAFF, user_of
from tests.people.letters import letters_to

HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


def try_password(password: str, *, ip: str = HERE, email: str = REP) -> tuple[int, str]:
    """Try a password; the status, and how many seconds to wait."""
    response = Client(REMOTE_ADDR=ip).post("/log-in/", {"email": email, "password": password})
    return response.status_code, response.headers.get("Retry-After", "")


def flood(*, ip: str = HERE, times: int = 5) -> None:
    for _ in range(times):
        assert try_password("wrong", ip=ip) == (422, "")


def test_refuses_the_sixth_try_and_says_how_long_to_wait(rep: Membership) -> None:
    flood()

    status, wait = try_password("wrong")

    assert status == 429
    assert 290 <= int(wait) <= 300


def test_says_it_in_words(rep: Membership) -> None:
    flood()

    page = Client(REMOTE_ADDR=HERE).post("/log-in/", {"email": REP, "password": PASSWORD})

    assert "Please try again in 5 minutes." in page.content.decode()


def test_takes_not_even_the_right_password_then(rep: Membership) -> None:
    flood()

    assert try_password(PASSWORD)[0] == 429


def test_lets_the_owner_in_from_elsewhere(rep: Membership) -> None:
    flood()

    assert try_password(PASSWORD, ip=ELSEWHERE) == (302, "")


def test_counts_all_addresses_of_one_network_together(rep: Membership) -> None:
    """Whoever has one address of IPv6 has 2^64 of them."""
    for number in range(5):
        assert try_password("wrong", ip=f"2001:db8:1:2::{number}") == (422, "")

    assert try_password("wrong", ip="2001:db8:1:2:3:4:5:6")[0] == 429
    assert try_password(PASSWORD, ip="2001:db8:1:3::1") == (302, "")


def test_lets_others_in_from_the_same_place(rep: Membership, dispatcher: Membership) -> None:
    flood()

    assert try_password(PASSWORD, email=STAFF) == (302, "")


def test_lets_the_owner_in_while_many_places_guess(rep: Membership) -> None:
    for number in range(40):
        flood(ip=f"192.0.2.{number}", times=3)

    assert try_password(PASSWORD) == (302, "")


def test_lets_the_owner_in_when_the_time_is_over(rep: Membership) -> None:
    flood()
    _, wait = try_password("wrong")

    with time_machine.travel(clock.now() + timedelta(seconds=int(wait) + 1), tick=True):
        assert try_password(PASSWORD) == (302, "")


def test_counts_an_unknown_address_alike(rep: Membership) -> None:
    for _ in range(5):
        assert try_password("wrong", email="nobody@acme.example") == (422, "")

    assert try_password("wrong", email="nobody@acme.example")[0] == 429


def test_refuses_more_addresses_than_a_person_has(rep: Membership) -> None:
    statuses = [try_password("wrong", email=f"a{n}@acme.example")[0] for n in range(31)]

    assert statuses == [422] * 30 + [429]


def test_refuses_the_sixth_code_and_says_how_long_to_wait(dispatcher: Membership) -> None:
    give_app(user_of(dispatcher))
    client = Client()
    client.post("/log-in/", {"email": STAFF, "password": PASSWORD})
    for _ in range(5):
        assert client.post("/log-in/second-factor/", {"code": "000000"}).status_code == 422

    response = client.post("/log-in/second-factor/", {"code": code_of()})

    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 300


@pytest.mark.parametrize("address", ["/log-in/code/", "/password/forgotten/"])
def test_lets_the_owner_have_a_mail_while_somebody_asks_for_many(
    rep: Membership, address: str
) -> None:
    answers = [Client(REMOTE_ADDR=HERE).post(address, {"email": REP}) for _ in range(12)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429] * 7
    assert int(answers[-1].headers["Retry-After"]) > 500
    assert len(letters_to(REP)) == 5
    assert Client(REMOTE_ADDR=ELSEWHERE).post(address, {"email": REP}).status_code == 302
    assert len(letters_to(REP)) == 6


@pytest.mark.parametrize("address", ["/log-in/code/", "/password/forgotten/"])
def test_floods_no_mailbox_from_many_places(rep: Membership, address: str) -> None:
    for number in range(30):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(address, {"email": REP})

    assert len(letters_to(REP)) == 20


AWAY = {
    "default": {
        "BACKEND": "leadhub.core.caching.PatientCache",
        "LOCATION": "redis://127.0.0.1:1/0",  # where nobody listens
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
    }
}


def test_lets_people_in_while_redis_is_away(
    dispatcher: Membership, caplog: pytest.LogCaptureFixture
) -> None:
    give_app(user_of(dispatcher))
    client = Client()

    with override_settings(CACHES=AWAY):
        client.post("/log-in/", {"email": STAFF, "password": PASSWORD})
        response = client.post("/log-in/second-factor/", {"code": code_of()})

    assert response.headers["Location"] == "/"
    assert "Redis does not answer" in caplog.text
    assert STAFF not in caplog.text


def test_counts_by_itself_while_redis_is_away(rep: Membership) -> None:
    with override_settings(CACHES=AWAY):
        flood()

        assert try_password(PASSWORD)[0] == 429


def test_answers_a_flood_with_a_page_that_says_when_to_try_again(rep: Membership) -> None:
    client = Client(REMOTE_ADDR=HERE)
    answers = [
        client.post("/log-in/", {"email": f"a{number}@acme.example", "password": "wrong"})
        for number in range(61)
    ]

    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == "60"
    assert "in a minute" in answers[-1].content.decode()
