"""Logging in: by password or by a code that is mailed, and choosing a new password by mail."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from leadhub.core import clock
from partners.models import Membership
from tests.acting import member
from tests.factories import Network
from tests.factors import code_of, give_app
from tests.pages.acting import logged_in
from tests.people.conftest import PASSWORD, REP, STAFF, user_of
from tests.people.letters import code_in, letters_to, link_in

NEW = "kiesel-farn-igel-646"


def type_password(client: Client, email: str, password: str = PASSWORD) -> int:
    """Try a password; 302 is success."""
    return client.post("/log-in/", {"email": email, "password": password}).status_code


def ask_for_code(client: Client, email: str) -> bytes:
    """Ask for a code; what the page says then."""
    response = client.post("/log-in/code/", {"email": email}, follow=True)
    assert response.redirect_chain == [("/log-in/code/confirm/", 302)]
    return response.content


def is_logged_in(client: Client) -> bool:
    """Tell whether the account opens."""
    return client.get("/account/").status_code == 200


def test_lets_a_partner_in_by_a_mailed_code(client: Client, rep: Membership) -> None:
    ask_for_code(client, REP)
    (letter,) = letters_to(REP)

    response = client.post("/log-in/code/confirm/", {"code": code_in(letter)})

    assert response.headers["Location"] == "/"
    assert is_logged_in(client)


def test_takes_a_code_in_the_browser_only_that_asked_for_it(
    client: Client, rep: Membership
) -> None:
    ask_for_code(client, REP)
    (letter,) = letters_to(REP)
    other = Client()

    other.post("/log-in/code/confirm/", {"code": code_in(letter)})

    assert not is_logged_in(other)


def test_takes_a_mailed_code_once(client: Client, rep: Membership) -> None:
    ask_for_code(client, REP)
    (letter,) = letters_to(REP)
    client.post("/log-in/code/confirm/", {"code": code_in(letter)})
    client.post("/log-out/")

    client.post("/log-in/code/confirm/", {"code": code_in(letter)})

    assert not is_logged_in(client)


def test_takes_no_code_after_three_wrong_ones(client: Client, rep: Membership) -> None:
    ask_for_code(client, REP)
    (letter,) = letters_to(REP)
    for _ in range(3):
        client.post("/log-in/code/confirm/", {"code": "WRONG1"})

    client.post("/log-in/code/confirm/", {"code": code_in(letter)})

    assert not is_logged_in(client)


def test_takes_no_code_that_is_older_than_ten_minutes(client: Client, rep: Membership) -> None:
    ask_for_code(client, REP)
    (letter,) = letters_to(REP)

    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        client.post("/log-in/code/confirm/", {"code": code_in(letter)})

        assert not is_logged_in(client)


def test_mails_no_code_to_a_manufacturers_people_or_strangers(
    client: Client, dispatcher: Membership, rep: Membership
) -> None:
    pages = {
        address: ask_for_code(Client(), address).replace(address.encode(), b"")
        for address in (REP, STAFF, "nobody@acme.example")
    }

    assert {address: len(letters_to(address)) for address in pages} == {
        REP: 1,
        STAFF: 0,
        "nobody@acme.example": 0,
    }
    plain = {_without_token(page) for page in pages.values()}
    assert len(plain) == 1


def test_mails_a_link_by_which_a_new_password_is_chosen(client: Client, rep: Membership) -> None:
    client.post("/password/forgotten/", {"email": REP})
    (letter,) = letters_to(REP)
    shown = client.get(link_in(letter))

    client.post(shown.headers["Location"], {"password1": NEW})

    assert type_password(Client(), REP) == 422
    assert type_password(Client(), REP, NEW) == 302


def test_takes_the_link_once(client: Client, rep: Membership) -> None:
    client.post("/password/forgotten/", {"email": REP})
    (letter,) = letters_to(REP)
    client.post(client.get(link_in(letter)).headers["Location"], {"password1": NEW})

    again = Client().get(link_in(letter))

    assert again.status_code == 200
    assert "This link is no longer valid" in again.content.decode()


def test_changes_nothing_when_the_link_is_only_opened(client: Client, rep: Membership) -> None:
    client.post("/password/forgotten/", {"email": REP})
    (letter,) = letters_to(REP)

    for method in ("get", "head", "get"):
        getattr(Client(), method)(link_in(letter), follow=True)

    assert client.get(link_in(letter)).status_code == 302
    assert type_password(Client(), REP) == 302


def test_tells_the_address_with_the_key_to_no_other_page(client: Client, rep: Membership) -> None:
    client.post("/password/forgotten/", {"email": REP})
    (letter,) = letters_to(REP)

    response = client.get(link_in(letter))

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "set-password" in response.headers["Location"]


def test_says_the_same_whether_or_not_an_address_has_an_account(
    client: Client, rep: Membership
) -> None:
    answers = [
        client.post("/password/forgotten/", {"email": email}, follow=True)
        for email in (REP, "nobody@acme.example")
    ]

    first, second = (_without_token(answer.content) for answer in answers)
    assert first == second
    assert letters_to("nobody@acme.example") == []


def test_keeps_the_second_factor_when_the_password_is_forgotten(
    client: Client, dispatcher: Membership
) -> None:
    give_app(user_of(dispatcher))
    client.post("/password/forgotten/", {"email": STAFF})
    (letter,) = letters_to(STAFF)
    client.post(client.get(link_in(letter)).headers["Location"], {"password1": NEW})

    response = client.post("/log-in/", {"email": STAFF, "password": NEW})

    assert response.headers["Location"] == "/log-in/second-factor/"
    assert not is_logged_in(client)


def test_gives_a_new_session_to_whoever_logs_in(client: Client, rep: Membership) -> None:
    ask_for_code(client, REP)
    (letter,) = letters_to(REP)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value

    client.post("/log-in/code/confirm/", {"code": code_in(letter)})

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    planted = Client()
    planted.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_logged_in(planted)


def test_gives_a_new_session_after_the_second_factor(
    client: Client, dispatcher: Membership
) -> None:
    give_app(user_of(dispatcher))
    type_password(client, STAFF)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value

    client.post("/log-in/second-factor/", {"code": code_of()})

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert is_logged_in(client)


def test_logs_out_every_other_device_when_the_password_is_changed(
    client: Client, rep: Membership
) -> None:
    other = logged_in(Client(), rep)
    type_password(client, REP)

    client.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW})

    assert is_logged_in(client)
    assert not is_logged_in(other)
    assert [letter.subject for letter in letters_to(REP)] == [
        "Der Schutz Ihres Kontos wurde geändert"
    ]


@pytest.mark.parametrize("weak", ["short", "password123"])
def test_takes_no_weak_password(client: Client, rep: Membership, weak: str) -> None:
    type_password(client, REP)

    response = client.post("/account/password/", {"oldpassword": PASSWORD, "password1": weak})

    assert response.status_code == 422
    assert type_password(Client(), REP) == 302


def test_lets_nobody_sign_up_by_themselves(client: Client, db: None) -> None:
    assert client.get("/signup/").status_code == 404
    assert client.get("/accounts/signup/").status_code == 404


def test_writes_in_the_readers_language(client: Client, network: Network) -> None:
    rep = member(network, "kim@partner.example", "PARTNER_REP", network.partner())
    logged_in(client, rep).post("/account/", {"language": "en"})

    ask_for_code(Client(), "kim@partner.example")

    (letter,) = letters_to("kim@partner.example")
    assert letter.subject.startswith("Your code to log in")


def _without_token(page: bytes) -> bytes:
    lines = [line for line in page.splitlines() if b"csrfmiddlewaretoken" not in line]
    return b"\n".join(lines)


def test_refuses_a_passkey_that_is_nested_too_deeply_to_be_read(
    client: Client, rep: Membership
) -> None:
    answer = client.post("/log-in/passkey/", {"credential": "[" * 5_000})

    assert (answer.status_code, answer["Location"]) == (302, "/log-in/")
