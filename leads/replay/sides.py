"""The two sides of a replay over one lead after the other, and what they made of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from leads.matching import PartnerProfile, failed_own_gates
from leads.policies import choose_policy
from leads.replay.books import Books
from leads.replay.odds import Asked, Network, expect
from leads.replay.past import PastLead
from leads.replay.rounds import PolicyRules, Round, rounds_of
from leads.replay.tallies import Tally

# How a replay's result names them: what was, what it is set against, and what is tried out.
THEN, AGAINST, TRIED = "then", "against", "policy"
NAMES = (THEN, AGAINST, TRIED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whom a side asks first for a lead; nobody if it finds none."""

    asked: tuple[str, ...]


@dataclass
class Side:
    """One set of policies with its books and figures."""

    policies: Sequence[PolicyRules]
    books: Books
    tally: Tally

    def policy_for(self, lead: PastLead) -> PolicyRules:
        """Choose the policy that holds for a lead on this side."""
        lines = [str(line) for line in lead.product_lines]
        return choose_policy(self.policies, product_lines=lines, source=lead.source)

    def decide(
        self,
        lead: PastLead,
        profiles: Sequence[PartnerProfile],
        *,
        network: Network,
        zone: ZoneInfo,
    ) -> Verdict:
        """Ask as this side's policy does, enter it in the books, and count it."""
        policy = self.policy_for(lead)
        partners = self.books.as_of_then(profiles, at=lead.opened_at, zone=zone)
        rounds: list[Round] = []
        waves = _asked(rounds_of(partners, policy, lead.required_rank), rounds, network)
        expected = expect(waves, late_answers=policy.late_answers)
        first = rounds[0].asked if rounds else []
        asked = tuple(match.partner_id for match in first)
        self.books.enter_wave(
            lead_id=lead.id,
            asked=asked,
            at=lead.opened_at,
            taker=_taker(asked, lead, network),
            is_true=set(asked) == set(lead.asked),
        )
        self.tally.add(
            distance_km=first[0].distance_km if first else None,
            chance=expected.chance,
            seconds=expected.seconds,
            offers=[
                (match.partner_id, share)
                for one, share in zip(rounds, expected.reached, strict=True)
                for match in one.asked
            ],
            is_unplaced=not first,
        )
        return Verdict(asked)


def count_truth(tally: Tally, lead: PastLead) -> None:
    """Count what was decided then, and what came of it."""
    seconds = (lead.taken_at - lead.opened_at).total_seconds() if lead.taken_at else None
    tally.add(
        distance_km=lead.distance_km,
        chance=float(lead.taken_at is not None),
        seconds=seconds,
        offers=[(partner, 1.0) for partner in (*lead.asked, *lead.asked_later)],
        is_unplaced=not lead.asked,
    )


def _asked(waves: Any, rounds: list[Round], network: Network) -> Any:
    """Go through the waves, keeping each as far as anybody looks."""
    for one in waves:
        rounds.append(one)
        odds = [network.of(match.partner_id) for match in one.asked]
        yield Asked(float(one.step.window), float(one.step.head_start), odds)


def _taker(asked: Sequence[str], lead: PastLead, network: Network) -> str | None:
    """Tell who takes the lead: who took it in truth if asked, else who is the likeliest to."""
    if lead.taker in asked:
        return lead.taker
    return max(asked, key=lambda partner: network.of(partner).chance, default=None)


@dataclass
class Comparison:
    """How the sides differ, lead by lead.

    :ivar moved: leads for which the policy tried out asks others than what it is set against;
        ``moved_first`` those for which it asks another partner first, ``moved_then`` those for
        which it asks others than were asked in truth.
    :ivar eligible: partners that could have been asked for any of the leads.
    :ivar examples: the first of the moved.
    """

    moved: int
    moved_first: int
    moved_then: int
    eligible: set[str]
    examples: list[dict[str, Any]]

    EXAMPLES_KEPT = 20

    def note_eligible(self, profiles: Iterable[PartnerProfile], lead: PastLead) -> None:
        """Note who could be asked for a lead; a partner that is full for the day could be, too."""
        for profile in profiles:
            gates = failed_own_gates(profile, lead.required_rank)
            if all(gate.code == "at_capacity" for gate in gates):
                self.eligible.add(profile.id)

    def compare(self, lead: PastLead, verdicts: Mapping[str, Verdict]) -> None:
        """Compare what the sides made of a lead."""
        tried, against = verdicts[TRIED].asked, verdicts[AGAINST].asked
        self.moved_then += set(tried) != set(lead.asked)
        self.moved_first += tried[:1] != against[:1]
        if set(tried) == set(against):
            return
        self.moved += 1
        if len(self.examples) < self.EXAMPLES_KEPT:
            self.examples.append(
                {
                    "lead": lead.id,
                    THEN: list(lead.asked),
                    AGAINST: list(against),
                    TRIED: list(tried),
                }
            )
