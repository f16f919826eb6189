"""Entering a manufacturer's provider: by whom, what is refused, what is shown of it."""

import pytest
from django.test import Client

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from partners.models import SingleSignOn
from partners.single_sign_on import save_connection
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, read
from tests.people.providers import (
    DANA,
    SECRET,
    connect,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "ftp://x.example"),
        ("issuer", "nonsense"),
        ("issuer", "https://u:p@x.example"),
        ("domain", "acme"),
        ("domain", "a b.example"),
        ("secret", ""),
    ],
)
def test_refuses_what_cannot_be(network: Network, field: str, value: str) -> None:
    given = {"issuer": "https://x.example", "client_id": "c", "secret": "s", "domain": "x.example"}

    with pytest.raises(InvalidInput) as refusal:
        save_connection(**{**given, field: value}, by=network.by, at=NOON)

    assert refusal.value.field == field


def test_shows_the_secret_never_again(network: Network) -> None:
    connect(network, "https://login.example")
    desk = at_desk(network)

    page = read(desk, "/set-up/single-sign-on/")

    assert "https://login.example" in page
    assert SECRET not in page
    with tenant_context(network.manufacturer.id):
        assert SECRET not in str(SingleSignOn.objects.values().get())


def test_keeps_the_secret_when_none_is_entered(network: Network) -> None:
    before = connect(network, "https://login.example").secret_sealed

    at_desk(network).post(
        "/set-up/single-sign-on/",
        {"issuer": "https://login.example/", "client_id": "new", "domain": "acme.example"},
    )

    with tenant_context(network.manufacturer.id):
        after = SingleSignOn.objects.get()
    assert (after.client_id, after.secret_sealed) == ("new", before)


def test_shows_the_secret_of_one_provider_to_no_other(network: Network) -> None:
    """Else an administrator, who is never shown it, has it sent to a server of theirs."""
    connect(network, "https://login.example")

    response = at_desk(network).post(
        "/set-up/single-sign-on/",
        {"issuer": "https://mine.example", "client_id": "c", "domain": "acme.example"},
    )

    assert response.status_code == 422
    assert "Enter the secret of this provider." in response.content.decode()
    with tenant_context(network.manufacturer.id):
        assert SingleSignOn.objects.get().issuer == "https://login.example"


@pytest.mark.parametrize("role", ["DISPATCHER", "ANALYST"])
def test_lets_administrators_alone_set_it_up(network: Network, role: str) -> None:
    assert at_desk(network, role).get("/set-up/single-sign-on/").status_code == 404


def test_finds_the_company_by_the_domain_whoever_has_the_address(
    network: Network, client: Client
) -> None:
    connect(network, "https://login.example")

    pages = [
        client.post("/log-in/company/", {"email": email}).content
        for email in (DANA, "nobody@acme.example")
    ]

    assert b"/log-in/with/acme/" in pages[0]
    assert pages[0] == pages[1]
