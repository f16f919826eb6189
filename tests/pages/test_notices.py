"""How a person is told: they choose it on one page, and their browsers subscribe to it."""

import json
from datetime import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from leadhub.core.tenancy.context import system_context
from partners.devices import devices_of
from partners.models import Membership, PushDevice
from partners.notices import wishes_of
from tests.acting import member
from tests.factories import NOON, Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk, form_of, queries_of, read, text_of
from tests.pages.phones import person_of
from tests.push_service import Browser

PAGE, DEVICES = "/account/notices/", "/account/notices/devices/"
ENDPOINT = "https://push.example.com/one"


@pytest.fixture
def rep(network: Network) -> Membership:
    return person_of(network, network.partner())


@pytest.fixture
def browser(rep: Membership) -> Client:
    return logged_in(Client(), rep)


def save(client: Client, **changes: Any) -> Any:
    return client.post(PAGE, form_of(read(client, PAGE)) | changes)


def subscription(**changes: Any) -> str:
    return json.dumps({"endpoint": ENDPOINT, "keys": Browser().keys, **changes})


def subscribe(client: Client, body: str) -> Any:
    return client.post(DEVICES, body, content_type="application/json")


def test_shows_what_holds_and_changes_nothing_when_it_is_saved_as_it_is(
    browser: Client, rep: Membership
) -> None:
    assert save(browser).status_code == 302

    wishes = wishes_of(rep.user_id)
    assert wishes.channels == {
        "OFFERS": ["EMAIL", "PUSH"],
        "CHANGES": ["EMAIL"],
        "WORK": ["EMAIL", "PUSH"],
    }
    assert (wishes.quiet_from, wishes.phone) == (None, "")


def test_keeps_what_somebody_chooses(
    browser: Client, rep: Membership, settings: LazySettings
) -> None:
    settings.SMS_URL = "log:"

    answer = save(
        browser,
        phone="0151 12345678",
        quiet_from="22:00",
        quiet_until="06:30",
        offers_anytime="on",
        time_zone="Europe/Vienna",
        channels_offers=["SMS"],
        channels_changes=[],
    )

    assert answer.status_code == 302
    wishes = wishes_of(rep.user_id)
    assert wishes.phone == "+4915112345678"
    assert (wishes.quiet_from, wishes.quiet_until) == (time(22), time(6, 30))
    assert (wishes.offers_anytime, wishes.time_zone) == (True, "Europe/Vienna")
    assert wishes.channels["OFFERS"] == ["SMS"]
    assert wishes.channels["CHANGES"] == []
    assert form_of(read(browser, PAGE))["quiet_until"] == "06:30"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quiet_from": "22:00"}, "Quiet hours need a beginning and an end."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "Quiet hours cannot end as they begin."),
        ({"quiet_from": "late", "quiet_until": "7"}, "Enter a valid time."),
        ({"channels_offers": []}, "Choose at least one way."),
        ({"channels_work": ["SMS"]}, "Text messages need a number."),
        ({"channels_work": ["PIGEON"]}, "PIGEON is not one of the available choices."),
        ({"phone": "12"}, "No phone can have this number"),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices."),
    ],
)
def test_says_what_is_wrong_and_keeps_nothing(
    browser: Client,
    rep: Membership,
    settings: LazySettings,
    changes: dict[str, Any],
    words: str,
) -> None:
    settings.SMS_URL = "log:"

    answer = save(browser, **changes)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert wishes_of(rep.user_id).channels == {}


def test_asks_each_side_for_its_own_topics(network: Network, browser: Client) -> None:
    partners, desks = read(browser, PAGE), read(at_desk(network), PAGE)

    assert "New offers" in partners
    assert "The day at a glance" not in partners
    assert "The day at a glance" in desks
    assert "New offers" not in desks


def test_offers_no_text_messages_where_none_can_be_sent(browser: Client) -> None:
    assert "Text message" not in read(browser, PAGE)


def test_asks_as_often_for_ten_devices_as_for_one(browser: Client, rep: Membership) -> None:
    counts = []
    for total in (1, 9):
        for _ in range(total):
            _add(rep)
        counts.append(queries_of(browser, PAGE))

    assert counts[0] == counts[1]


def _add(membership: Membership) -> PushDevice:
    with system_context("test"):
        number = PushDevice.objects.count()
        return PushDevice.objects.create(
            user_id=membership.user_id,
            endpoint=f"{ENDPOINT}{number}",
            endpoint_digest=str(number).encode().rjust(32),
            public_key="",
            secret="",
            name="Chrome",
            added_at=NOON,
        )


def test_subscribes_the_browser_that_asks_and_ends_it_again(
    browser: Client, rep: Membership
) -> None:
    key = browser.get(DEVICES).json()["public_key"]
    first = subscribe(browser, subscription())
    again = subscribe(browser, subscription())
    (device,) = devices_of(rep.user_id)
    gone = browser.delete(
        DEVICES, json.dumps({"endpoint": ENDPOINT}), content_type="application/json"
    )

    assert len(key) == 87
    assert (first.status_code, again.status_code) == (201, 201)
    assert str(device.id) == again.json()["id"] == first.json()["id"]
    assert gone.status_code == 204
    assert devices_of(rep.user_id) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", ""),
        ("[]", ""),
        ("{}", "url"),
        ('{"endpoint": 1}', "url"),
        (subscription(endpoint="https://127.0.0.1/x"), "url"),
        (subscription(endpoint="https://push.example.com/\x00"), "url"),
        (subscription(keys=None), "keys"),
        (subscription(keys={"p256dh": "AAAA", "auth": "AAAA"}), "keys"),
        ("x" * 20_000, ""),
    ],
    ids=["nothing", "list", "empty", "number", "inside", "nul", "no-keys", "short-keys", "long"],
)
def test_refuses_what_is_no_subscription(browser: Client, body: str, field: str) -> None:
    answer = subscribe(browser, body)

    assert answer.status_code == 422
    assert answer.json()["field"] == field


def test_takes_no_subscription_that_another_site_sends(rep: Membership) -> None:
    strict = logged_in(Client(enforce_csrf_checks=True), rep)

    assert subscribe(strict, subscription()).status_code == 403
    assert devices_of(rep.user_id) == []


def test_lets_people_remove_their_own_devices_and_no_others(
    network: Network, browser: Client, rep: Membership
) -> None:
    other = member(network, "other@example.com", "PARTNER_REP", network.partner())
    mine, theirs = _add(rep), _add(other)

    removed = browser.post(f"{DEVICES}{mine.id}/remove/")
    foreign = browser.post(f"{DEVICES}{theirs.id}/remove/")

    assert (removed.status_code, foreign.status_code) == (302, 404)
    assert devices_of(rep.user_id) == []
    assert len(devices_of(other.user_id)) == 1
