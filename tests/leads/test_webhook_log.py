"""The log of webhooks: every attempt for 30 days, tests, sending again, and nothing of anybody."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings

from leadhub.core.errors import NotVisible
from leadhub.core.ids import first_id_at
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context, tenant_context
from leads import tasks
from leads.erasure import erase_lead
from leads.models import Webhook, WebhookAttempt, WebhookStanding
from leads.undelivered import undelivered_visible_to
from leads.webhooks.log import (
    WebhookIsOff,
    complete_messages,
    forget_old,
    messages_visible_to,
    send_again,
    send_test,
)
from leads.webhooks.subscriptions import change_webhook, remove_webhook
from tests.acting import DAY, HOUR, MINUTE, again
from tests.factories import NOBODYS, NOON, Network
from tests.webhook_sink import Reply, Sink, webhook_sink
from tests.webhooks import attempts, hook, read_log, standing_of, tell, tell_until_the_end, told


@pytest.fixture(autouse=True)
def lax(settings: LazySettings) -> None:
    """Let requests reach this machine."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True


@pytest.fixture
def sink() -> Iterator[Sink]:
    with webhook_sink() as running:
        yield running


def log_of(network: Network, webhook: Webhook, status: str | None = None) -> list[Any]:
    """Read the log as it is shown."""
    with tenant_context(network.manufacturer.id):
        found = list(messages_visible_to(network.by, webhook=webhook, status=status).order_by("id"))
        complete_messages(found)
    return found


def test_shows_every_attempt_with_what_was_answered(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(500, body=b"our database is away"), Reply(200, body=b"thanks")]
    webhook, _ = hook(network, sink.url)
    lead = network.lead()
    tell()
    (waiting,) = log_of(network, webhook)
    tell(waiting.due_at)

    (message,) = log_of(network, webhook)

    assert (waiting.status, waiting.next_attempt_at) == ("WAITING", waiting.due_at)
    assert (message.status, message.next_attempt_at) == ("DELIVERED", None)
    assert message.lead_id == lead.id
    assert [(one.status, one.problem, one.answer) for one in message.log] == [
        (500, "refused", "our database is away"),
        (200, "", "thanks"),
    ]


def test_sorts_messages_by_what_became_of_them(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(200), Reply(410)]
    webhook, _ = hook(network, sink.url)
    taken = network.lead()
    tell()
    failed, dropped = network.lead(), network.lead()
    read_log()
    with tenant_context(network.manufacturer.id):
        Delivery.objects.filter(subject_id=dropped.id).update(due_at=NOON + HOUR)
    tell()
    tell(NOON + HOUR)

    found = {
        status: [one.lead_id for one in log_of(network, webhook, status)]
        for status in ("DELIVERED", "FAILED", "DROPPED", "WAITING")
    }

    assert found == {
        "DELIVERED": [taken.id],
        "FAILED": [failed.id],
        "DROPPED": [dropped.id],
        "WAITING": [],
    }


def test_sends_again_under_the_old_id_with_all_attempts_before_it(
    network: Network, sink: Sink
) -> None:
    sink.replies = [Reply(500)]
    webhook, secret = hook(network, sink.url)
    network.lead()
    read_log()
    (message,) = told(network)
    tell_until_the_end(message)
    change_webhook(webhook=webhook, is_on=True, by=network.by, at=NOON + 4 * DAY)
    sink.replies = [Reply(500), Reply(200)]

    send_again(webhook=again(webhook), message_id=message.id, by=network.by, at=NOON + 4 * DAY)
    tell(NOON + 4 * DAY)
    tell(again(message).due_at)

    sent = again(message)
    assert (sent.failed_at, sent.attempts, sent.last_error) == (None, 2, "")
    assert sent.done_at is not None
    assert {one.id for one in sink.heard} == {str(message.id)}
    assert sink.heard[-1].verified_by(secret, at=sent.done_at) == sink.heard[0].json
    assert len(log_of(network, webhook)[0].log) == 12


def test_sends_again_what_was_taken(network: Network, sink: Sink) -> None:
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    (message,) = told(network)

    send_again(webhook=webhook, message_id=message.id, by=network.by, at=NOON + HOUR)
    tell(NOON + HOUR)

    first, second = sink.heard
    assert (first.id, first.body) == (second.id, second.body)


def test_tries_now_what_waits_and_counts_on(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(500), Reply(200)]
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    (message,) = told(network)

    send_again(webhook=webhook, message_id=message.id, by=network.by, at=NOON)
    tell(NOON)

    assert (again(message).done_at, again(message).attempts) == (NOON, 2)


def test_leaves_alone_what_is_on_its_way(network: Network, sink: Sink) -> None:
    webhook, _ = hook(network, sink.url)
    network.lead()
    read_log()
    (message,) = told(network)
    with tenant_context(network.manufacturer.id):
        Delivery.objects.filter(id=message.id).update(claimed_until=NOON + MINUTE, attempts=1)

    send_again(webhook=webhook, message_id=message.id, by=network.by, at=NOON)

    assert again(message).claimed_until == NOON + MINUTE


def test_sends_nothing_again_to_one_that_is_off(network: Network, sink: Sink) -> None:
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    (message,) = told(network)
    off = change_webhook(webhook=webhook, is_on=False, by=network.by, at=NOON)

    with pytest.raises(WebhookIsOff):
        send_again(webhook=off, message_id=message.id, by=network.by, at=NOON)


def test_sends_again_nothing_that_is_another_webhooks(
    network: Network, other_network: Network, sink: Sink
) -> None:
    webhook, _ = hook(network, sink.url)
    foreign, _ = hook(other_network, sink.url)
    network.lead()
    other_network.lead()
    tell()
    (message,) = told(other_network)

    for message_id in (message.id, UUID(NOBODYS)):
        with pytest.raises(NotVisible):
            send_again(webhook=webhook, message_id=message_id, by=network.by, at=NOON)
    with pytest.raises(NotVisible):
        send_again(webhook=foreign, message_id=message.id, by=network.by, at=NOON)

    assert again(message).done_at == NOON


@pytest.mark.parametrize("is_on", [True, False])
def test_sends_a_test_once_whether_it_is_on_or_off(
    network: Network, sink: Sink, *, is_on: bool
) -> None:
    sink.replies = [Reply(503, {"Retry-After": "600"}, b"not now")]
    webhook, secret = hook(network, sink.url)
    change_webhook(webhook=webhook, is_on=is_on, by=network.by, at=NOON)

    test = send_test(webhook=webhook, by=network.by, at=NOON)
    same = send_test(webhook=webhook, by=network.by, at=NOON)
    tell()
    tell(NOON + DAY)

    assert test.id == same.id
    (heard,) = sink.heard
    assert heard.verified_by(secret, at=NOON) == {
        "type": "webhook.test",
        "timestamp": "2026-03-02T12:00:00Z",
        "data": {"webhook": str(webhook.id)},
    }
    (message,) = log_of(network, webhook)
    assert message.status == "FAILED"
    assert [(one.status, one.answer) for one in message.log] == [(503, "not now")]


def test_a_test_says_nothing_about_how_a_webhook_stands(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(410)]
    webhook, _ = hook(network, sink.url)

    send_test(webhook=webhook, by=network.by, at=NOON)
    tell()

    assert again(webhook).off_since is None
    assert standing_of(webhook).failing_since is None


def test_what_no_program_took_is_no_message_to_people(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(410)]
    hook(network, sink.url)
    network.lead()
    tell()

    assert told(network)[0].failed_at == NOON
    with tenant_context(network.manufacturer.id):
        assert list(undelivered_visible_to(network.by)) == []


def test_forgets_answers_with_the_lead_and_keeps_none_afterwards(
    network: Network, sink: Sink
) -> None:
    sink.replies = [Reply(200, body=b"updated Erika Beispiel")]
    hook(network, sink.url, "lead.received", "lead.erased")
    lead, other = network.lead(), network.lead()
    tell()
    before = [one.answer for one in attempts(network)]

    erase_lead(lead=lead, by=network.by, at=NOON)
    tell()

    assert before == ["updated Erika Beispiel"] * 2
    kept = {(one.lead_id, one.answer) for one in attempts(network)}
    assert kept == {(lead.id, ""), (other.id, "updated Erika Beispiel")}
    assert len(attempts(network)) == 3


def made_at(network: Network, at: datetime) -> None:
    """Let the messages and attempts there are have been made then."""
    with system_context("test"):
        for model in (Delivery, WebhookAttempt):
            for number, row in enumerate(model.objects.order_by("id")):
                earlier = UUID(int=first_id_at(at).int + number)
                if getattr(row, "channel", "WEBHOOK") == "WEBHOOK":
                    model.objects.filter(id=row.id).update(id=earlier)


def test_forgets_all_of_it_after_30_days(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(200), Reply(410)]
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    network.lead()
    tell()
    made_at(network, NOON)
    remove_webhook(webhook=webhook, by=network.by, at=NOON)

    early = forget_old(at=NOON + 29 * DAY)
    gone = forget_old(at=NOON + 31 * DAY)

    assert (early, gone) == (0, 5)
    assert (told(network), attempts(network)) == ([], [])
    with system_context("test"):
        assert (Webhook.objects.count(), WebhookStanding.objects.count()) == (0, 0)


def test_keeps_what_waits_however_old(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    network.lead()
    read_log()
    made_at(network, NOON)

    forget_old(at=NOON + 90 * DAY)

    assert len(told(network)) == 1


def test_is_worked_by_the_tasks_as_by_the_timers(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    network.lead()

    made = tasks.fan_out()
    sent = tasks.deliver("WEBHOOK")

    assert (made, sent, tasks.forget_old_webhooks()) == (1, 1, 0)
    assert len(sink.heard) == 1
