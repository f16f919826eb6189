"""Timers: whatever is overdue moves on, and one lead that cannot does not hold up the others."""

from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from threading import Event
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from leadhub.core import clock
from leads import escalation, tasks
from leads.escalation import PUT_OFF, sweep
from leads.management.commands import run_timers
from leads.models import Lead
from leads.routing import end_waves
from tests.acting import HOUR, MINUTE, accept
from tests.factories import NOON, Network

AFTER = NOON + HOUR


@pytest.fixture
def patient(network: Network) -> Network:
    """A network that asks one partner an hour, and has three."""
    network.policy({"partners": 1})
    network.partners(3)
    return network


def waves(network: Network, *leads: Lead) -> list[int]:
    return [network.again(lead).wave for lead in leads]


def test_does_nothing_before_a_deadline(patient: Network) -> None:
    lead = patient.lead()

    moved = sweep(at=AFTER - timedelta(microseconds=1))

    assert moved == 0
    assert waves(patient, lead) == [1]


def test_moves_on_every_lead_that_is_overdue(patient: Network) -> None:
    overdue = [patient.lead(), patient.lead(at=NOON - HOUR)]
    in_time = patient.lead(at=NOON + MINUTE)
    taken = patient.lead()
    accept(patient.offers(taken)[0])

    moved = sweep(at=AFTER)

    assert moved == 2
    assert waves(patient, *overdue) == [2, 2]
    assert waves(patient, in_time, taken) == [1, 1]


def test_moves_on_leads_of_every_manufacturer(patient: Network, other_network: Network) -> None:
    other_network.partner()
    leads = [(patient, patient.lead()), (other_network, other_network.lead())]

    moved = sweep(at=AFTER)

    assert moved == 2
    assert [network.again(lead).status for network, lead in leads] == ["OFFERED", "OPEN"]


def test_takes_the_longest_overdue_first(patient: Network) -> None:
    young, old = patient.lead(), patient.lead(at=NOON - HOUR)

    moved = sweep(at=AFTER, limit=1)

    assert moved == 1
    assert waves(patient, young, old) == [1, 2]


def test_finds_nothing_to_do_the_second_time(patient: Network) -> None:
    patient.lead()
    sweep(at=AFTER)

    assert sweep(at=AFTER) == 0


def test_puts_a_lead_that_fails_behind_the_others(
    patient: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = patient.lead(at=NOON - HOUR), patient.lead()

    def fail_on_one(*, leads: Sequence[Lead], **rest: Any) -> int:
        if any(lead.id == broken.id for lead in leads):
            raise LookupError
        return end_waves(leads=leads, **rest)

    monkeypatch.setattr(escalation, "end_waves", fail_on_one)

    moved = sweep(at=AFTER)

    assert moved == 1
    assert waves(patient, broken, sound) == [1, 2]
    assert patient.again(broken).due_at == AFTER + PUT_OFF
    assert patient.again(broken).respond_by == NOON
    assert str(broken.id) in caplog.text


def test_tries_a_lead_that_failed_again_later(
    patient: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = patient.lead()
    with monkeypatch.context() as broken:
        broken.setattr(escalation, "end_waves", lambda **_: 1 / 0)
        sweep(at=AFTER)

    too_early = sweep(at=AFTER + PUT_OFF - MINUTE / 2)
    moved = sweep(at=AFTER + PUT_OFF)

    assert (too_early, moved) == (0, 1)
    assert waves(patient, lead) == [2]


def test_is_done_by_the_tasks_alone(patient: Network) -> None:
    lead = patient.lead()

    with clock.set_to(AFTER):
        tasks.sweep()
        tasks.spread()
        tasks.deliver("EMAIL")

    assert waves(patient, lead) == [2]
    assert len(mail.outbox) == 1


def test_is_done_by_the_loop_alone(committed: None) -> None:
    network = Network("acme")
    network.policy({"partners": 1})
    network.partners(2)
    lead = network.lead()

    with clock.set_to(AFTER):
        call_command("run_timers", "--once", stdout=StringIO())

    assert waves(network, lead) == [2]
    assert len(mail.outbox) == 1


def test_the_loop_goes_on_at_once_while_there_is_something_to_do(db: None) -> None:
    left, stop = [True, True, False], Event()

    def step() -> bool:
        if len(left) == 1:
            stop.set()
        return left.pop(0)

    run_timers._repeat((step,), stop, 3_600)

    assert left == []
