"""The outbox: messages leave after the commit that caused them, at least once, never forgotten.

A message is a row (``Delivery``). Whoever sends claims a lease on due rows, commits, sends outside
any transaction and records what became of each; a sender that dies leaves a lease that runs out.
The row's id is the message's id, the same at every attempt.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

from django.conf import settings
from django.db import connection
from django.db.models import F

from leadhub.core.ids import first_id_at
from leadhub.core.models import Delivery

LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
# Up to a quarter sooner or later, so that what failed together is not tried together.
JITTER = 0.25
# About three days after the first: longer than a mail server is away over a weekend.
LAST_ATTEMPT = 22
# Programs are tried ten times over 75 hours, as the specification of Standard Webhooks advises;
# jitter makes it at most a twentieth later, never sooner than whoever runs them may read there.
PAUSES: Mapping[str, Sequence[timedelta]] = {
    Delivery.Channel.WEBHOOK: (
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    )
}
LATER = 0.05
SENDER_LOST = "sender_lost"


class Result(Enum):
    """What became of an attempt."""

    SENT = "sent"
    SKIPPED = "skipped"  # needed no more, or for nobody
    PUT_OFF = "put off"  # to be tried again later
    REFUSED = "refused"  # for good: to try again is of no use
    UNTRIED = "untried"  # somebody else is to take it


class Outcome(NamedTuple):
    """What became of one message.

    :ivar reason: a code, never an address or a text of the message.
    :ivar not_before: it is not tried again before this instant, whatever the pauses say.
    :ivar told: what a channel keeps of the attempt besides.
    """

    delivery: Delivery
    result: Result
    reason: str = ""
    not_before: datetime | None = None
    told: Any = None


def claim_due(
    *, channel: str, at: datetime, limit: int = 50, is_one_sender_each: bool = False
) -> list[Delivery]:
    """Take a lease on a channel's messages that are due, oldest first; others skip them meanwhile.

    Those whose sender was lost with the lease are put off first, each for a time of its own: one
    that kills its sender does not take the same neighbours along again.

    Runs inside the caller's transaction, which is to be committed before anything is sent.

    :param is_one_sender_each: pass over recipients to whom somebody is sending now, so that one
        that hangs takes up one sender and not all of them.
    """
    due = Delivery.objects.pending().filter(channel=channel, due_at__lte=at)
    if is_one_sender_each:
        in_hand = Delivery.objects.pending().filter(channel=channel, claimed_until__gte=at)
        due = due.exclude(recipient__in=in_hand.values("recipient"))
    found = list(
        due.exclude(claimed_until__gte=at)
        .order_by("due_at", "id")
        .select_for_update(skip_locked=True)[:limit]
    )
    record([Outcome(one, Result.PUT_OFF, SENDER_LOST) for one in found if one.claimed_until], at=at)
    claimed = [one for one in found if one.claimed_until is None]
    if claimed:
        Delivery.objects.filter(id__in=[one.id for one in claimed]).update(
            claimed_until=at + LEASE, attempts=F("attempts") + 1
        )
    for delivery in claimed:
        delivery.claimed_until = at + LEASE
        delivery.attempts += 1
    return claimed


def record(outcomes: Sequence[Outcome], *, at: datetime) -> int:
    """Keep what became of messages, in one statement.

    A message that somebody else has claimed meanwhile, for the lease ran out, is put off by them.

    :returns: how many are done by this: sent, or needed no more.
    """
    if not outcomes:
        return 0
    rows = [_row(outcome, at) for outcome in outcomes]
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [list(column) for column in zip(*rows, strict=True)])
        changed = {row[0] for row in cursor.fetchall()}
    return sum(
        outcome.delivery.id in changed and outcome.result in (Result.SENT, Result.SKIPPED)
        for outcome in outcomes
    )


def kept_since(at: datetime) -> datetime:
    """Tell since when what became of every message is known; before that, only what did not leave.

    Whoever looks for the messages of an event finds them all if it was recorded after that.
    """
    return at - settings.MESSAGES_KEPT


def purge_done(*, at: datetime, limit: int) -> int:
    """Delete messages that were done with long ago, passing over those that others delete.

    Those that were given up stay until somebody says what becomes of them. What was made first is
    looked at first, by its id, which tells its age and needs no further index.

    :returns: how many there were.
    """
    since = kept_since(at)
    old = Delivery.objects.filter(id__lt=first_id_at(since), done_at__lt=since).order_by("id")
    batch = old.select_for_update(skip_locked=True).values_list("id", flat=True)[:limit]
    purged, _ = Delivery.objects.filter(id__in=list(batch)).delete()
    return purged


def pause_after(delivery_id: UUID, attempts: int, channel: str = "") -> timedelta:
    """Tell how long to wait after so many attempts: twice as long each time, up to six hours.

    A channel with pauses of its own keeps to these. The jitter is that of the message and the
    attempt, so that it can be foretold.
    """
    share = crc32(delivery_id.bytes + attempts.to_bytes(4, "big")) / 2**32
    pauses = PAUSES.get(channel)
    if pauses is not None:
        return pauses[min(max(attempts, 1), len(pauses)) - 1] * (1 + LATER * share)
    doublings: int = 2 ** min(max(attempts - 1, 0), 12)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * doublings)
    return pause * (1 - JITTER + 2 * JITTER * share)


def last_attempt(channel: str) -> int:
    """Tell after how many attempts a message of a channel is given up."""
    pauses = PAUSES.get(channel)
    return LAST_ATTEMPT if pauses is None else len(pauses) + 1


class _Row(NamedTuple):
    """What is written of a message, in the order of the statement's columns."""

    id: UUID
    attempts: int
    is_done: bool
    skipped: str
    is_given_up: bool
    due_at: datetime
    attempts_after: int
    error: str
    at: datetime


def _row(outcome: Outcome, at: datetime) -> _Row:
    delivery, result, reason = outcome[:3]
    is_done = result in (Result.SENT, Result.SKIPPED)
    is_last = result is Result.PUT_OFF and delivery.attempts >= last_attempt(delivery.channel)
    return _Row(
        id=delivery.id,
        attempts=delivery.attempts,
        is_done=is_done,
        skipped=reason[:30] if result is Result.SKIPPED else "",
        is_given_up=is_last or result is Result.REFUSED,
        due_at=delivery.due_at if is_done or is_last else _due_at(outcome, at),
        attempts_after=delivery.attempts - (result is Result.UNTRIED),
        error="" if is_done or result is Result.UNTRIED else reason[:200],
        at=at,
    )


def _due_at(outcome: Outcome, at: datetime) -> datetime:
    """Tell when a message is due that is neither done nor given up."""
    delivery, due_at = outcome.delivery, outcome.delivery.due_at
    if outcome.result is Result.PUT_OFF:
        due_at = at + pause_after(delivery.id, delivery.attempts, delivery.channel)
    return due_at if outcome.not_before is None else max(due_at, outcome.not_before)


_RECORD = """
    UPDATE core_delivery d
    SET done_at = CASE WHEN o.is_done THEN o.at END,
        skipped = o.skipped,
        failed_at = CASE WHEN o.is_given_up THEN o.at END,
        due_at = o.due_at,
        attempts = o.attempts_after,
        claimed_until = NULL,
        last_error = o.error
    FROM unnest(%s::uuid[], %s::int[], %s::bool[], %s::text[], %s::bool[], %s::timestamptz[],
                %s::int[], %s::text[], %s::timestamptz[])
        AS o (id, attempts, is_done, skipped, is_given_up, due_at, attempts_after, error, at)
    WHERE d.id = o.id AND d.done_at IS NULL AND (o.is_done OR d.attempts = o.attempts)
    RETURNING d.id
"""
