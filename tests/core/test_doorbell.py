"""The doorbell is heard when somebody is there, and costs nothing when nobody is."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from pytest_django import Settings

from leadhub.celery import app
from leadhub.core import doorbell
from leads.models import Lead
from tests.factories import Network, count_rows
from tests.valkey_server import ValkeyServer, wait_until


@pytest.fixture
def valkey(settings: Settings) -> Iterator[ValkeyServer]:
    """A broker of the test's own, and a bell that rings there."""
    server = ValkeyServer()
    server.start()
    before = app.conf.broker_url
    _use(server.url)
    settings.DOORBELL = "leadhub.celery.ring"
    doorbell._bell = None
    try:
        yield server
    finally:
        server.stop()
        settings.DOORBELL = ""
        doorbell._bell = None
        _use(before)


def _use(url: str) -> None:
    app.conf.update(broker_url=url, broker_write_url=url, broker_read_url=url)
    # What Celery made for the broker before.
    for keeper, name in ((app.amqp, "_producer_pool"), (app, "_pool")):
        setattr(keeper, name, None)


def waiting(server: ValkeyServer) -> int:
    with current_app.connection_for_read(server.url) as connection:
        channel: Any = connection.default_channel
        client = channel.client
        length: int = client.llen("celery")
    return length


def test_rings_after_the_commit_and_once_for_many(committed: None, valkey: ValkeyServer) -> None:
    network = Network("acme")
    network.policy({"partners": 3})
    network.partners(3)

    with transaction.atomic():
        network.lead()
        inside = waiting(valkey)
    wait_until(lambda: waiting(valkey))

    assert inside == 0
    assert waiting(valkey) == 1


def test_rings_for_nothing_that_was_rolled_back(committed: None, valkey: ValkeyServer) -> None:
    network = Network("acme")
    network.partner()

    with transaction.atomic():
        network.lead()
        transaction.set_rollback(True)

    assert doorbell._bell is None


def test_lets_nobody_wait_for_a_broker_that_hangs(committed: None, valkey: ValkeyServer) -> None:
    network = Network("acme")
    network.partner()

    with valkey.hung():
        for _ in range(3):
            network.lead()
        bell = doorbell._own_bell()
        # The leads are there, and what became of the first ring is not known yet.
        outcome = (bell.rung, bell.failed)
        wait_until(lambda: bell.failed)

    assert outcome == (0, 0)
    assert count_rows(Lead) == 3


def test_lets_no_process_use_the_bell_of_the_one_it_was_made_from(valkey: ValkeyServer) -> None:
    own = doorbell._own_bell()
    own.process -= 1

    assert doorbell._own_bell() is not own


def test_rings_again_when_the_broker_is_back(
    committed: None, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "SILENCE", 0.05)
    with valkey.hung():
        doorbell.ring()
        wait_until(lambda: doorbell._own_bell().failed)

    doorbell.ring()
    wait_until(lambda: doorbell._own_bell().rung == 1)

    assert waiting(valkey)
