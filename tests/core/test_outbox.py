"""The outbox: claimed under a lease, put off after a failure, given up in the end, done once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from leadhub.core import outbox
from leadhub.core.ids import new_id
from leadhub.core.models import Delivery
from leadhub.core.outbox import LAST_ATTEMPT, LEASE, Outcome, Result, pause_after
from leadhub.core.tenancy.context import system_context
from tests.acting import messages
from tests.factories import NOON, Network

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


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
    return outbox.claim_due(channel="NOTICE", at=at, limit=limit)


def end(message: Delivery, result: Result, reason: str = "", *, at: datetime = NOON) -> int:
    return outbox.record([Outcome(message, result, reason)], at=at)


def stored(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(id=delivery.id)


def test_claims_what_is_due_oldest_first(box: Network) -> None:
    claimed = claim(NOON + MINUTE)

    assert [delivery.due_at for delivery in claimed] == [NOON, NOON + MINUTE]
    assert {delivery.attempts for delivery in claimed} == {1}
    assert {stored(delivery).claimed_until for delivery in claimed} == {NOON + MINUTE + LEASE}


def test_claims_no_more_than_asked_for(box: Network) -> None:
    assert [delivery.due_at for delivery in claim(NOON + 5 * MINUTE, limit=1)] == [NOON]


def test_claims_of_the_named_channel_alone(box: Network) -> None:
    assert outbox.claim_due(channel="EMAIL", at=NOON + HOUR) == []


def test_leaves_alone_what_another_has_claimed(box: Network) -> None:
    claim(NOON)

    assert claim(NOON) == []
    assert claim(NOON + LEASE, limit=1)[0].due_at == NOON + MINUTE


def test_puts_off_what_a_lost_sender_held_and_then_lets_it_be_claimed_again(box: Network) -> None:
    (first,) = claim(NOON)

    found = NOON + LEASE + SECOND
    others = claim(found)
    put_off = stored(first)
    later = claim(found + 13 * SECOND)

    assert first not in others
    assert (put_off.claimed_until, put_off.last_error) == (None, "sender_lost")
    assert put_off.due_at == found + pause_after(first.id, 1)
    assert [(one.id, one.attempts) for one in later if one == first] == [(first.id, 2)]


def test_parts_neighbours_whose_sender_was_lost(box: Network) -> None:
    claim(NOON + 5 * MINUTE)

    claim(NOON + 5 * MINUTE + LEASE + SECOND)

    assert len({message.due_at for message in messages(box)}) == 3


def test_gives_up_what_loses_every_sender(box: Network) -> None:
    (message,) = claim(NOON)
    Delivery.objects.filter(id=message.id).update(attempts=LAST_ATTEMPT)

    claim(NOON + LEASE + SECOND)

    assert stored(message).failed_at == NOON + LEASE + SECOND


def test_marks_a_message_done_once(box: Network) -> None:
    (message,) = claim(NOON)

    assert end(message, Result.SENT) == 1
    assert end(message, Result.SENT, at=NOON + MINUTE) == 0
    assert stored(message).done_at == NOON


def test_keeps_why_a_message_was_not_sent(box: Network) -> None:
    (message,) = claim(NOON)

    assert end(message, Result.SKIPPED, "offer_closed") == 1
    assert (stored(message).done_at, stored(message).skipped) == (NOON, "offer_closed")


def test_claims_nothing_that_is_done(box: Network) -> None:
    (message,) = claim(NOON)
    end(message, Result.SENT)

    assert message not in claim(NOON + LEASE + MINUTE)


@pytest.mark.parametrize(
    ("attempts", "pause"), [(1, 10), (2, 20), (3, 40), (10, 5_120), (12, 20_480), (21, 21_600)]
)
def test_waits_about_twice_as_long_after_each_failure_up_to_six_hours(
    box: Network, attempts: int, pause: int
) -> None:
    (message,) = claim(NOON)
    message.attempts = attempts
    Delivery.objects.filter(id=message.id).update(attempts=attempts)

    end(message, Result.PUT_OFF, "x" * 500)

    failed = stored(message)
    assert 0.75 * pause <= (failed.due_at - NOON).total_seconds() <= 1.25 * pause
    assert failed.claimed_until is None
    assert failed.last_error == "x" * 200


def test_waits_differently_for_messages_that_failed_together() -> None:
    pauses = {pause_after(new_id(), 5) for _ in range(50)}

    assert len(pauses) == 50


def test_tries_for_about_three_days() -> None:
    whole = sum((pause_after(new_id(), n) for n in range(1, LAST_ATTEMPT)), timedelta())

    assert timedelta(days=2) < whole < timedelta(days=4)


def test_waits_at_least_as_long_as_the_other_side_wants(box: Network) -> None:
    (message,) = claim(NOON)

    outbox.record([Outcome(message, Result.PUT_OFF, "busy", not_before=NOON + HOUR)], at=NOON)

    assert stored(message).due_at == NOON + HOUR


def test_leaves_for_later_what_was_not_tried_without_counting_it(box: Network) -> None:
    (message,) = claim(NOON)

    outbox.record([Outcome(message, Result.UNTRIED, not_before=NOON + HOUR)], at=NOON)

    left = stored(message)
    assert (left.due_at, left.attempts, left.claimed_until) == (NOON + HOUR, 0, None)


def test_passes_over_recipients_to_whom_somebody_sends_if_asked_to(box: Network) -> None:
    (first,) = claim(NOON, limit=1)
    later = NOON + 2 * MINUTE
    Delivery.objects.filter(id=first.id).update(claimed_until=later + LEASE)

    alone = outbox.claim_due(channel="NOTICE", at=later, is_one_sender_each=True)
    together = claim(later)

    assert {one.recipient for one in together} == {first.recipient}
    assert (alone, len(together)) == ([], 2)


def test_tries_programs_ten_times_by_pauses_of_their_own(box: Network) -> None:
    (message,) = claim(NOON)
    message.channel, message.attempts = "WEBHOOK", 9
    Delivery.objects.filter(id=message.id).update(channel="WEBHOOK", attempts=9)

    end(message, Result.PUT_OFF, "refused:500")
    put_off = stored(message)
    message.attempts = 10
    Delivery.objects.filter(id=message.id).update(attempts=10)
    end(message, Result.PUT_OFF, "refused:500")

    assert 24 * HOUR <= put_off.due_at - NOON <= 24 * HOUR * 1.05
    assert stored(message).failed_at == NOON


def test_gives_up_after_the_last_attempt(box: Network) -> None:
    (message,) = claim(NOON)
    message.attempts = LAST_ATTEMPT
    Delivery.objects.filter(id=message.id).update(attempts=LAST_ATTEMPT)

    end(message, Result.PUT_OFF, "server_away")

    assert stored(message).failed_at == NOON
    assert message not in claim(NOON + 24 * HOUR)


def test_gives_up_at_once_what_is_refused_for_good(box: Network) -> None:
    (message,) = claim(NOON)

    end(message, Result.REFUSED, "recipient_refused:550")

    assert stored(message).failed_at == NOON
    assert stored(message).last_error == "recipient_refused:550"


def test_hands_back_what_was_not_tried(box: Network) -> None:
    (message,) = claim(NOON)

    end(message, Result.UNTRIED)

    assert claim(NOON) == [message]
    assert stored(message).attempts == 1


def test_puts_nothing_off_that_has_left_meanwhile(box: Network) -> None:
    (message,) = claim(NOON)
    end(message, Result.SENT)

    end(message, Result.PUT_OFF, "late news")

    assert stored(message).due_at == NOON
    assert stored(message).last_error == ""


def test_puts_nothing_off_that_somebody_else_has_claimed_meanwhile(box: Network) -> None:
    (message,) = claim(NOON)
    Delivery.objects.filter(id=message.id).update(attempts=2, claimed_until=NOON + HOUR)

    end(message, Result.PUT_OFF, "late news")

    assert stored(message).claimed_until == NOON + HOUR


def test_lets_one_that_keeps_failing_hold_up_no_other(box: Network) -> None:
    (poison,) = claim(NOON)
    end(poison, Result.PUT_OFF, "broken")

    claimed = claim(NOON + 2 * MINUTE)

    assert [message.due_at for message in claimed] == sorted(one.due_at for one in claimed)
    assert len(claimed) == 3


def test_goes_with_the_transaction_of_its_event_or_not_at_all(box: Network) -> None:
    events = {message.event_id for message in messages(box)}

    assert len(events) == 3
