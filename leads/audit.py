"""Whether the log is as it was written: the chain of every lead, and checkpoints over all chains.

The chain of a lead shows a fact that was changed, moved or taken out of the middle. Facts cut off
its end leave a chain that is whole; the lead's row says how long it was, and a checkpoint knows the
last digest of every lead that had a fact in its time. Checkpoints follow one another in a chain as
well. Whoever may change every table can recompute all of it: keep the digest of a checkpoint, which
is logged, somewhere else.
"""

import hashlib
import logging
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from leadhub.core.settled import USUAL, nothing_is_written_before
from leadhub.core.tenancy.context import system_context, tenant_context
from leadhub.core.turns import wait_for_turn
from leads.chain import FIRST, Fact, digest_after
from leads.models import Lead, LeadEvent, LogCheckpoint
from partners.models import Manufacturer

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
READ_AT_ONCE = 2_000
TOLD_EVERY = 100_000


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which the log is not as it was written.

    :ivar lead_id: ``None`` if only a checkpoint knows that something is missing.
    :ivar sequence: number of the fact in the lead's log, or of the checkpoint.
    """

    lead_id: UUID | None
    sequence: int
    reason: str

    def __str__(self) -> str:
        place = f"checkpoint {self.sequence}" if self.lead_id is None else f"lead {self.lead_id}"
        fact = "" if self.lead_id is None else f", event {self.sequence}"
        return f"{place}{fact}: {self.reason}"


@dataclass(slots=True)
class Verdict:
    """What was found in a manufacturer's log."""

    leads: int = 0
    events: int = 0
    checkpoints: int = 0
    broken: Break | None = None


@dataclass(slots=True)
class _Span:
    """What a checkpoint covers: the facts recorded since the one before it."""

    events: int = 0
    ends: Any = field(default_factory=hashlib.sha256)

    def take(self, lead_id: UUID, sequence: int, digest: bytes, *, events: int) -> None:
        """Add the last fact of a lead in this span; leads come in the order of their ids."""
        self.events += events
        self.ends.update(lead_id.bytes + sequence.to_bytes(4) + digest)

    def digest_after(self, previous: bytes) -> bytes:
        """Compute the digest of a checkpoint that follows another."""
        return hashlib.sha256(previous + self.events.to_bytes(8) + self.ends.digest()).digest()


def take_checkpoints(*, at: datetime, every: timedelta = EVERY, settled: timedelta = USUAL) -> int:
    """Take the checkpoint of every manufacturer whose last one is older than a day.

    Any number of these may run at once. This function will return how many were taken.
    """
    with system_context("audit.take_checkpoints"):
        due = list(
            Manufacturer.objects.exclude(
                id__in=LogCheckpoint.objects.filter(taken_at__gt=at - every).values("manufacturer")
            ).values_list("id", flat=True)
        )
    return sum(_take_checkpoint(one, at=at, every=every, settled=settled) for one in due)


def _take_checkpoint(
    manufacturer_id: UUID, *, at: datetime, every: timedelta, settled: timedelta
) -> bool:
    with tenant_context(manufacturer_id):
        # What is logged has to be what is stored: operators keep it.
        wait_for_turn("checkpoint", manufacturer_id)
        before = _last_checkpoint()
        if before is not None and before.taken_at > at - every:
            return False
        up_to = nothing_is_written_before(settled)
        span = _Span()
        facts = LeadEvent.objects.filter(recorded_at__lt=up_to).order_by("lead_id", "sequence")
        if before is not None:
            facts = facts.filter(recorded_at__gte=before.up_to)
        rows = facts.values_list("lead_id", "sequence", "digest")
        for lead_id, of_lead in groupby(rows.iterator(READ_AT_ONCE), key=itemgetter(0)):
            whole = list(of_lead)
            _, sequence, digest = whole[-1]
            span.take(lead_id, sequence, bytes(digest), events=len(whole))
        if not span.events:
            return False
        checkpoint = LogCheckpoint(
            manufacturer_id=manufacturer_id,
            number=before.number + 1 if before else 1,
            taken_at=at,
            up_to=up_to,
            events=span.events,
            digest=span.digest_after(bytes(before.digest) if before else FIRST),
        )
        checkpoint.save(force_insert=True)
    logger.info(
        "checkpoint %s of the log of %s: %s", checkpoint.number, manufacturer_id,
        checkpoint.digest.hex(),
    )  # fmt: skip
    return True


def _last_checkpoint() -> LogCheckpoint | None:
    return LogCheckpoint.objects.order_by("-number").first()


def verify_log(
    manufacturer_id: UUID, *, on_progress: Callable[[Verdict], None] | None = None
) -> Verdict:
    """Recompute every digest of a manufacturer's log, lead by lead, without keeping it in memory.

    This function will stop at the first lead that is broken, and name the fact; if every lead is
    whole, at the first checkpoint that knows of other facts than there are.

    :param on_progress: told what was verified so far, every ``TOLD_EVERY`` events.
    """
    verdict = Verdict()
    with tenant_context(manufacturer_id):
        checkpoints = list(LogCheckpoint.objects.order_by("number"))
        limits = [checkpoint.up_to for checkpoint in checkpoints]
        spans = [_Span() for _ in range(len(checkpoints) + 1)]
        for lead_id, rows in groupby(_rows(), key=itemgetter(0)):
            # All rows are read even so: the database's cursor has to end inside the context.
            if verdict.broken is None:
                verdict.leads += 1
                before = verdict.events // TOLD_EVERY
                verdict.broken = _follow(lead_id, rows, verdict, limits, spans)
                if on_progress is not None and verdict.events // TOLD_EVERY > before:
                    on_progress(verdict)
    if verdict.broken is None:
        verdict.checkpoints = len(checkpoints)
        verdict.broken = _compare(checkpoints, spans)
    return verdict


_COVERED = ("manufacturer_id", "lead_id", "id", "sequence", "type", "partner_id", "assignment_id")


def _rows() -> Iterator[tuple[Any, ...]]:
    """Read all leads with their facts, in one statement, so that nothing is added in between."""
    columns = (*_COVERED, "actor", "at", "data", "digest", "recorded_at")
    rows = Lead.objects.order_by("id", "events__sequence").values_list(
        "id", "last_sequence", "log_digest", *(f"events__{column}" for column in columns)
    )
    return rows.iterator(READ_AT_ONCE)


def _follow(
    lead_id: UUID,
    rows: Iterable[tuple[Any, ...]],
    verdict: Verdict,
    limits: list[datetime],
    spans: list[_Span],
) -> Break | None:
    """Follow the chain of one lead from its first fact to its last."""
    previous, expected, told = FIRST, 0, (0, FIRST)
    ends: dict[int, tuple[int, bytes, int]] = {}
    for _, length, head, *values, digest, recorded_at in rows:
        told = (length, bytes(head))
        if digest is None:  # a lead without a fact
            break
        fact, expected = Fact(*values), expected + 1
        if fact.sequence != expected:
            return Break(lead_id, expected, f"missing; event {fact.sequence} follows")
        previous = digest_after(previous, fact)
        if previous != bytes(digest):
            return Break(lead_id, expected, "not as it was written")
        place = bisect_right(limits, recorded_at)
        ends[place] = (expected, previous, ends.get(place, (0, FIRST, 0))[2] + 1)
    if (expected, previous) != told:
        return Break(lead_id, expected + 1, f"missing; the lead has had {told[0]} events")
    verdict.events += expected
    for place, (sequence, digest, events) in ends.items():
        spans[place].take(lead_id, sequence, digest, events=events)
    return None


def _compare(checkpoints: list[LogCheckpoint], spans: list[_Span]) -> Break | None:
    previous = FIRST
    for position, (checkpoint, span) in enumerate(zip(checkpoints, spans, strict=False), start=1):
        if checkpoint.number != position:
            return Break(None, position, "missing")
        if span.events != checkpoint.events:
            counted = f"{checkpoint.events} events were recorded, {span.events} are there"
            return Break(None, position, f"up to {checkpoint.up_to.isoformat()} {counted}")
        previous = span.digest_after(previous)
        if previous != bytes(checkpoint.digest):
            return Break(None, position, "other facts than those that were recorded")
    return None
