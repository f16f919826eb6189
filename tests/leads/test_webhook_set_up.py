"""Webhooks are set up: checked, sealed, recorded; secrets rotate, hostile addresses get nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.outgoing import AddressRefused
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.models import EventType
from leads.webhooks import subscriptions
from leads.webhooks.subscriptions import (
    EVENT_TYPES,
    StillChangingOver,
    TooManyWebhooks,
    add_webhook,
    change_webhook,
    remove_webhook,
    rotate_secret,
    webhooks_visible_to,
)
from leads.webhooks.words import GROUPS, TYPE_WORDS, USUAL_TYPES
from partners.models import SetUpChange
from tests.acting import DAY, HOUR, again
from tests.contracts.catalogue import ask
from tests.core.listening import Listener, Resolver, listening
from tests.core.test_outgoing import (
    HOSTILE_ADDRESSES,
    HOSTILE_ANSWERS,
    HOSTILE_HOSTS,
    PUBLIC,
)
from tests.factories import NOON, Network
from tests.webhook_sink import Reply, Sink, webhook_sink
from tests.webhooks import ACCEPTED, RECEIVED, attempts, hook, read_log, tell, told

URL = "https://hooks.example.com/leadhub?token=abc"


@pytest.fixture
def lax(settings: LazySettings) -> None:
    """Let requests reach this machine."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True


@pytest.fixture
def sink(lax: None) -> Iterator[Sink]:
    with webhook_sink() as running:
        yield running


def changes(network: Network) -> list[SetUpChange]:
    with tenant_context(network.manufacturer.id):
        return list(SetUpChange.objects.filter(kind="webhook").order_by("recorded_at", "id"))


def test_has_words_for_every_type() -> None:
    chosen = [type_ for group in GROUPS for type_ in group.types]

    assert sorted(chosen) == sorted(EventType.values) == sorted(EVENT_TYPES)
    assert TYPE_WORDS.keys() == {*EVENT_TYPES, "webhook.test"}
    assert set(USUAL_TYPES) < set(EVENT_TYPES)


def test_is_told_of_everything_unless_said(network: Network) -> None:
    webhook, _ = add_webhook(url=URL, by=network.by, at=NOON)

    assert webhook.event_types == list(EVENT_TYPES)
    assert webhook.name == "hooks.example.com"


@pytest.mark.parametrize("types", [[], ["lead.eaten"], [RECEIVED, "x"]])
def test_refuses_types_that_there_are_not(network: Network, types: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_webhook(url=URL, event_types=types, by=network.by, at=NOON)

    assert refused.value.field == "event_types"
    assert list(webhooks_of(network)) == []


def webhooks_of(network: Network) -> list[Any]:
    with tenant_context(network.manufacturer.id):
        return list(webhooks_visible_to(network.by).order_by("id"))


def test_takes_so_many_and_no_more(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST_WEBHOOKS", 2)
    first, _ = hook(network, URL)
    hook(network, URL)

    with pytest.raises(TooManyWebhooks):
        hook(network, URL)
    remove_webhook(webhook=first, by=network.by, at=NOON)
    hook(network, URL)

    assert len(webhooks_of(network)) == 2


def test_keeps_a_secret_sealed_and_shows_it_once(network: Network) -> None:
    webhook, secret = hook(network, URL)
    renewed = rotate_secret(webhook=webhook, by=network.by, at=NOON)

    with system_context("test"):
        tables = ("leads_webhook", "partners_setupchange", "core_delivery")
        stored = str([ask(f"SELECT to_jsonb(t)::text FROM {table} t") for table in tables])

    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44
    for one in (secret, renewed):
        assert one not in stored
        assert one.removeprefix("whsec_") not in stored
    assert "token=abc" not in str([(one.before, one.after) for one in changes(network)])


def test_records_every_change(network: Network) -> None:
    webhook, _ = hook(network, URL)
    change_webhook(webhook=webhook, name="CRM", by=network.by, at=NOON)
    change_webhook(webhook=webhook, url=f"{URL}d", by=network.by, at=NOON)
    change_webhook(webhook=webhook, event_types=[ACCEPTED], by=network.by, at=NOON)
    change_webhook(webhook=webhook, is_on=False, by=network.by, at=NOON)
    change_webhook(webhook=webhook, is_on=False, by=network.by, at=NOON)
    rotate_secret(webhook=webhook, by=network.by, at=NOON)
    remove_webhook(webhook=webhook, by=network.by, at=NOON)

    told_of = [set((one.after or one.before or {}).keys()) for one in changes(network)]
    assert told_of == [
        {"name", "address", "event_types"},
        {"name"},
        {"address"},
        {"event_types"},
        {"off_because"},
        {"renewed_at"},
        {"name", "address", "event_types", "off_because"},
    ]
    assert changes(network)[-1].after is None
    assert again(webhook).url == f"{URL}d"


def test_a_removed_one_is_gone(network: Network, sink: Sink) -> None:
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    network.lead()
    read_log()

    assert remove_webhook(webhook=webhook, by=network.by, at=NOON)
    assert not remove_webhook(webhook=webhook, by=network.by, at=NOON)
    network.lead()
    tell(NOON + HOUR)

    assert webhooks_of(network) == []
    assert len(sink.heard) == 1
    assert [one.skipped for one in told(network)] == ["", "webhook_removed"]
    assert again(webhook).secret_sealed == ""
    with pytest.raises(NotVisible):
        change_webhook(webhook=webhook, name="x", by=network.by, at=NOON)


def test_both_secrets_sign_while_programs_change_over(network: Network, sink: Sink) -> None:
    webhook, old = hook(network, sink.url)
    new = rotate_secret(webhook=webhook, by=network.by, at=NOON, overlap=timedelta(hours=2))
    network.lead()
    tell(NOON + HOUR)
    network.lead()
    tell(NOON + 3 * HOUR)

    during, after = sink.heard
    assert len(during.headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        assert during.verified_by(secret, at=NOON + HOUR) == during.json
    assert len(after.headers["webhook-signature"].split(" ")) == 1
    assert after.verified_by(new, at=NOON + 3 * HOUR) == after.json


def test_no_third_secret_leaves_the_first_behind_unless_all_are_to_end(network: Network) -> None:
    webhook, _ = hook(network, URL)
    rotate_secret(webhook=webhook, by=network.by, at=NOON)

    with pytest.raises(StillChangingOver):
        rotate_secret(webhook=webhook, by=network.by, at=NOON + HOUR)
    rotate_secret(webhook=webhook, by=network.by, at=NOON + HOUR, overlap=timedelta())

    assert again(webhook).previous_sealed == ""
    rotate_secret(webhook=webhook, by=network.by, at=NOON + 2 * DAY)


def test_a_leaked_secret_ends_at_once(network: Network, sink: Sink) -> None:
    webhook, _ = hook(network, sink.url)
    new = rotate_secret(webhook=webhook, by=network.by, at=NOON, overlap=timedelta())
    network.lead()
    tell()

    (heard,) = sink.heard
    assert len(heard.headers["webhook-signature"].split(" ")) == 1
    assert heard.verified_by(new, at=NOON) == heard.json


def test_knows_enough_hostile_targets() -> None:
    assert len(HOSTILE_HOSTS) + len(HOSTILE_ADDRESSES) + len(HOSTILE_ANSWERS) >= 60


@pytest.fixture
def inside(settings: LazySettings) -> Iterator[Listener]:
    """A server that nobody may reach, though its port is among those allowed."""
    with listening() as listener:
        settings.OUTGOING_PORTS = [443, listener.port]
        yield listener


def test_adds_no_hostile_address(network: Network, inside: Listener) -> None:
    addresses = [f"https://{host}:{inside.port}/" for host in HOSTILE_HOSTS]
    addresses += [address.replace("PORT", str(inside.port)) for address in HOSTILE_ADDRESSES]

    for address in addresses:
        with pytest.raises(AddressRefused):
            hook(network, address)

    assert (webhooks_of(network), inside.connections) == ([], 0)


def test_tells_nobody_inside_where_a_name_leads_there(
    network: Network, inside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver(monkeypatch)
    resolver.known = {
        f"hooks{number}.example.com": [answer] for number, answer in enumerate(HOSTILE_ANSWERS)
    }
    monkeypatch.setattr(subscriptions, "MOST_WEBHOOKS", len(resolver.known))
    for name in resolver.known:
        hook(network, f"https://{name}:{inside.port}/")
    network.lead()

    tell()

    assert inside.connections == 0
    assert {one.last_error for one in told(network)} == {"address_refused"}
    assert len(attempts(network)) == len(HOSTILE_ANSWERS)
    assert sorted(resolver.asked) == sorted(resolver.known)


def test_tells_nobody_inside_by_a_second_answer_of_the_resolver(
    network: Network, inside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver(monkeypatch)
    resolver.known = {"hooks.example.com": [[PUBLIC], ["127.0.0.1"]]}
    hook(network, f"https://hooks.example.com:{inside.port}/")
    network.lead()

    tell()

    (message,) = told(network)
    assert (inside.connections, resolver.asked) == (0, ["hooks.example.com"])
    # The tests let nobody out, so that the address that was checked is not reached either.
    assert (message.done_at, message.last_error.partition(":")[0]) == (None, "broken")


def test_a_redirect_leads_nobody_inside(network: Network, inside: Listener, sink: Sink) -> None:
    sink.replies = [Reply(307, {"Location": f"http://127.0.0.1:{inside.port}/"})]
    hook(network, sink.url)
    network.lead()

    tell()

    assert (len(sink.heard), inside.connections) == (1, 0)
