"""How likely and how soon partners take a lead, judged by how they answered. Pure.

A partner answers an offer with yes with the chance ``p``; if it does, the time that it takes is
exponentially distributed with the mean ``t``. Both are shrunk towards the network's, as if every
partner had ``PRIOR`` answers of an average one beside its own:

    p = (accepted + PRIOR * P) / (answered + PRIOR)        P: accepted / answered of the network
    t = (seconds + PRIOR * P * T) / (accepted + PRIOR * P)  T: seconds / accepted of the network

(the mean of a beta posterior, and of a gamma posterior, whose prior is worth so many answers).
Answered is accepted, declined or run out; an offer that another partner was faster with says
nothing. In a wave, partners answer independently of each other, so that after ``u`` seconds
nobody has taken the lead with the chance

    S(u) = product over partners of  1 - p * (1 - exp(-(u - head start) / t))

and waves follow each other as long as somebody is left to ask. Where the policy allows late
answers, who was asked goes on to answer in later waves, and for a few days after the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import NamedTuple

# So many answers of an average partner are added to a partner's own.
PRIOR = 10.0
# Where nobody ever answered: every third offer is taken, half an hour later.
UNKNOWN_CHANCE, UNKNOWN_SECONDS = 1 / 3, 1_800.0
# A wave is cut into so many parts to add up the time in it (Simpson's rule: an even number).
PARTS = 8
# What is left of the chance that nobody has taken the lead is not followed any further.
AS_GOOD_AS_TAKEN = 0.005
# For so long after the last wave late answers are waited for, in spans that are added up: seconds.
AFTERWARDS = (3_600.0, 14_400.0, 86_400.0, 259_200.0)


class Answers(NamedTuple):
    """What a partner did with offers: how many it answered, accepted, and in how much time.

    :ivar seconds: the sum over the accepted ones, from when the partner could see them.
    """

    answered: int
    accepted: int
    seconds: float


class Odds(NamedTuple):
    """The chance that a partner takes a lead, and the mean seconds until it does."""

    chance: float
    seconds: float


class Asked(NamedTuple):
    """One wave as it is expected: its window, the head start of its first, and whom it asks."""

    window: float
    head_start: float
    odds: Sequence[Odds]


class Expectation(NamedTuple):
    """What is expected of a lead.

    :ivar chance: that somebody takes it in the waves.
    :ivar seconds: mean time until then, if somebody does; ``None`` if nobody can.
    :ivar reached: for each wave the chance that it comes to it.
    """

    chance: float
    seconds: float | None
    reached: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """How the partners of a network answer."""

    usual: Odds
    known: Mapping[str, Odds]

    def of(self, partner_id: str) -> Odds:
        """Tell the odds of a partner; one that was never asked is an average one."""
        return self.known.get(partner_id, self.usual)


def judge_network(answers: Mapping[str, Answers]) -> Network:
    """Shrink what each partner did towards what all did."""
    answered = sum(one.answered for one in answers.values())
    accepted = sum(one.accepted for one in answers.values())
    seconds = sum(one.seconds for one in answers.values())
    usual = Odds(
        accepted / answered if accepted else UNKNOWN_CHANCE,
        max(seconds / accepted, 1.0) if accepted else UNKNOWN_SECONDS,
    )
    return Network(usual, {partner: _shrink(one, usual) for partner, one in answers.items()})


def expect(waves: Iterable[Asked], *, late_answers: bool) -> Expectation:
    """Follow a lead from wave to wave until it is as good as taken or nobody is left.

    :param late_answers: an offer that ran out may still be accepted.
    """
    course = _Course()
    reached: list[float] = []
    for wave in waves:
        reached.append(course.free)
        course.ask(wave)
        course.pass_time(wave.window)
        if not late_answers:
            course.close_offers()
        if course.free < AS_GOOD_AS_TAKEN:
            break
    for window in AFTERWARDS if late_answers and reached else ():
        if course.free < AS_GOOD_AS_TAKEN:
            break
        course.pass_time(window)
    taken = 1.0 - course.free
    seconds = (course.waited - course.free * course.now) / taken if taken > 0 else None
    return Expectation(taken, seconds, tuple(reached))


@dataclass
class _Course:
    """How a lead fares: the chance that it is still free, and the mean time that it was.

    :ivar open: chance and seconds of each offer that may be accepted, and since when it is seen.
    :ivar closed: the chance that nobody took it whose offer is closed.
    """

    now: float = 0.0
    free: float = 1.0
    waited: float = 0.0
    closed: float = 1.0
    open: list[tuple[float, float, float]] = field(default_factory=list)

    def ask(self, wave: Asked) -> None:
        """Make the offers of a wave."""
        self.open += [
            (chance, seconds, self.now if rank == 0 else self.now + wave.head_start)
            for rank, (chance, seconds) in enumerate(wave.odds)
        ]

    def close_offers(self) -> None:
        """Let all offers run out for good."""
        self.closed, self.open = self.free, []

    def pass_time(self, window: float) -> None:
        """Add up the time for which it is free in a window, by Simpson's rule.

        Answers come early rather than late: the parts grow with the cube of their number.
        """
        spent = 0.0
        for part in range(1, PARTS + 1):
            share = part / PARTS
            weight = 1 if part == PARTS else 4 if part % 2 else 2
            after = self._free_at(self.now + window * share**3)
            spent += weight * after * 3 * share**2
            self.free = after
        self.waited += spent * window / (3 * PARTS)
        self.now += window

    def _free_at(self, moment: float) -> float:
        free = self.closed
        for chance, seconds, since in self.open:
            if moment > since:
                free *= 1.0 - chance * (1.0 - exp((since - moment) / seconds))
        return free


def _shrink(one: Answers, usual: Odds) -> Odds:
    expected = PRIOR * usual.chance
    return Odds(
        (one.accepted + expected) / (one.answered + PRIOR),
        max((one.seconds + expected * usual.seconds) / (one.accepted + expected), 1.0),
    )
