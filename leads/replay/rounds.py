"""Whom a policy asks for a past lead, wave by wave, if nobody takes it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from leads.matching import Match, PartnerProfile, Rules, match_partners, weights_of
from leads.models import RoutingPolicy

# A lead that so many waves did not place is looked at no further: the chance is as good as gone.
WAVES_FOLLOWED = 12


class Step(NamedTuple):
    """One wave of a policy; times in seconds."""

    partners: int
    window: int
    radius_km: float | None
    head_start: int


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """What a replay needs of a policy, as it was when the replay began."""

    id: str
    title: str
    product_line_id: str | None
    source: str | None
    any_product_line: bool
    late_answers: bool
    max_overdue_feedback: int
    weights: Mapping[str, float]
    steps: tuple[Step, ...]


class Round(NamedTuple):
    """One wave: its rule, and whom it asks, best first."""

    step: Step
    asked: list[Match]


def rules_of(policy: RoutingPolicy) -> dict[str, Any]:
    """Write a policy's rules so that they can be stored beside a replay."""
    return {
        "id": str(policy.id),
        "title": str(policy),
        "product_line_id": str(policy.product_line_id) if policy.product_line_id else None,
        "source": policy.source,
        "any_product_line": policy.any_product_line,
        "late_answers": policy.late_answers,
        "max_overdue_feedback": policy.max_overdue_feedback,
        "weights": dict(weights_of(policy.strategy, policy.weights)),
        "steps": [
            [
                wave["partners"],
                wave["response_window"],
                wave.get("radius_km"),
                wave.get("head_start", 0),
            ]
            for wave in policy.waves
        ],
    }


def read_rules(stored: Mapping[str, Any]) -> PolicyRules:
    """Read rules that ``rules_of`` wrote."""
    steps = tuple(Step(*step) for step in stored["steps"])
    return PolicyRules(**{**stored, "steps": steps})


def in_its_place(policy: PolicyRules, holding: Iterable[PolicyRules]) -> list[PolicyRules]:
    """Put a policy in the place of the one that holds for its reach, before all others."""
    reach = (policy.product_line_id, policy.source)
    return [policy, *(one for one in holding if (one.product_line_id, one.source) != reach)]


def rounds_of(
    partners: Sequence[PartnerProfile], policy: PolicyRules, required_rank: int | None
) -> Iterator[Round]:
    """Tell the waves one after the other, as if nobody took the lead; waves without any are passed.

    The last rule repeats. Nothing changes meanwhile but who was asked.
    """
    asked: set[str] = set()
    ranked: dict[float | None, list[Match]] = {}
    last = len(policy.steps) - 1
    for number in range(len(policy.steps) + WAVES_FOLLOWED):
        step = policy.steps[min(number, last)]
        if step.radius_km not in ranked:
            rules = Rules(
                required_rank, step.radius_km, policy.weights, policy.max_overdue_feedback
            )
            ranked[step.radius_km] = match_partners(partners=partners, rules=rules).matches
        left = [match for match in ranked[step.radius_km] if match.partner_id not in asked]
        if left:
            chosen = left[: step.partners]
            asked.update(match.partner_id for match in chosen)
            yield Round(step, chosen)
        elif number >= last:
            return
