"""Single sign-on: whom a manufacturer's provider lets in, and how far."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import Settings

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from partners.invitations import invite
from partners.models import Membership, User
from partners.single_sign_on import remove_connection
from tests.acting import member, memberships_of
from tests.factories import NOON, Network
from tests.pages.acting import logged_in
from tests.people.providers import (
    DANA,
    RunningProvider,
    ask_provider,
    come_back,
    connect,
    log_in_by,
    provider_for,
)

KNOWN: dict[str, Any] = {"sub": "dana", "email": DANA, "email_verified": True, "name": "Dana"}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningProvider]:
    """The provider of the first manufacturer."""
    with provider_for("acme") as provider:
        yield provider


@pytest.fixture(autouse=True)
def on_loopback(settings: Settings) -> None:
    """Let the provider of the tests be asked: it runs on this machine."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True


@pytest.fixture
def provider(running: RunningProvider, network: Network) -> RunningProvider:
    """The provider, entered by the manufacturer."""
    connect(network, running.issuer)
    return running


def is_logged_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_lets_a_member_in_without_another_second_factor(
    provider: RunningProvider, network: Network, client: Client
) -> None:
    member(network, DANA, "DISPATCHER")
    provider.name_next(**KNOWN)

    response = log_in_by(client, "acme")

    assert response.headers["Location"] == "/"
    assert client.get("/cockpit/").status_code == 200


def test_makes_a_member_of_somebody_invited(
    provider: RunningProvider, network: Network, client: Client
) -> None:
    invite(email=DANA, role="ANALYST", by=network.by, at=clock.now())
    provider.name_next(**KNOWN)

    log_in_by(client, "acme")

    with system_context("test"):
        user = User.objects.get(email=DANA)
    assert not user.has_usable_password()
    assert [one.role for one in memberships_of(user.id)] == ["ANALYST"]
    assert client.get("/cockpit/").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "dana@elsewhere.example"},
        {"email": "dana@acme.example.evil.example"},
        {"email": "stranger@acme.example"},
        {"email": ""},
    ],
)
def test_lets_nobody_in_who_is_not_known_for_certain(
    provider: RunningProvider, network: Network, client: Client, changed: dict[str, Any]
) -> None:
    member(network, DANA, "ADMIN")
    member(network, "dana@elsewhere.example", "ADMIN")
    provider.name_next(**{**KNOWN, **changed})

    response = log_in_by(client, "acme")

    assert response.headers["Location"] == "/log-in/"
    assert not is_logged_in(client)


def test_lets_nobody_in_who_is_a_member_of_another_manufacturer_alone(
    running: RunningProvider, network: Network, other_network: Network, client: Client
) -> None:
    """The provider of one manufacturer asserts the address of another one's administrator."""
    connect(network, running.issuer, domain="globex.example")
    victim = member(other_network, "vera@globex.example", "ADMIN")
    running.name_next(**{**KNOWN, "email": "vera@globex.example"})

    log_in_by(client, "acme")

    assert not is_logged_in(client)
    assert [one.manufacturer_id for one in memberships_of(victim.user_id)] == [
        other_network.manufacturer.id
    ]


@pytest.fixture
def of_both(network: Network, other_network: Network) -> Membership:
    """Somebody who works for both manufacturers, and for a partner of the second."""
    member(network, DANA, "ANALYST")
    member(other_network, DANA, "PARTNER_MANAGER", other_network.partner())
    return member(other_network, DANA, "ADMIN")


def test_reaches_no_other_manufacturer_of_the_same_person(
    provider: RunningProvider, of_both: Membership, client: Client
) -> None:
    provider.name_next(**KNOWN)
    log_in_by(client, "acme")

    client.post("/account/manufacturer/", {"membership": str(of_both.id)})

    page = client.get("/cockpit/")
    assert page.wsgi_request.person.chosen.role == "ANALYST"  # type: ignore[attr-defined]
    assert "Globex" not in page.content.decode()
    assert "Globex" not in client.get("/account/").content.decode()
    assert client.get("/inbox/").status_code == 404
    assert client.get("/people/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/account/security/",
        "/account/security/app/",
        "/account/security/passkeys/add/",
        "/account/password/",
        "/account/password/first/",
        "/account/devices/",
        "/account/again/",
        "/invitation/",
    ],
)
def test_changes_nothing_that_protects_the_account(
    provider: RunningProvider, of_both: Membership, client: Client, address: str
) -> None:
    """Else whoever runs a provider could add a passkey, and log in by it everywhere."""
    provider.name_next(**KNOWN)
    log_in_by(client, "acme")

    for ask in (client.get, client.post):
        assert ask(address).headers["Location"] == "/account/"
    with system_context("test"):
        assert not Authenticator.objects.exists()


def test_says_in_the_persons_language_why_and_lets_nobody_keep_it(
    provider: RunningProvider, network: Network, client: Client
) -> None:
    """Whatever the browser asks for; what leads elsewhere is an answer like any other."""
    member(network, DANA, "ANALYST")
    with system_context("test"):
        User.objects.filter(email=DANA).update(language="de")
    provider.name_next(**KNOWN)
    log_in_by(client, "acme")

    response = client.get("/account/devices/", headers={"Accept-Language": "en"})

    assert response.headers["Location"] == "/account/"
    assert response.headers["Content-Language"] == "de"
    assert "no-store" in response.headers["Cache-Control"]
    (said,) = get_messages(response.wsgi_request)
    assert "über Ihr Unternehmen" in str(said)


def test_forgets_what_was_proved_in_the_browser_before(
    provider: RunningProvider, of_both: Membership
) -> None:
    client = logged_in(Client(), of_both)
    assert "Globex" in client.get("/account/").content.decode()
    provider.name_next(**KNOWN)

    log_in_by(client, "acme")

    assert "Globex" not in client.get("/account/").content.decode()


@pytest.mark.parametrize("end", ["remove", "another domain", "another provider"])
def test_logs_out_whom_a_provider_let_in_that_is_believed_no_more(
    provider: RunningProvider, network: Network, client: Client, end: str
) -> None:
    dana = member(network, DANA, "DISPATCHER")
    elsewhere = logged_in(Client(), dana)
    provider.name_next(**KNOWN)
    log_in_by(client, "acme")
    connect(network, provider.issuer)
    assert is_logged_in(client)

    if end == "remove":
        remove_connection(by=network.by, at=NOON)
    elif end == "another domain":
        connect(network, provider.issuer, domain="acme.test")
    else:
        connect(network, "https://login.example")

    assert not is_logged_in(client)
    assert is_logged_in(elsewhere)


def test_asks_the_provider_again_the_next_day_however_busy_somebody_is(
    provider: RunningProvider, network: Network, client: Client
) -> None:
    member(network, DANA, "DISPATCHER")
    provider.name_next(**KNOWN)
    log_in_by(client, "acme")

    with time_machine.travel(clock.now(), tick=False) as instant:
        seen = []
        for _ in range(13):
            instant.shift(timedelta(hours=1))
            seen.append(is_logged_in(client))

    assert seen == [True] * 11 + [False] * 2


def test_takes_no_answer_in_a_browser_that_did_not_ask(
    provider: RunningProvider, network: Network, client: Client
) -> None:
    member(network, DANA, "ADMIN")
    provider.name_next(**KNOWN)
    back = ask_provider(client.get("/log-in/with/acme/").headers["Location"])
    victim = Client()

    response = come_back(victim, back)

    assert response.headers["Location"] == "/log-in/"
    assert not is_logged_in(victim)


def test_takes_an_answer_for_one_manufacturer_at_no_other(
    running: RunningProvider, network: Network, other_network: Network, client: Client
) -> None:
    """Both entered the same provider; an answer that was asked for at one is shown at the other."""
    connect(network, running.issuer)
    connect(other_network, running.issuer)
    member(other_network, DANA, "ADMIN")
    running.name_next(**KNOWN)
    client.get("/log-in/with/globex/")
    back = ask_provider(client.get("/log-in/with/acme/").headers["Location"])

    response = come_back(client, back.replace("/acme/", "/globex/"))

    assert response.headers["Location"] == "/log-in/"
    assert not is_logged_in(client)


def test_takes_an_answer_once(provider: RunningProvider, network: Network, client: Client) -> None:
    member(network, DANA, "ADMIN")
    provider.name_next(**KNOWN)
    back = ask_provider(client.get("/log-in/with/acme/").headers["Location"])
    come_back(client, back)
    client.post("/log-out/")

    come_back(client, back)

    assert not is_logged_in(client)


def test_asks_no_provider_that_calls_itself_another_one(
    running: RunningProvider, network: Network, client: Client
) -> None:
    connect(network, running.issuer.replace("127.0.0.1", "localhost"))

    assert client.get("/log-in/with/acme/").headers["Location"] == "/log-in/"


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", "http://127.0.0.1:9/x"])
def test_says_so_when_the_provider_does_not_answer(
    network: Network, client: Client, issuer: str
) -> None:
    connect(network, issuer)

    assert client.get("/log-in/with/acme/").headers["Location"] == "/log-in/"


def test_asks_nobody_inside(
    running: RunningProvider, network: Network, client: Client, settings: Settings
) -> None:
    connect(network, running.issuer)
    settings.OUTGOING_MAY_REACH_LOOPBACK = False

    assert client.get("/log-in/with/acme/").headers["Location"] == "/log-in/"
