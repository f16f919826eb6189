"""Accounts that are closed: no way in, and none tells that there was one."""

import pytest
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib.messages import get_messages
from django.test import Client

from leadhub.core.tenancy.context import system_context
from partners.models import Membership, User
from tests.factors import code_of, give_app
from tests.people.conftest import PASSWORD, REP, user_of
from tests.people.letters import letters_to, link_in

STEP = "/log-in/second-factor/"


def close(membership: Membership) -> User:
    """Close the account of a membership."""
    with system_context("test"):
        User.objects.filter(id=membership.user_id).update(is_active=False)
    return user_of(membership)


def type_password(client: Client, password: str = PASSWORD) -> bytes:
    return client.post("/log-in/", {"email": REP, "password": password}).content


def is_logged_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_ends_what_is_logged_in(client: Client, rep: Membership) -> None:
    type_password(client)
    assert is_logged_in(client)

    close(rep)

    assert not is_logged_in(client)


def test_takes_no_password(client: Client, rep: Membership) -> None:
    close(rep)

    assert b"do not go together" in type_password(client)
    assert not is_logged_in(client)


def test_takes_no_code_of_an_app(client: Client, rep: Membership) -> None:
    give_app(user_of(rep))
    type_password(client)
    close(rep)

    client.post(STEP, {"code": code_of()})

    assert not is_logged_in(client)


@pytest.mark.parametrize("address", ["/log-in/code/", "/password/forgotten/"])
def test_gets_no_mail(client: Client, rep: Membership, address: str) -> None:
    close(rep)

    assert client.post(address, {"email": REP}).status_code == 302
    assert letters_to(REP) == []


def test_a_link_of_before_leads_nowhere(client: Client, rep: Membership) -> None:
    client.post("/password/forgotten/", {"email": REP})
    (letter,) = letters_to(REP)
    close(rep)

    page = client.get(link_in(letter), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "kiesel-farn-igel-646"})
    type_password(client, "kiesel-farn-igel-646")

    assert not is_logged_in(client)


def test_answers_a_passkey_as_one_that_nobody_knows(client: Client, rep: Membership) -> None:
    request = client.get("/log-in/").wsgi_request
    user = close(rep)

    with system_context("test"):
        response = perform_login(request, Login(user=user))

    assert response.headers["Location"] == "/log-in/"
    assert [str(one) for one in get_messages(request)] == [
        "This code is not right, or it was used already."
    ]
    assert not is_logged_in(client)
