"""Who asked for which lead when, and what they were told; and whether that can all be true.

What is recorded is what the askers know: the instants of asking and of being told, and nothing
where an answer was lost, until a repeat tells them. The check needs no knowledge of the product but
what it promises about acceptance.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.calling import Answer


class Outcome(StrEnum):
    """What somebody was told."""

    WON = "won"
    TAKEN = "taken"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # no answer came
    FAILED = "failed"  # an answer that nobody should get


@dataclass(frozen=True)
class Told:
    """One attempt to take a lead.

    :ivar asked_at: seconds of a clock that only runs forward.
    :ivar told_at: of the same; when the answer was lost, when that was noticed.
    """

    lead: str
    who: str
    asked_at: float
    told_at: float
    outcome: Outcome
    body: bytes = b""

    @property
    def seconds(self) -> float:
        """How long it took to be told."""
        return self.told_at - self.asked_at


class History:
    """What everybody was told, from any number of threads."""

    def __init__(self) -> None:
        self._told: list[Told] = []
        self._lock = threading.Lock()

    @property
    def told(self) -> list[Told]:
        """All attempts, in the order in which they ended."""
        with self._lock:
            return list(self._told)

    def ask(self, lead: str, who: str, ask: Callable[[], Answer | None]) -> Told:
        """Ask, and record what came of it."""
        asked_at = time.monotonic()
        answer = ask()
        outcome = outcome_of(answer)
        body = answer.body if answer else b""
        return self.record(Told(lead, who, asked_at, time.monotonic(), outcome, body))

    def record(self, told: Told) -> Told:
        """Add an attempt that somebody else made."""
        with self._lock:
            self._told.append(told)
        return told

    def winners(self) -> dict[str, set[str]]:
        """Who was told to have won, by lead."""
        found: dict[str, set[str]] = defaultdict(set)
        for told in self.told:
            if told.outcome == Outcome.WON:
                found[told.lead].add(told.who)
        return dict(found)

    def double_winners(self) -> list[str]:
        """The leads that more than one was told to have won."""
        return sorted(lead for lead, who in self.winners().items() if len(who) > 1)

    def problems(self, held: Mapping[str, Iterable[str]]) -> list[str]:
        """Say what cannot be true of what was told.

        :param held: who holds each lead by the database, all that do.
        """
        by_lead: dict[str, list[Told]] = defaultdict(list)
        for told in sorted(self.told, key=lambda told: told.asked_at):
            by_lead[told.lead].append(told)
        return [
            problem
            for lead, attempts in by_lead.items()
            for problem in _problems_of(lead, attempts, set(held.get(lead, ())))
        ]


def outcome_of(answer: Answer | None) -> Outcome:
    """Read an answer to an acceptance."""
    if answer is None:
        return Outcome.UNKNOWN
    if answer.status == 200:
        return Outcome.WON
    if answer.status == 409:
        known = {"offer_taken": Outcome.TAKEN, "offer_closed": Outcome.CLOSED}
        return known.get(answer.code, Outcome.FAILED)
    return Outcome.FAILED


def _problems_of(lead: str, attempts: list[Told], held: set[str]) -> Iterable[str]:
    winners = {told.who for told in attempts if told.outcome == Outcome.WON}
    if len(winners) > 1:
        yield f"{lead}: {len(winners)} were told that they had won it"
    if winners - held or len(held) > 1:
        yield f"{lead}: told to {sorted(winners)}, in the database it is held by {sorted(held)}"
    for who in sorted({told.who for told in attempts}):
        own = [told for told in attempts if told.who == who]
        yield from (f"{lead}: {who} {problem}" for problem in _problems_of_one(own, who in held))
    yield from _told_too_early(lead, attempts, held)


def _problems_of_one(attempts: list[Told], is_holder: bool) -> Iterable[str]:  # noqa: FBT001
    outcomes = [told.outcome for told in attempts]
    if Outcome.FAILED in outcomes:
        yield f"got an answer that nobody should get: {_failure_in(attempts)!r}"
    if all(outcome == Outcome.UNKNOWN for outcome in outcomes):
        yield "never learned what became of it"
    refusals = {Outcome.TAKEN, Outcome.CLOSED}.intersection(outcomes)
    if refusals and (is_holder or Outcome.WON in outcomes):
        yield f"was told “{min(refusals)}” and won"
    bodies = {told.body for told in attempts if told.outcome == Outcome.WON}
    if len(bodies) > 1:
        yield f"won and got {len(bodies)} different answers"


def _failure_in(attempts: list[Told]) -> bytes:
    return next(told.body[:300] for told in attempts if told.outcome == Outcome.FAILED)


def _told_too_early(lead: str, attempts: list[Told], held: set[str]) -> Iterable[str]:
    """Nobody can have been told “taken” before whoever took the lead had asked for it."""
    first_asked = min((told.asked_at for told in attempts if told.who in held), default=None)
    for told in attempts:
        if told.outcome == Outcome.TAKEN and (first_asked is None or told.told_at < first_asked):
            yield f"{lead}: {told.who} was told “taken” before anybody could have taken it"
