"""The outbox: claimed under a lease, put off after a failure, done once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from leadhub.core import outbox
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from tests.acting import messages
from tests.factories import NOON, Network

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def box(network: Network) -> Iterator[Network]:
    """Three messages, due at noon and one and two minutes later."""
    network.policy({"partners": 1})
    network.partner()
    for minutes in range(3):
        network.lead(at=NOON + minutes * MINUTE)
    with system_context("test"):
        yield network


def claim(at: datetime, limit: int = 50) -> list[Delivery]:
    return outbox.claim_due(at=at, limit=limit)


def stored(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(id=delivery.id)


def test_claims_what_is_due_oldest_first(box: Network) -> None:
    claimed = claim(NOON + MINUTE)

    assert [delivery.due_at for delivery in claimed] == [NOON, NOON + MINUTE]
    assert {delivery.attempts for delivery in claimed} == {1}
    assert {stored(delivery).claimed_until for delivery in claimed} == {NOON + 3 * MINUTE}


def test_claims_no_more_than_asked_for(box: Network) -> None:
    assert [delivery.due_at for delivery in claim(NOON + 5 * MINUTE, limit=1)] == [NOON]


def test_leaves_alone_what_another_has_claimed(box: Network) -> None:
    claim(NOON)

    assert claim(NOON) == []
    assert claim(NOON + outbox.LEASE - SECOND, limit=1)[0].due_at == NOON + MINUTE


def test_claims_again_when_a_lease_has_run_out(box: Network) -> None:
    (first,) = claim(NOON)

    again = claim(NOON + outbox.LEASE + SECOND, limit=1)

    assert again == [first]
    assert again[0].attempts == 2


def test_marks_a_message_done_once(box: Network) -> None:
    (message,) = claim(NOON)

    assert outbox.mark_done(message, at=NOON)
    assert not outbox.mark_done(message, at=NOON + MINUTE)
    assert stored(message).done_at == NOON


def test_claims_nothing_that_is_done(box: Network) -> None:
    (message,) = claim(NOON)
    outbox.mark_done(message, at=NOON)

    assert message not in claim(NOON + outbox.LEASE + MINUTE)


@pytest.mark.parametrize(
    ("attempts", "pause"),
    [(1, 10), (2, 20), (3, 40), (10, 5_120), (12, 20_480), (13, 21_600), (200, 21_600)],
)
def test_waits_twice_as_long_after_each_failure_up_to_six_hours(
    box: Network, attempts: int, pause: int
) -> None:
    (message,) = claim(NOON)
    message.attempts = attempts

    outbox.mark_failed(message, at=NOON, error="x" * 500)

    failed = stored(message)
    assert failed.due_at == NOON + timedelta(seconds=pause)
    assert failed.claimed_until is None
    assert failed.last_error == "x" * 200


def test_puts_nothing_off_that_has_left_meanwhile(box: Network) -> None:
    (message,) = claim(NOON)
    outbox.mark_done(message, at=NOON)

    outbox.mark_failed(message, at=NOON, error="late news")

    assert stored(message).due_at == NOON
    assert stored(message).last_error == ""


def test_goes_with_the_transaction_of_its_event_or_not_at_all(box: Network) -> None:
    events = {message.event_id for message in messages(box)}

    assert len(events) == 3
