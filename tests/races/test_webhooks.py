"""Webhooks beside transactions that take long, and senders that are killed: nothing is missing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.conf import LazySettings, settings as product
from django.db import connection

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.outbox import LEASE
from leadhub.core.settled import nothing_is_written_before
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.intake import Contact, receive_lead
from leads.messages import WEBHOOK
from leads.models import WebhookStanding
from leads.webhooks import fan_out as reading
from leads.webhooks.fan_out import fan_out
from tests.factories import Network, NewLeadFactory
from tests.valkey_server import wait_until
from tests.webhook_sink import Sink, webhook_sink
from tests.webhooks import hook, standing_of, told

pytestmark = pytest.mark.usefixtures("committed")

LOOP = (sys.executable, "manage.py", "run_timers", "--interval", "0.05")


@pytest.fixture
def sink(settings: LazySettings) -> Iterator[Sink]:
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    with webhook_sink() as running:
        yield running


def record_slowly(network: Network, recorded: Event, go_on: Event) -> Thread:
    """Let a lead come in whose transaction does not end yet."""

    def act() -> None:
        try:
            with tenant_context(network.manufacturer.id):
                # of somebody else: the pushes of one customer wait for each other
                slow = NewLeadFactory.build(contact=Contact(email="slow@example.com"))
                receive_lead(new=slow, by=network.by, at=clock.now())
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")  # what goes along with the next statement
                recorded.set()
                go_on.wait(30)
        finally:
            connection.close()

    thread = Thread(target=act)
    thread.start()
    assert recorded.wait(30)
    return thread


def test_skips_nothing_that_a_long_transaction_shows_late(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STEP", timedelta(0))
    monkeypatch.setattr(reading, "nothing_is_written_before", at_once)
    network, recorded, go_on = Network("acme"), Event(), Event()
    webhook, _ = hook(network, sink.url, at=clock.now())
    slow = record_slowly(network, recorded, go_on)
    try:
        quick = network.lead(at=clock.now())
        seen_at_once = fan_out()
        read_up_to = standing_of(webhook).read_up_to
        nothing_new = fan_out()
    finally:
        go_on.set()
        slow.join()

    late = fan_out()

    leads = [one.subject_id for one in told(network)]
    assert (seen_at_once, nothing_new, late) == (1, 0, 1)
    assert leads[0] == quick.id
    assert len(set(leads)) == 2
    with tenant_context(network.manufacturer.id):
        moved_on = WebhookStanding.objects.get().read_up_to
    assert moved_on > read_up_to
    assert fan_out() == 0


def at_once() -> datetime:
    """Ask what is settled without the time that a transaction may go unnoticed."""
    return nothing_is_written_before(timedelta(0))


def test_sends_again_what_a_killed_sender_did_not_mark(sink: Sink) -> None:
    network = Network("acme")
    hook(network, sink.url, at=clock.now())
    gate = Event()
    reply = sink.replies[0]

    def wait_then_answer(line: object) -> None:
        gate.wait(30)
        reply(line)  # type: ignore[arg-type]

    sink.replies = [wait_then_answer]
    leads = {network.lead(at=clock.now()).id for _ in range(12)}
    with sender():
        wait_until(lambda: len(sink.heard) >= 1)
    gate.set()
    wait_until(lambda: len(told(network)) == 12)
    with system_context("test"):
        Delivery.objects.filter(channel=WEBHOOK, claimed_until__isnull=False).update(
            claimed_until=None, due_at=clock.now() - LEASE
        )

    with sender():
        wait_until(lambda: all(one.done_at for one in told(network)))

    assert {one.subject_id for one in told(network)} == leads
    assert {one.id for one in sink.heard} == {str(one.id) for one in told(network)}


@contextmanager
def sender() -> Iterator[None]:
    """Run the loop that needs no broker, as it is run for good, and kill it at the end."""
    environment = {
        **os.environ,
        "OUTGOING_MAY_REACH_LOOPBACK": "true",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "SECRET_KEY": product.SECRET_KEY,
    }
    process = subprocess.Popen(LOOP, cwd=product.BASE_DIR, env=environment)
    try:
        yield
    finally:
        process.kill()
        process.wait()
