"""Letters with codes and links: they outlive whoever sends them, and leave no secret behind."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import LazySettings, settings
from django.core import mail as sent
from django.test import Client

from leadhub.core import clock, mail
from leadhub.core.models import Letter
from leadhub.core.tenancy.context import system_context, tenant_context, user_context
from partners.models import Membership
from tests.acting import member
from tests.contracts.traces import dump
from tests.core.listening import listening
from tests.factories import Network, count_rows
from tests.people.conftest import REP
from tests.people.letters import code_in
from tests.valkey_server import wait_until


def ask_for_code(address: str = REP) -> None:
    assert Client().post("/log-in/code/", {"email": address}).status_code == 302


def sealed() -> list[str]:
    with system_context("test"):
        return list(Letter.objects.values_list("sealed", flat=True))


def test_keeps_a_code_sealed_and_not_at_all_once_it_is_sent(rep: Membership) -> None:
    ask_for_code()
    kept = sealed()

    assert mail.send_due() == 1

    (letter,) = sent.outbox
    assert letter.to == [REP]
    assert len(kept) == 1
    assert code_in(letter) not in kept[0]
    assert REP not in kept[0]
    assert count_rows(Letter) == 0
    assert mail.send_due() == 0


def test_sends_no_code_that_is_good_for_nothing_any_more(rep: Membership) -> None:
    ask_for_code()

    with clock.set_to(clock.now() + timedelta(minutes=10, seconds=1)):
        assert mail.send_due() == 0

    assert sent.outbox == []
    assert count_rows(Letter) == 0


def test_tries_again_with_the_same_words_when_the_server_is_away(
    rep: Membership, settings: LazySettings
) -> None:
    ask_for_code()
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    kept = sealed()

    assert mail.send_due() == 0
    assert mail.send_due() == 0
    assert sealed() == kept
    settings.EMAIL_BACKEND = backend
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        assert mail.send_due() == 1

    assert count_rows(Letter) == 0


def test_shows_letters_to_nobody_but_who_sends_them(rep: Membership, network: Network) -> None:
    ask_for_code()

    for context in (tenant_context(network.manufacturer.id), user_context(rep.user_id)):
        with context:
            assert not Letter.objects.exists()
    assert count_rows(Letter) == 1


def start_sender(port: int) -> subprocess.Popen[bytes]:
    """Start what sends letters, as a process of its own, with a mail server on this port."""
    words = [sys.executable, "manage.py", "run_timers", "--once"]
    environment = {**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    return subprocess.Popen(words, cwd=settings.BASE_DIR, env=environment)


@pytest.mark.usefixtures("committed")
def test_leaves_though_its_sender_was_killed() -> None:
    network = Network()
    member(network, REP, "PARTNER_REP", network.partner())
    ask_for_code()

    with listening() as server, start_sender(server.port) as sender:
        # It is connected, and waits for a server that does not greet.
        wait_until(lambda: server.connections)
        sender.kill()

    assert mail.send_due() == 0  # it holds a lease
    with clock.set_to(clock.now() + mail.LEASE + timedelta(seconds=1)):
        assert mail.send_due() == 1
    assert code_in(sent.outbox[0]) not in dump()
    assert count_rows(Letter) == 0
