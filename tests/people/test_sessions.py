"""Devices that are logged in, and ending what they may do."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client, RequestFactory

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from partners.known_devices import is_known
from partners.memberships import remove_member
from partners.models import Membership, User
from partners.sessions import name_device
from tests.factories import NOON, Network
from tests.people.conftest import PASSWORD, REP, STAFF

DEVICES = "/account/devices/"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"


def log_in(agent: str, email: str = REP) -> Client:
    """Log in on a device."""
    client = Client(HTTP_USER_AGENT=agent)
    client.post("/log-in/", {"email": email, "password": PASSWORD})
    return client


def is_logged_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_lists_the_devices(rep: Membership) -> None:
    log_in(PHONE)
    desk = log_in(DESK)

    devices = desk.get(DEVICES).context["devices"]

    assert [(one["name"], one["is_this"]) for one in devices] == [
        ("Firefox, Linux", True),
        ("Chrome, Android", False),
    ]


def test_logs_out_the_device_that_is_named(rep: Membership) -> None:
    phone, desk, other = log_in(PHONE), log_in(DESK), log_in("")
    session = next(
        one["session"]
        for one in desk.get(DEVICES).context["devices"]
        if one["name"] == "Chrome, Android"
    )

    desk.post(DEVICES, {"session": session.pk})

    assert [is_logged_in(one) for one in (phone, desk, other)] == [False, True, True]


def test_logs_out_all_others(rep: Membership) -> None:
    phone, desk, other = log_in(PHONE), log_in(DESK), log_in("")

    desk.post(DEVICES)

    assert [is_logged_in(one) for one in (phone, desk, other)] == [False, True, False]


def test_logs_out_nobody_else(rep: Membership, dispatcher: Membership) -> None:
    staff, mine = log_in(DESK, STAFF), log_in(PHONE)
    with system_context("test"):
        session = UserSession.objects.get(user_id=dispatcher.user_id)

    response = mine.post(DEVICES, {"session": session.pk})
    mine.post(DEVICES)

    assert response.status_code == 404
    assert is_logged_in(staff)


@pytest.mark.parametrize("named", ["9" * 5_000, "9" * 19, "-1", "x", "²"])
def test_knows_no_device_by_a_number_that_is_none(rep: Membership, named: str) -> None:
    assert log_in(PHONE).post(DEVICES, {"session": named}).status_code == 404


def test_notes_when_a_device_was_seen(rep: Membership) -> None:
    phone = log_in(PHONE)
    phone.get("/inbox/")
    with system_context("test"):
        first = UserSession.objects.get().last_seen_at

    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        phone.get("/inbox/")

    with system_context("test"):
        assert UserSession.objects.get().last_seen_at > first


def test_lets_nobody_act_any_more_who_was_removed(rep: Membership, network: Network) -> None:
    phone = log_in(PHONE)
    assert phone.get("/inbox/").status_code == 200

    remove_member(membership=rep, by=network.by, at=NOON)

    assert phone.get("/inbox/").status_code == 404


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("curl/8", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_names_a_device(agent: str, name: str) -> None:
    assert name_device(agent) == name


def known_cookies(client: Client) -> list[str]:
    return [
        name
        for name, cookie in client.cookies.items()
        if name.startswith("known-") and cookie.value
    ]


def test_knows_the_device_of_whoever_logged_in(rep: Membership) -> None:
    client = log_in(PHONE)

    assert len(known_cookies(client)) == 1
    assert client.cookies[known_cookies(client)[0]]["httponly"]


def test_forgets_the_device_at_the_log_out(rep: Membership) -> None:
    client = log_in(PHONE)

    client.post("/log-out/")

    assert known_cookies(client) == []


def test_knows_no_other_device_after_the_others_were_logged_out(rep: Membership) -> None:
    phone, desk = log_in(PHONE), log_in(DESK)

    desk.post(DEVICES)

    known = {one: is_known_on(one, rep) for one in (phone, desk)}
    assert known == {phone: False, desk: True}


def is_known_on(client: Client, membership: Membership) -> bool:
    request = RequestFactory().get("/")
    request.COOKIES = {name: cookie.value for name, cookie in client.cookies.items()}
    with system_context("test"):
        user = User.objects.get(id=membership.user_id)
    return is_known(request, user, at=clock.now())
