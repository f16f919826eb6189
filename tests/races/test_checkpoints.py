"""Two that take the checkpoint of one log at once: what is logged is what is stored."""

import logging
import re
from datetime import timedelta
from functools import partial

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.audit import take_checkpoints
from leads.models import LogCheckpoint
from tests.factories import NOON, Network
from tests.races.holding import Meeting, failures, hold_at


@pytest.fixture
def world(committed: None) -> Network:
    """A network with a fact to take a checkpoint of."""
    network = Network("acme")
    network.lead()
    return network


def taken_twice_at_once(
    world: Network, patch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture, held: str
) -> tuple[Meeting, list[object], list[str], list[str]]:
    """Take checkpoints twice at once; what each gave, the digests logged and those stored."""
    meeting = Meeting(2)
    hold_at(patch, meeting, f"leads.audit.{held}")
    take = partial(take_checkpoints, at=NOON, settled=timedelta(0))
    with log.at_level(logging.INFO, "leads.audit"):
        results = meeting.race(take, take)
    with tenant_context(world.manufacturer.id):
        stored = [bytes(one.digest).hex() for one in LogCheckpoint.objects.all()]
    return meeting, results, re.findall(r"[0-9a-f]{64}", log.text), stored


def test_logs_the_digest_of_no_checkpoint_that_is_not_stored(
    world: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    meeting, results, logged, stored = taken_twice_at_once(
        world, monkeypatch, caplog, held="wait_for_turn"
    )

    assert meeting.met == 1
    assert sorted(results, key=str) == [0, 1]
    assert len(logged) == 1
    assert logged == stored


def test_would_take_it_twice_without_the_turn(
    world: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The control: both read that there is none yet; the database refuses the second."""
    monkeypatch.setattr("leads.audit.wait_for_turn", lambda *_name: None)

    meeting, results, *_ = taken_twice_at_once(world, monkeypatch, caplog, held="_last_checkpoint")

    assert meeting.met == 2
    assert len(failures(results)) == 1
