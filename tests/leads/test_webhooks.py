"""Webhooks: a tenant's own programs are told what happens, signed, once each, and of nobody."""

import json
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks import WebhookVerificationError

from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.erasure import erase_lead
from leads.models import Lead
from leads.webhooks.subscriptions import change_webhook
from tests.acting import MINUTE, accept
from tests.factories import NOON, Network
from tests.leads.test_messages import CANARY, secret_lead
from tests.webhook_sink import Sink, webhook_sink
from tests.webhooks import ACCEPTED, RECEIVED, hook, read_log, tell, told


@pytest.fixture(autouse=True)
def lax(settings: LazySettings) -> None:
    """Let requests reach this machine."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True


@pytest.fixture
def sink() -> Iterator[Sink]:
    with webhook_sink() as running:
        yield running


def test_tells_what_happened_and_signs_it_as_the_published_library_checks(
    network: Network, sink: Sink
) -> None:
    _, secret = hook(network, sink.url, RECEIVED, ACCEPTED)
    partner = network.partner()
    lead = network.lead(external_id="CRM-7", is_test=True)
    assignment = accept(network.offers(lead)[0])

    assert tell(NOON + MINUTE) == 2

    first, second = sorted((one.json for one in sink.heard), key=lambda one: one["timestamp"])
    events = {event.type: event for event in network.events(lead)}
    assert first == {
        "type": "lead.received",
        "timestamp": "2026-03-02T12:00:00Z",
        "data": {
            "event": str(events[RECEIVED].id),
            "sequence": 1,
            "lead": str(lead.id),
            "external_id": "CRM-7",
            "partner": None,
            "assignment": None,
            "is_test": True,
        },
    }
    assert second["data"] | {"event": None, "sequence": None} == {
        **first["data"],
        "event": None,
        "sequence": None,
        "partner": str(partner.id),
        "assignment": str(assignment.id),
    }
    for one in sink.heard:
        assert one.verified_by(secret, at=NOON + MINUTE) == one.json
        assert one.headers["content-type"] == "application/json"
        assert one.path == "/hook?from=leadhub"
    assert {one.id for one in sink.heard} == {str(message.id) for message in told(network)}


def test_the_library_refuses_what_was_changed_or_signed_by_another(
    network: Network, sink: Sink
) -> None:
    hook(network, sink.url)
    _, other = hook(network, "https://elsewhere.example.com/", ACCEPTED)
    network.lead()
    tell()

    (heard,) = sink.heard
    with pytest.raises(WebhookVerificationError):
        heard.verified_by(other, at=NOON)


def test_tells_of_the_types_that_were_chosen_alone(network: Network, sink: Sink) -> None:
    hook(network, sink.url, "lead.unplaced", "lead.escalated")
    network.lead()

    tell()

    assert {one.json["type"] for one in sink.heard} == {"lead.unplaced", "lead.escalated"}


def test_tells_each_of_several(network: Network, sink: Sink) -> None:
    secrets = [hook(network, sink.url)[1] for _ in range(3)]
    network.lead()

    tell()

    assert len({one.id for one in sink.heard}) == 3
    assert len({one.body for one in sink.heard}) == 1
    assert len(secrets) == len(set(secrets))


def test_tells_nobody_of_another_tenants_leads(
    network: Network, other_network: Network, sink: Sink
) -> None:
    hook(network, sink.url)
    foreign = other_network.lead()
    own = network.lead()

    tell()

    assert [one.json["data"]["lead"] for one in sink.heard] == [str(own.id)]
    assert str(foreign.id) not in str([one.body for one in sink.heard])
    assert told(other_network) == []


def test_names_no_customer(network: Network, sink: Sink) -> None:
    hook(network, sink.url, *sorted({RECEIVED, ACCEPTED, "lead.offered", "contact.made"}))
    network.partner()
    accept(network.offers(secret_lead(network))[0])

    tell(NOON + MINUTE)

    assert len(sink.heard) == 3
    assert CANARY not in json.dumps([[one.path, one.headers, str(one.body)] for one in sink.heard])


def test_tells_each_fact_once_however_often_the_log_is_read(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    network.lead()

    made = [read_log() for _ in range(3)]
    tell()
    network.lead()
    tell()

    assert made == [1, 0, 0]
    assert len(sink.heard) == len({one.id for one in sink.heard}) == 2


def test_goes_on_where_as_many_were_read_as_are_at_once(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    for _ in range(5):
        network.lead()

    made = [read_log(limit=2) for _ in range(4)]

    assert made == [2, 2, 1, 0]
    assert len(told(network)) == 5


def test_tells_nothing_that_was_before(network: Network, sink: Sink) -> None:
    network.lead()
    hook(network, sink.url)

    assert (tell(), told(network)) == (0, [])


def test_tells_nothing_of_imported_history(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    lead = network.lead()
    with tenant_context(network.manufacturer.id):
        Lead.objects.filter(id=lead.id).update(is_imported=True)

    assert (tell(), told(network)) == (0, [])


def test_is_told_of_nothing_while_it_is_off_and_goes_on_from_then_on(
    network: Network, sink: Sink
) -> None:
    webhook, _ = hook(network, sink.url)
    waiting = network.lead()
    read_log()

    change_webhook(webhook=webhook, is_on=False, by=network.by, at=NOON)
    network.lead()
    tell()
    change_webhook(webhook=webhook, is_on=True, by=network.by, at=NOON)
    later = network.lead()
    tell()

    assert [one.json["data"]["lead"] for one in sink.heard] == [str(later.id)]
    assert [one.skipped for one in told(network)] == ["webhook_off", ""]
    assert told(network)[0].subject_id == waiting.id


def test_costs_whoever_pushes_a_lead_nothing(network: Network, sink: Sink) -> None:
    network.lead()
    with CaptureQueriesContext(connection) as without:
        network.lead()
    hook(network, sink.url)
    with CaptureQueriesContext(connection) as with_one:
        network.lead()

    assert len(with_one) == len(without)
    assert not any("webhook" in query["sql"] for query in with_one)
    assert told(network) == []


def test_tells_of_an_erasure_too(network: Network, sink: Sink) -> None:
    hook(network, sink.url, RECEIVED, "lead.erased")
    lead = network.lead()
    read_log()

    erase_lead(lead=lead, by=network.by, at=NOON)
    tell()

    assert sorted(one.json["type"] for one in sink.heard) == ["lead.erased", "lead.received"]


def test_one_that_cannot_be_sent_holds_up_no_other(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    webhook, _ = hook(network, sink.url)
    with system_context("test"):
        type(webhook).objects.filter(id=webhook.id).update(secret_sealed="of another installation")
    network.lead()

    assert tell() == 1

    assert len(sink.heard) == 1
    with system_context("test"):
        (broken,) = Delivery.objects.filter(recipient=f"webhook:{webhook.id}")
    assert broken.last_error == "broken:CannotUnseal"
