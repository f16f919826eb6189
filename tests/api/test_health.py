"""Is the process alive, and can it work."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from leadhub.core import clock
from leadhub.core.models import Delivery, Letter
from leadhub.core.tenancy.context import system_context
from leads.escalation import sweep
from tests.acting import DAY, HOUR, MINUTE, accept
from tests.factories import NOON, Network

pytestmark = pytest.mark.usefixtures("committed")
SECOND = timedelta(seconds=1)


def test_a_live_process_answers_without_the_database(client: Client) -> None:
    assert client.get("/healthz/live").status_code == 200


def test_a_ready_process_has_a_database_that_answers(client: Client) -> None:
    assert client.get("/healthz/ready").status_code == 200


def test_without_a_database_a_process_lives_but_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    live, ready = client.get("/healthz/live"), client.get("/healthz/ready")
    call = client.get("/api/v1/leads/", headers={"Authorization": "Bearer lh_1_2"})

    assert (live.status_code, ready.status_code) == (200, 503)
    assert (call.status_code, call.json()["code"]) == (503, "unavailable")
    assert call.headers["Retry-After"]


@pytest.fixture
def network() -> Network:
    """A lead on offer until an hour after noon, and nothing else due."""
    network = Network("acme")
    network.partners(2)
    network.lead()
    with system_context("test"):
        Delivery.objects.update(done_at=NOON)
    return network


def timers(client: Client, at: datetime) -> tuple[int, str]:
    with clock.set_to(at):
        answer = client.get("/healthz/timers")
    return answer.status_code, answer.content.decode().strip()


def test_timers_are_on_time_until_the_oldest_deadline_is_a_minute_old(
    client: Client, network: Network
) -> None:
    deadline = NOON + HOUR

    assert timers(client, deadline + 60 * SECOND) == (200, "on time")
    assert timers(client, deadline + 61 * SECOND) == (503, "late: waves 61 s")


def test_timers_that_have_done_their_work_are_on_time(client: Client, network: Network) -> None:
    assert sweep(at=NOON + HOUR)
    with system_context("test"):
        Delivery.objects.update(done_at=NOON)

    assert timers(client, NOON + HOUR + 2 * MINUTE) == (200, "on time")


@pytest.mark.parametrize(
    ("channel", "kind"), [("NOTICE", "notices"), ("EMAIL", "messages by EMAIL")]
)
def test_messages_are_late_unless_they_are_done_given_up_put_off_or_being_sent(
    client: Client, network: Network, channel: str, kind: str
) -> None:
    due = {"channel": channel, "done_at": None, "due_at": NOON - 2 * MINUTE}
    states: list[dict[str, Any]] = [
        {},
        {"claimed_until": NOON - SECOND},
        {"claimed_until": NOON + SECOND},
        {"due_at": NOON + SECOND},
        {"failed_at": NOON},
        {"done_at": NOON},
    ]

    answers = []
    for state in states:
        fresh = {"claimed_until": None, "failed_at": None}
        with system_context("test"):
            Delivery.objects.update(**{**fresh, **due, **state})
        answers.append(timers(client, NOON))

    assert answers == [(503, f"late: {kind} 120 s")] * 2 + [(200, "on time")] * 4


def test_follow_ups_and_letters_are_late_as_well(client: Client, network: Network) -> None:
    lead = network.lead()
    accept(network.offers(lead)[0])
    with system_context("test"):
        Delivery.objects.update(done_at=NOON)
        Letter.objects.create(sealed="", due_at=NOON, expires_at=NOON + DAY)

    status, told = timers(client, NOON + HOUR + 3 * MINUTE)

    assert status == 503
    assert told == "late: waves 180 s, follow-ups 120 s, letters 3780 s"


def test_timers_cannot_be_judged_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    assert client.get("/healthz/timers").status_code == 503
