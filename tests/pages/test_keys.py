"""API keys at the desk: made, shown once, replaced and revoked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from partners.keys import find_key_holder, issue_key, prefix_of
from partners.models import ApiKey
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, queries_of, read, text_of

KEYS = "/set-up/keys/"
TOKEN = re.compile(r"lh_[0-9a-f]{12}_[\w-]{43}")
WEBSITE = {"name": "Website", "scopes": ["leads:write"], "life": "30"}


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look at noon."""
    with clock.set_to(NOON):
        yield


def key_of(network: Network, token: str) -> ApiKey:
    with tenant_context(network.manufacturer.id):
        return ApiKey.objects.get(prefix=prefix_of(token))


def make(desk: Client, address: str = f"{KEYS}new/", **changes: Any) -> str:
    """Fill in the form; the key as the page shows it."""
    response = desk.post(address, {**WEBSITE, **changes})
    assert response.status_code == 200, text_of(response)
    found = TOKEN.search(text_of(response))
    assert found
    return found[0]


def test_a_new_key_is_shown_once_and_works(network: Network) -> None:
    desk = at_desk(network)

    response = desk.post(f"{KEYS}new/", WEBSITE)

    assert "no-store" in response.headers["Cache-Control"]
    token = TOKEN.findall(text_of(response))[0]
    holder = find_key_holder(token, at=NOON)
    assert holder is not None
    assert (holder.kind, holder.scopes) == ("manufacturer", frozenset({"leads:write"}))
    key = key_of(network, token)
    assert key.expires_at == NOON + timedelta(days=30)
    for address in (KEYS, f"{KEYS}{key.id}/"):
        page = read(desk, address)
        assert f"lh_{key.prefix}" in page
        assert not TOKEN.search(page)


def test_a_partners_key_acts_for_the_partner(network: Network) -> None:
    desk, partner = at_desk(network), network.partner(name="Huber Heating")
    address = f"{KEYS}new/?partner={partner.id}"
    assert "The key acts for Huber Heating." in read(desk, address)

    token = make(desk, address, scopes=["offers:act"])

    holder = find_key_holder(token, at=NOON)
    assert holder is not None
    assert (holder.actor.partner_id, holder.scopes) == (partner.id, frozenset({"offers:act"}))
    assert "acts for Huber Heating" in read(desk, KEYS)


def test_a_foreign_partner_gets_no_key(network: Network, other_network: Network) -> None:
    desk, foreign = at_desk(network), other_network.partner()

    assert desk.post(f"{KEYS}new/?partner={foreign.id}", WEBSITE).status_code == 404
    assert desk.get(f"{KEYS}new/?partner=x").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"scopes": []}, "Choose at least one thing."),
        ({"scopes": ["offers:act"]}, "Select a valid choice."),
        ({"life": "7"}, "Select a valid choice."),
    ],
)
def test_says_what_is_wrong_at_the_field(
    network: Network, changes: dict[str, Any], words: str
) -> None:
    response = at_desk(network).post(f"{KEYS}new/", {**WEBSITE, **changes})

    assert response.status_code == 422
    assert words in text_of(response)


def test_a_third_key_of_a_name_is_refused_at_the_name(network: Network) -> None:
    desk = at_desk(network)
    make(desk), make(desk)

    response = desk.post(f"{KEYS}new/", WEBSITE)

    assert response.status_code == 422
    assert "Two keys of this name are live." in text_of(response)


def test_a_key_is_replaced_without_a_gap(network: Network) -> None:
    desk = at_desk(network)
    old = key_of(network, make(desk, life=""))

    response = desk.post(f"{KEYS}{old.id}/rotate/", {"overlap": "7"})

    successor = TOKEN.findall(text_of(response))[0]
    assert find_key_holder(successor, at=NOON) is not None
    with tenant_context(network.manufacturer.id):
        old.refresh_from_db()
    assert old.expires_at == NOON + timedelta(days=7)
    again = desk.post(f"{KEYS}{old.id}/rotate/", {"overlap": "7"}, follow=True)
    assert "Two keys of this name are live." in text_of(again)


def test_a_revoked_key_is_over_and_said_to_be(network: Network) -> None:
    desk = at_desk(network)
    token = make(desk)
    key = key_of(network, token)

    page = text_of(desk.post(f"{KEYS}{key.id}/revoke/", follow=True))

    assert find_key_holder(token, at=NOON) is None
    assert "The key was revoked" in page
    assert "Keys that are over" in page
    assert "Revoke this key" not in read(desk, f"{KEYS}{key.id}/")


def test_another_manufacturers_key_is_not_there(network: Network, other_network: Network) -> None:
    desk, foreign = at_desk(network), key_of(other_network, other_network.api_key)

    statuses = [
        desk.get(f"{KEYS}{foreign.id}/").status_code,
        desk.post(f"{KEYS}{foreign.id}/revoke/").status_code,
        desk.post(f"{KEYS}{foreign.id}/rotate/", {"overlap": "0"}).status_code,
    ]

    assert statuses == [404, 404, 404]
    assert find_key_holder(other_network.api_key, at=NOON) is not None


def test_shows_many_keys_with_as_many_queries_as_one(network: Network) -> None:
    desk = at_desk(network)
    issue_key(name="0", by=network.by, at=NOON, partner=network.partner())
    few = queries_of(desk, KEYS)
    for number in range(1, 10):
        issue_key(name=str(number), by=network.by, at=NOON, partner=network.partner())

    assert queries_of(desk, KEYS) == few


def test_says_so_when_there_is_no_key(network: Network) -> None:
    with tenant_context(network.manufacturer.id):
        ApiKey.objects.all().delete()

    assert "No program has a key" in read(at_desk(network), KEYS)


def test_leads_to_the_keys_whom_they_concern(network: Network) -> None:
    assert KEYS in read(at_desk(network), "/set-up/")
    assert KEYS not in read(at_desk(network, "ANALYST"), "/set-up/")
