"""Second factors: who needs one, how it is set up, asked for, and kept."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from partners.models import Membership
from partners.second_factors import take_off
from tests.factors import SECRET, code_of, give_app
from tests.pages.acting import by_script
from tests.people.conftest import PASSWORD, REP, STAFF, user_of
from tests.people.letters import letters_to

SECURITY, APP, STEP = "/account/security/", "/account/security/app/", "/log-in/second-factor/"


def log_in(client: Client, email: str) -> str:
    """Log in by password; where that leads."""
    response = client.post("/log-in/", {"email": email, "password": PASSWORD})
    return str(response.headers["Location"])


def add_app(client: Client) -> str:
    """Add an authenticator app; its secret."""
    page = client.get(APP)
    secret = str(page.context["form"].secret)
    response = client.post(APP, {"code": code_of(secret)})
    assert response.status_code == 302, response.content.decode()
    return secret


def factors_of(membership: Membership) -> set[str]:
    """The kinds of factors that somebody has."""
    with system_context("test"):
        found = Authenticator.objects.filter(user_id=membership.user_id)
        return set(found.values_list("type", flat=True))


@pytest.mark.parametrize("address", ["/cockpit/", "/leads/", "/partners/", "/set-up/"])
def test_leads_staff_without_one_to_set_one_up(
    client: Client, dispatcher: Membership, address: str
) -> None:
    log_in(client, STAFF)

    response = client.get(address)

    assert response.headers["Location"] == SECURITY
    assert client.get(SECURITY).context["has_factor"] is False


def test_leads_a_script_there_as_well(client: Client, dispatcher: Membership) -> None:
    log_in(client, STAFF)

    response = client.get("/leads/", headers=by_script("/leads/"))

    assert response.headers["HX-Redirect"] == SECURITY


def test_opens_the_desk_once_an_app_is_set_up(client: Client, dispatcher: Membership) -> None:
    log_in(client, STAFF)

    add_app(client)

    assert client.get("/cockpit/").status_code == 200
    assert factors_of(dispatcher) == {"totp", "recovery_codes"}


def test_asks_for_it_at_the_next_log_in(client: Client, dispatcher: Membership) -> None:
    log_in(client, STAFF)
    secret = add_app(client)
    again = Client()

    assert log_in(again, STAFF) == STEP
    assert again.get("/cockpit/").headers["Location"].startswith("/log-in/")
    again.post(STEP, {"code": code_of(secret, steps=1)})

    assert again.get("/cockpit/").status_code == 200


@pytest.mark.parametrize(
    "code", ["000000", "", "abc", code_of(steps=-10)], ids=["zeros", "nothing", "letters", "old"]
)
def test_takes_no_wrong_code(client: Client, dispatcher: Membership, code: str) -> None:
    give_app(user_of(dispatcher))
    log_in(client, STAFF)

    response = client.post(STEP, {"code": code})

    assert response.status_code == 422
    assert client.get("/cockpit/").status_code == 302


def test_takes_a_code_once(client: Client, dispatcher: Membership) -> None:
    give_app(user_of(dispatcher))
    code = code_of()
    log_in(client, STAFF)
    client.post(STEP, {"code": code})
    other = Client()
    log_in(other, STAFF)

    response = other.post(STEP, {"code": code})

    assert response.status_code == 422


def test_takes_a_code_once_as_long_as_it_is_valid(client: Client, dispatcher: Membership) -> None:
    give_app(user_of(dispatcher))
    with time_machine.travel(clock.now(), tick=False) as instant:
        ahead = code_of(steps=1)
        log_in(client, STAFF)
        client.post(STEP, {"code": ahead})
        instant.shift(timedelta(seconds=45))
        other = Client()
        log_in(other, STAFF)

        response = other.post(STEP, {"code": ahead})

    assert response.status_code == 422


def test_takes_a_recovery_code_once(client: Client, dispatcher: Membership) -> None:
    log_in(client, STAFF)
    add_app(client)
    shown = client.get("/account/security/recovery-codes/").context["unused_codes"]
    first, second = Client(), Client()
    log_in(first, STAFF)
    log_in(second, STAFF)

    answers = [one.post(STEP, {"code": shown[0]}).status_code for one in (first, second)]

    assert answers == [302, 422]
    assert first.get("/cockpit/").status_code == 200


def test_shows_recovery_codes_once(client: Client, dispatcher: Membership) -> None:
    log_in(client, STAFF)
    add_app(client)
    codes = client.get("/account/security/recovery-codes/").context["unused_codes"]

    page = client.get("/account/security/recovery-codes/").content.decode()

    assert len(codes) == 10
    assert not any(code in page for code in codes)


def test_lets_staff_not_remove_the_only_one(client: Client, dispatcher: Membership) -> None:
    log_in(client, STAFF)
    add_app(client)

    client.post("/account/security/app/remove/")

    assert "totp" in factors_of(dispatcher)


def test_lets_partners_do_without(client: Client, rep: Membership) -> None:
    log_in(client, REP)

    assert client.get("/inbox/").status_code == 200


def test_lets_partners_have_one_and_asks_for_it(client: Client, rep: Membership) -> None:
    log_in(client, REP)
    secret = add_app(client)
    again = Client()

    assert log_in(again, REP) == STEP
    again.post(STEP, {"code": code_of(secret, steps=1)})

    assert again.get("/inbox/").status_code == 200


def test_lets_partners_remove_it(client: Client, rep: Membership) -> None:
    log_in(client, REP)
    add_app(client)

    client.post("/account/security/app/remove/")

    assert factors_of(rep) == set()


def test_asks_who_it_is_before_a_factor_is_added_later(
    client: Client, dispatcher: Membership
) -> None:
    log_in(client, STAFF)

    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        response = client.get(APP)

        assert response.headers["Location"].startswith("/account/again/")
        client.post("/account/again/", {"password": PASSWORD})
        assert client.get(APP).status_code == 200


def test_asks_an_older_session_for_a_factor_that_was_added_elsewhere(
    client: Client, dispatcher: Membership
) -> None:
    log_in(client, STAFF)
    give_app(user_of(dispatcher))

    asked = client.get(client.get("/cockpit/").headers["Location"]).headers["Location"]
    client.post(asked, {"code": code_of()})

    assert asked == "/account/again/code/?next=%2F"
    assert client.get("/cockpit/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/account/security/app/remove/",
        "/account/security/recovery-codes/new/",
        "/account/security/passkeys/add/",
        "/account/password/",
        "/account/devices/",
        "/account/again/",
    ],
)
def test_lets_an_older_session_change_nothing_by_the_password_alone(
    client: Client, rep: Membership, address: str
) -> None:
    """Somebody who knew the password was in before the owner added a second factor."""
    log_in(client, REP)
    give_app(user_of(rep))
    client.post("/account/again/", {"password": PASSWORD})

    answers = [ask(address).headers["Location"] for ask in (client.get, client.post)]

    assert [answer.partition("?")[0] for answer in answers] == ["/account/again/code/"] * 2
    assert factors_of(rep) == {"totp"}
    client.post(answers[0], {"code": code_of()})
    assert client.get(address).status_code == 200


def test_keeps_the_secret_sealed(dispatcher: Membership) -> None:
    app = give_app(user_of(dispatcher))

    assert SECRET not in str(app.data)


def test_shows_a_person_no_factor_of_somebody_else(
    client: Client, dispatcher: Membership, rep: Membership
) -> None:
    app = give_app(user_of(dispatcher))
    log_in(client, REP)

    response = client.post(f"/account/security/passkeys/{app.pk}/remove/")

    assert response.status_code == 404
    assert "totp" in factors_of(dispatcher)


@pytest.mark.parametrize(
    ("language", "told"),
    [("de", "alle zweiten Faktoren"), ("en", "all second factors and recovery codes were removed")],
)
def test_tells_whose_factors_were_reset(dispatcher: Membership, language: str, told: str) -> None:
    user = user_of(dispatcher)
    user.language = language
    with system_context("test"):
        user.save(update_fields=["language"])
    give_app(user)

    assert take_off(STAFF.upper())
    assert take_off(STAFF)

    (letter,) = letters_to(STAFF)
    assert told in letter.body
    assert factors_of(dispatcher) == set()
