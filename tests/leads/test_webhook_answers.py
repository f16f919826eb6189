"""What webhooks make of answers: tried again, held back, given up, switched off with a notice."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from socket import socket
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail

from leadhub.core import outbox
from leadhub.core.channels import webhook as channel
from leadhub.core.outbox import PAUSES, pause_after
from leadhub.core.tenancy.context import tenant_context
from leads.messages import WEBHOOK
from leads.webhooks.subscriptions import change_webhook
from partners.models import SetUpChange
from tests.acting import DAY, HOUR, MINUTE, again, member
from tests.core.listening import listening
from tests.factories import NOON, Network
from tests.messaging import deliver
from tests.webhook_sink import Reply, Sink, webhook_sink
from tests.webhooks import attempts, hook, read_log, standing_of, tell, tell_until_the_end, told

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def lax(settings: LazySettings) -> None:
    """Let requests reach this machine."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True


@pytest.fixture
def sink() -> Iterator[Sink]:
    with webhook_sink() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no answer longer than a moment."""
    monkeypatch.setattr(channel, "SECONDS_EACH", 0.3)


def one_told(network: Network, sink: Sink) -> Any:
    """Let one lead come in, and its message be tried once."""
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    return webhook


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_takes_any_answer_of_2xx_for_success(network: Network, sink: Sink, status: int) -> None:
    sink.replies = [Reply(status, body=b"")]

    one_told(network, sink)

    (message,) = told(network)
    assert (message.done_at, message.skipped, message.attempts) == (NOON, "", 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 422, 429, 500, 502, 503])
def test_tries_again_whatever_else_is_answered(network: Network, sink: Sink, status: int) -> None:
    sink.replies = [Reply(status), Reply()]

    one_told(network, sink)
    (message,) = told(network)
    tell(message.due_at)

    assert message.last_error == f"refused:{status}"
    assert message.due_at == NOON + pause_after(message.id, 1, WEBHOOK)
    assert [one.status for one in attempts(network)] == [status, 200]
    assert again(message).done_at == message.due_at


def test_says_the_same_at_every_attempt_and_signs_it_anew(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(500), Reply(500), Reply()]
    _, secret = hook(network, sink.url)
    network.lead()
    tell()
    (message,) = told(network)

    times = [NOON, *tell_until_the_end(message)]

    assert len(sink.heard) == 3
    assert {one.id for one in sink.heard} == {str(message.id)}
    assert len({one.body for one in sink.heard}) == 1
    assert len({one.headers["webhook-signature"] for one in sink.heard}) == 3
    for one, at in zip(sink.heard, times, strict=True):
        assert abs(int(one.headers["webhook-timestamp"]) - at.timestamp()) <= 1
        assert one.verified_by(secret, at=at) == one.json


def test_gives_up_after_ten_attempts_over_75_hours(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(500)]
    hook(network, sink.url)
    network.lead()
    read_log()
    (message,) = told(network)

    tried = tell_until_the_end(message)

    assert len(tried) == len(sink.heard) == len(attempts(network)) == 10
    assert 75 * HOUR <= tried[-1] - tried[0] <= 80 * HOUR
    assert {one.id for one in sink.heard} == {str(message.id)}
    given_up = again(message)
    assert (given_up.failed_at, given_up.done_at) == (tried[-1], None)


def test_waits_differently_for_messages_that_failed_together() -> None:
    pauses = PAUSES[WEBHOOK]

    assert len(pauses) == 9
    assert sum(pauses, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)


def test_counts_an_attempt_whose_sender_was_lost(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    network.lead()
    read_log()
    with tenant_context(network.manufacturer.id):
        outbox.claim_due(channel=WEBHOOK, at=NOON + MINUTE)

    tell(NOON + 3 * MINUTE)
    (message,) = told(network)
    tell(message.due_at)

    assert message.last_error == outbox.SENDER_LOST
    assert len(sink.heard) == 1
    assert again(message).attempts == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_follows_no_redirect(network: Network, sink: Sink, status: int) -> None:
    with listening() as elsewhere:
        sink.replies = [Reply(status, {"Location": f"http://127.0.0.1:{elsewhere.port}/"})]
        one_told(network, sink)

        assert elsewhere.connections == 0

    (message,) = told(network)
    assert (message.done_at, message.last_error) == (None, f"redirected:{status}")


def test_switches_off_what_answers_that_nobody_is_there(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(410)]
    member(network, "dora@acme.example", "DISPATCHER")
    webhook = one_told(network, sink)
    network.lead()
    tell(NOON + DAY)

    off = again(webhook)
    assert (off.off_since, off.off_because) == (NOON, "GONE")
    assert len(sink.heard) == 1
    (message,) = told(network)
    assert (message.failed_at, message.last_error) == (NOON, "gone:410")
    with tenant_context(network.manufacturer.id):
        change = SetUpChange.objects.filter(kind="webhook").order_by("recorded_at", "id").last()
    assert change is not None
    assert (change.actor, change.after) == ("system:webhooks", {"off_because": "GONE"})


def letters_about_webhooks() -> list[Any]:
    """The mails about webhooks; others tell of the lead itself."""
    return [one for one in mail.outbox if one.subject.startswith("Webhook")]


def test_tells_administrators_that_a_webhook_was_switched_off(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(410)]
    member(network, "dora@acme.example", "DISPATCHER")
    webhook = one_told(network, sink)

    deliver(NOON + MINUTE)

    (letter,) = letters_about_webhooks()
    assert letter.to == ["admin@acme.example"]
    assert "127.0.0.1" in letter.subject
    assert f"/set-up/webhooks/{webhook.id}/" in str(letter.body)


def test_tells_nobody_of_a_webhook_that_is_on_again(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(410)]
    webhook = one_told(network, sink)
    change_webhook(webhook=webhook, is_on=True, by=network.by, at=NOON)

    deliver(NOON + MINUTE)

    assert letters_about_webhooks() == []


def test_switches_off_what_takes_nothing_for_days(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(500)]
    webhook, _ = hook(network, sink.url)
    network.lead()
    read_log()
    (message,) = told(network)

    tried = tell_until_the_end(message)

    off = again(webhook)
    assert (off.off_since, off.off_because) == (tried[-1], "FAILING")
    assert standing_of(webhook).failing_since == attempts(network)[0].at


def test_tries_the_first_to_the_end_whatever_else_fails_meanwhile(
    network: Network, sink: Sink
) -> None:
    sink.replies = [Reply(500)]
    webhook, _ = hook(network, sink.url)
    network.lead()
    read_log()
    (first,) = told(network)
    for _ in range(9):
        tell(again(first).due_at)
    last_at = again(first).due_at
    network.lead()

    tell(NOON + 73 * HOUR)
    while_failing = again(webhook).off_because
    tell(last_at)

    assert last_at >= NOON + 75 * HOUR
    assert (while_failing, again(webhook).off_because) == ("", "FAILING")
    assert sum(one.message == first.id for one in attempts(network)) == 10


def test_is_as_good_as_new_once_something_gets_through(network: Network, sink: Sink) -> None:
    sink.replies = [Reply(500), Reply(500), Reply(200), Reply(500)]
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    failing = standing_of(webhook).failing_since
    (first,) = told(network)
    tell(first.due_at)
    tell(again(first).due_at)
    healed = standing_of(webhook).failing_since
    network.lead()
    tell(NOON + 4 * DAY)

    first_at, *_, last_at = (one.at for one in attempts(network))
    assert (failing, healed) == (first_at, None)
    assert again(webhook).off_since is None
    assert standing_of(webhook).failing_since == last_at >= NOON + 4 * DAY


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("600", 600),
        (format_datetime(NOON + 600 * SECOND, usegmt=True), 600),
        ("99999999999", 86_400),
        (format_datetime(NOON + 30 * DAY, usegmt=True), 86_400),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_comes_back_when_it_is_told_to(
    network: Network, sink: Sink, status: int, said: str, wait: int
) -> None:
    sink.replies = [Reply(status, {"Retry-After": said})]

    webhook = one_told(network, sink)

    (message,) = told(network)
    assert 0 <= (message.due_at - NOON).total_seconds() - wait < 1
    held_until = standing_of(webhook).held_until
    assert held_until is not None
    assert abs(held_until - message.due_at) < SECOND


@pytest.mark.parametrize("said", ["", "soon", "-5", "1.5", "٣", "Mon, 02 Mar 2026 11:00:00 GMT"])
def test_keeps_to_its_own_pauses_where_it_is_told_nothing_sensible(
    network: Network, sink: Sink, said: str
) -> None:
    sink.replies = [Reply(429, {"Retry-After": said} if said.isascii() else {})]

    webhook = one_told(network, sink)

    (message,) = told(network)
    assert message.due_at == NOON + pause_after(message.id, 1, WEBHOOK)
    assert standing_of(webhook).held_until is None


def test_leaves_alone_whoever_asked_for_it_with_everything_else(
    network: Network, sink: Sink
) -> None:
    sink.replies = [Reply(429, {"Retry-After": "600"})]
    hook(network, sink.url)
    leads = [network.lead() for _ in range(3 * channel.AT_ONCE_EACH)]
    tell()
    asked_at_first = len(sink.heard)
    sink.replies = [Reply()]
    leads.append(network.lead(at=NOON + MINUTE))
    tell(NOON + 9 * MINUTE)
    asked_meanwhile = len(sink.heard)
    tell(NOON + 11 * MINUTE)

    assert 1 <= asked_at_first <= channel.AT_ONCE_EACH
    assert asked_meanwhile == asked_at_first
    assert {one.json["data"]["lead"] for one in sink.heard} == {str(lead.id) for lead in leads}
    assert {one.done_at is None for one in told(network)} == {False}


def hang(line: socket) -> None:
    """Say nothing until the other side has enough."""
    line.recv(1)


def drip(line: socket) -> None:
    """Answer so slowly that it would take for ever."""
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(50):
        line.sendall(b"x")
        time.sleep(0.05)


def say_nonsense(line: socket) -> None:
    line.sendall(b"nonsense\r\n\r\n")


def hang_up(line: socket) -> None:
    line.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("conduct", "problem"),
    [
        (hang, "timed_out"),
        (drip, "timed_out"),
        (say_nonsense, "no_answer"),
        (hang_up, "no_answer"),
    ],
)
def test_takes_no_whole_answer_for_a_failure(
    network: Network, sink: Sink, conduct: Callable[[socket], None], problem: str
) -> None:
    sink.replies = [conduct, Reply()]

    one_told(network, sink)
    (message,) = told(network)
    tell(NOON + HOUR)

    assert (message.done_at, message.last_error) == (None, problem)
    assert [one.problem for one in attempts(network)] == [problem, ""]
    assert again(message).done_at == NOON + HOUR


@pytest.mark.usefixtures("impatient")
def test_one_that_hangs_keeps_nobody_else_waiting(network: Network, sink: Sink) -> None:
    with webhook_sink(hang) as hanging:
        hook(network, hanging.url)
        hook(network, sink.url)
        for _ in range(40):
            network.lead()
        done = tell()

    assert done == len(sink.heard) == 40
    assert len(hanging.heard) == channel.AT_ONCE_EACH
    waiting = [one for one in told(network) if one.done_at is None]
    assert {one.due_at >= NOON + channel.WHILE_IT_HANGS for one in waiting} == {True}
    assert sorted(one.attempts for one in waiting) == [0] * 36 + [1] * 4


def test_nobody_listens_at_all(network: Network) -> None:
    with listening() as gone:
        url = f"http://127.0.0.1:{gone.port}/"
    webhook, _ = hook(network, url)
    network.lead()

    tell()

    (message,) = told(network)
    (attempt,) = attempts(network)
    assert message.last_error == attempt.problem == "no_answer"
    assert standing_of(webhook).failing_since == attempt.at


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"x" * 1_000_000, "x" * 500),
        ("ö".encode() * 400, "ö" * 400),
        (b"a\x00b\xff", "a\ufffdb\ufffd"),
        (b"", ""),
    ],
)
def test_keeps_the_beginning_of_an_answer_whatever_it_is(
    network: Network, sink: Sink, body: bytes, kept: str
) -> None:
    sink.replies = [Reply(500, body=body)]

    one_told(network, sink)

    (attempt,) = attempts(network)
    assert (attempt.status, attempt.answer) == (500, kept)
    assert attempt.took_ms < 10_000
