"""Several senders at once, and senders that are killed: nothing is missing, ids stay the same."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings, settings as product
from django.db import connection

from leadhub.core import clock, outbox
from leadhub.core.models import Delivery
from leadhub.core.outbox import LEASE
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.messages import deliver
from leads.spreading import spread_due
from partners.models import Membership
from tests.factories import Network
from tests.mail_server import MailServer, mail_server
from tests.messaging import letters, wishing
from tests.races.holding import Meeting
from tests.valkey_server import wait_until

pytestmark = pytest.mark.usefixtures("committed")

MANY = 12
LOOP = (sys.executable, "manage.py", "run_timers", "--interval", "0.05")


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def busy_network() -> Network:
    """A network with messages on their way; whatever the hour, a digest is none of them."""
    network = Network("acme")
    with tenant_context(network.manufacturer.id):
        staff = list(Membership.objects.filter(partner=None))
    for membership in staff:
        wishing(membership, channels={"DIGEST": []})
    network.policy({"partners": MANY})
    network.partners(MANY)
    network.lead(at=clock.now())
    return network


def ids_in(server: MailServer) -> Counter[str]:
    return Counter(message["Message-ID"] for message in server.received)


def sender(server: MailServer) -> "subprocess.Popen[bytes]":
    """Start the loop that needs no broker, as it is run for good."""
    environment = {
        **os.environ,
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "SECRET_KEY": product.SECRET_KEY,
    }
    return subprocess.Popen(LOOP, cwd=product.BASE_DIR, env=environment)


def test_sends_again_under_the_same_id_what_a_killed_sender_did_not_mark(
    server: MailServer,
) -> None:
    network = busy_network()
    server.pauses_after = 5
    first = sender(server)
    wait_until(lambda: server.is_pausing)
    first.send_signal(signal.SIGKILL)
    first.wait()
    server.go_on()
    expected = {f"<{message.id}@127.0.0.1>" for message in letters(network)}
    _let_leases_run_out()

    second = sender(server)
    try:
        wait_until(lambda: expected <= set(ids_in(server)))
    finally:
        second.terminate()
        second.wait()

    assert len(expected) == MANY
    assert set(ids_in(server)) == expected
    assert max(ids_in(server).values()) == 2


def test_keeps_in_mind_what_left_while_the_database_was_away(server: MailServer) -> None:
    network = busy_network()
    others = connections_of_senders()
    server.pauses_after = 5
    process = sender(server)
    try:
        wait_until(lambda: server.is_pausing)
        end_connections(connections_of_senders() - others)
        server.go_on()

        wait_until(lambda: sum(one.done_at is not None for one in letters(network)) == 5)
    finally:
        process.terminate()
        process.wait()

    done = {f"<{one.id}@127.0.0.1>" for one in letters(network) if one.done_at}
    assert {ids_in(server)[name] for name in done} == {1}


def connections_of_senders() -> set[int]:
    """Return the processes of the database that serve whoever is connected but this test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def end_connections(pids: set[int]) -> None:
    """Cut connections off, as the end of the database does; a role may do so to its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) pid", [list(pids)])


def _let_leases_run_out() -> None:
    """Let time pass for the leases, and for what they are put off by."""
    with system_context("test"):
        Delivery.objects.filter(claimed_until__isnull=False).update(
            claimed_until=None, due_at=clock.now() - LEASE
        )


def test_sends_each_once_whoever_else_sends(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = busy_network()
    while spread_due(at=clock.now()):
        pass

    def act() -> Any:
        return sum(deliver("EMAIL", limit=2) for _ in range(MANY))

    meeting = Meeting(3, in_order=False)
    monkeypatch.setattr(outbox, "claim_due", meeting.hold(outbox.claim_due))
    results = meeting.race(act, act, act)

    assert meeting.met == 3
    assert sum(results) == MANY
    assert set(ids_in(server).values()) == {1}
    assert len(ids_in(server)) == len(letters(network)) == MANY


def test_spreads_each_notice_once_whoever_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    network = busy_network()

    meeting = Meeting(3, in_order=False)
    monkeypatch.setattr(outbox, "claim_due", meeting.hold(outbox.claim_due))
    results = meeting.race(*[lambda: spread_due(at=clock.now(), limit=4)] * 3)

    assert meeting.met == 3
    assert sum(results) == len(letters(network)) == MANY
