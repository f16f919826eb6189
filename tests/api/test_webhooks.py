"""Calls about webhooks: set up by programs of the manufacturer alone, the secret shown once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.messages import WEBHOOK, deliver
from leads.models import Webhook
from leads.webhooks import subscriptions
from leads.webhooks.fan_out import fan_out
from tests.api.calling import Api
from tests.factories import NOBODYS, Network
from tests.webhook_sink import Reply, Sink, webhook_sink

URL = "https://hooks.example.com/leadhub"


@pytest.fixture
def sink(settings: LazySettings) -> Iterator[Sink]:
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    with webhook_sink() as running:
        yield running


def made(api: Api, **fields: Any) -> Any:
    """Make a webhook; the answer."""
    answer = api.post("webhooks/", {"url": URL, **fields})
    assert answer.status == 201, answer.json
    return answer.json


def test_makes_one_and_shows_its_secret_once(api: Api, now: datetime) -> None:
    shown = made(api, name="CRM", event_types=["offer.accepted", "lead.won"])

    secret = shown.pop("secret")
    assert secret.startswith("whsec_")
    assert shown == {
        "id": shown["id"],
        "name": "CRM",
        "url": URL,
        "event_types": ["offer.accepted", "lead.won"],
        "is_active": True,
        "off_since": None,
        "off_because": None,
        "failing_since": None,
        "created_at": f"{now:%Y-%m-%dT%H:%M:%S.%f}Z",
        "previous_secret_until": None,
    }
    assert api.get(f"webhooks/{shown['id']}/").json == shown
    assert api.get("webhooks/").json["results"] == [shown]


def test_needs_no_more_than_an_address(api: Api) -> None:
    shown = made(api)

    assert shown["name"] == "hooks.example.com"
    assert shown["event_types"] == list(subscriptions.EVENT_TYPES)


def test_a_repeated_request_makes_one_and_shows_no_secret_again(api: Api) -> None:
    first = api.post("webhooks/", {"url": URL}, **{"Idempotency-Key": "once"})
    again = api.post("webhooks/", {"url": URL}, **{"Idempotency-Key": "once"})

    assert first.json["secret"].startswith("whsec_")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == {**first.json, "secret": None}
    assert len(api.get("webhooks/").json["results"]) == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["url"]),
        ({"url": "nowhere"}, ["url"]),
        ({"url": "http://hooks.example.com/"}, ["url"]),
        ({"url": "https://127.0.0.1/"}, ["url"]),
        ({"url": "https://hooks.example.com:22/"}, ["url"]),
        ({"url": f"https://hooks.example.com/{'x' * 2000}"}, ["url"]),
        ({"url": URL, "event_types": []}, ["event_types"]),
        ({"url": URL, "event_types": ["lead.eaten"]}, ["event_types"]),
        ({"url": URL, "event_types": "lead.won"}, ["event_types"]),
        ({"url": URL, "is_active": "yes"}, ["is_active"]),
        ({"url": URL, "name": "x" * 121}, ["name"]),
    ],
)
def test_says_which_field_is_wrong_and_keeps_nothing(
    api: Api, network: Network, body: dict[str, Any], fields: list[str]
) -> None:
    answer = api.post("webhooks/", body)

    assert answer.status == 400
    assert [field.partition(".")[0] for field in answer.fields] == fields
    with tenant_context(network.manufacturer.id):
        assert not Webhook.objects.exists()


def test_refuses_one_too_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST_WEBHOOKS", 1)
    made(api)

    answer = api.post("webhooks/", {"url": URL})

    assert (answer.status, answer.code) == (409, "too_many_webhooks")


def test_changes_what_is_named_and_nothing_else(api: Api) -> None:
    shown = made(api)
    path = f"webhooks/{shown['id']}/"

    changed = api.patch(path, {"name": "CRM", "event_types": ["lead.lost"]}).json
    off = api.patch(path, {"is_active": False}).json
    on = api.patch(path, {"is_active": True}).json

    assert changed["name"] == "CRM"
    assert (changed["url"], changed["event_types"]) == (URL, ["lead.lost"])
    assert (off["is_active"], off["off_because"]) == (False, "SWITCHED_OFF")
    assert (on["is_active"], on["off_because"], on["off_since"]) == (True, None, None)
    assert api.patch(path, {"url": "ftp://x"}).fields == ["url"]


def test_can_be_made_before_it_is_told_anything(api: Api) -> None:
    assert made(api, is_active=False)["is_active"] is False


def test_gives_way_to_a_new_secret(api: Api) -> None:
    shown = made(api)
    path = f"webhooks/{shown['id']}/rotate/"

    first = api.post(path)
    too_soon = api.post(path)
    at_once = api.post(path, {"overlap": 0})

    assert (first.status, at_once.status) == (201, 201)
    assert (too_soon.status, too_soon.code) == (409, "still_changing_over")
    assert len({shown["secret"], first.json["secret"], at_once.json["secret"]}) == 3
    assert first.json["previous_secret_until"] is not None
    assert at_once.json["previous_secret_until"] is None
    assert api.post(path, {"overlap": 2_592_001}).fields == ["overlap"]


def test_a_removed_one_is_not_found(api: Api) -> None:
    path = f"webhooks/{made(api)['id']}/"

    removed = api.call("DELETE", path)

    assert removed.status == 204
    assert api.get(path).status == 404
    assert api.call("DELETE", path).status == 404
    assert api.get("webhooks/").json["results"] == []


def test_another_tenants_answers_like_one_that_is_not_there(
    api: Api, other_api: Api, network: Network
) -> None:
    foreign = made(other_api)["id"]
    test = other_api.post(f"webhooks/{foreign}/test/").json["id"]

    for path in ("", "deliveries/", f"deliveries/{test}/"):
        assert api.get(f"webhooks/{foreign}/{path}").status == 404
        unknown = api.get(f"webhooks/{NOBODYS}/{path}")
        assert unknown.body == api.get(f"webhooks/{foreign}/{path}").body
    own = made(api)["id"]
    assert api.get(f"webhooks/{own}/deliveries/{test}/").status == 404
    assert api.post(f"webhooks/{own}/deliveries/{test}/replay/").status == 404


def test_partners_keys_manage_none(network: Network, now: datetime) -> None:
    partner = Api(network.key_for(network.partner()))

    for method, path in (("GET", "webhooks/"), ("POST", "webhooks/"), ("GET", "webhooks/x/")):
        assert partner.call(method, path, {"url": URL} if method == "POST" else None).status == 403


def test_tests_one_and_shows_what_it_answered(api: Api, sink: Sink) -> None:
    sink.replies = [Reply(500, body=b"not ready")]
    webhook = made(api, url=sink.url)["id"]

    asked = api.post(f"webhooks/{webhook}/test/")
    deliver(WEBHOOK)
    shown = api.get(f"webhooks/{webhook}/deliveries/{asked.json['id']}/").json

    assert (asked.status, asked.json["status"], asked.json["attempts"]) == (202, "WAITING", [])
    assert (shown["type"], shown["status"], shown["lead"]) == ("webhook.test", "FAILED", None)
    (attempt,) = shown["attempts"]
    assert (attempt["status"], attempt["problem"]) == (500, "refused")
    assert attempt["answer"] == "not ready"


def test_lists_and_replays_what_went_there(
    api: Api, network: Network, sink: Sink, now: datetime
) -> None:
    sink.replies = [Reply(410), Reply(200)]
    webhook = made(api, url=sink.url, event_types=["lead.received"])["id"]
    lead = network.lead(at=now)
    fan_out()
    deliver(WEBHOOK)
    path = f"webhooks/{webhook}/deliveries/"

    (failed,) = api.get(f"{path}?status=FAILED").json["results"]
    refused = api.post(f"{path}{failed['id']}/replay/")
    api.patch(f"webhooks/{webhook}/", {"is_active": True})
    with clock.set_to(now + timedelta(hours=1)):
        replayed = api.post(f"{path}{failed['id']}/replay/")
        deliver(WEBHOOK)

    assert (failed["type"], failed["lead"]) == ("lead.received", str(lead.id))
    assert (refused.status, refused.code) == (409, "webhook_is_off")
    assert (replayed.status, replayed.json["status"]) == (202, "WAITING")
    (taken,) = api.get(path).json["results"]
    assert (taken["id"], taken["status"]) == (failed["id"], "DELIVERED")
    assert [one["status"] for one in taken["attempts"]] == [410, 200]
    assert {one.id for one in sink.heard} == {failed["id"]}
    assert api.get(f"{path}?status=FAILED").json["results"] == []
    assert api.get(f"{path}?status=x").fields == ["status"]


def test_asks_as_often_for_ten_as_for_one(
    api: Api, network: Network, sink: Sink, now: datetime
) -> None:
    webhook = made(api, url=sink.url, event_types=["lead.received"])["id"]
    network.lead(at=now)
    fan_out()
    deliver(WEBHOOK)
    path = f"webhooks/{webhook}/deliveries/"
    with CaptureQueriesContext(connection) as one:
        api.get(path)
    for _ in range(9):
        network.lead(at=now)
    fan_out()
    deliver(WEBHOOK)

    with CaptureQueriesContext(connection) as ten:
        answer = api.get(path)

    assert len(answer.json["results"]) == 10
    assert len(ten) == len(one)
