"""Why these partners: decisions packed into a wave's row, and unpacked for people and programs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from leads.candidates import EXPLAINED_AT_MOST
from leads.matching import TERMS, Exclusion, Gate, Match
from leads.models import Wave


class ExplainedGate(TypedDict):
    """A gate failed, and by which figures."""

    code: str
    detail: str


class ExplainedMatch(TypedDict):
    """A ranked partner; ``distance_km`` with one decimal, score and terms in [0, 1]."""

    partner: str
    rank: int
    score: float
    distance_km: float | None
    terms: dict[str, float]


class ExplainedExclusion(TypedDict):
    """An excluded partner with every gate it fails."""

    partner: str
    distance_km: float | None
    gates: list[ExplainedGate]


def pack_matches(matches: Sequence[Match]) -> dict[str, Any]:
    """Pack ranked matches; the position is the rank."""
    return {
        "terms": TERMS,
        "ranked": [
            (partner_id, score, _rounded(distance), *terms)
            for partner_id, score, distance, terms in matches
        ],
    }


def pack_exclusions(exclusions: Sequence[Exclusion]) -> list[Any]:
    """Pack the exclusions that come nearest."""
    return [
        (partner_id, _rounded(distance), [_pack_gate(gate) for gate in gates])
        for partner_id, distance, _carries, gates in exclusions[:EXPLAINED_AT_MOST]
    ]


def explain_matches(wave: Wave) -> list[ExplainedMatch]:
    """Unpack the ranked partners of a wave, best first."""
    names = wave.matches["terms"]
    return [
        {
            "partner": partner_id,
            "rank": rank,
            "score": score,
            "distance_km": distance,
            "terms": dict(zip(names, terms, strict=True)),
        }
        for rank, (partner_id, score, distance, *terms) in enumerate(wave.matches["ranked"], 1)
    ]


def ranked_partners(wave: Wave) -> Iterator[str]:
    """List the ranked partners of a wave, best first."""
    return (partner_id for partner_id, *_ in wave.matches["ranked"])


def excluded_partners(wave: Wave) -> Iterator[tuple[str, float | None, list[Gate]]]:
    """Unpack the excluded partners of a wave, those that sell what is asked for first."""
    for partner_id, distance, gates in wave.excluded:
        yield partner_id, distance, [Gate(*gate) for gate in gates]


def explain_exclusions(wave: Wave) -> list[ExplainedExclusion]:
    """Say why the excluded partners of a wave were excluded, in the same order."""
    return [
        {
            "partner": partner_id,
            "distance_km": distance,
            "gates": [{"code": gate.code, "detail": describe_gate(gate)} for gate in gates],
        }
        for partner_id, distance, gates in excluded_partners(wave)
    ]


def describe_gate(gate: Gate) -> str:
    """Say in words why a gate is closed, with its figures."""
    return DESCRIPTIONS[gate.code](gate) if gate.code in DESCRIPTIONS else gate.code


def _describe_area(gate: Gate) -> str:
    if gate.measure is None:
        return "the lead's place is unknown and no postal code or region covers it"
    if gate.limit is None:
        return f"{_km(gate.measure)}, and no postal code or region covers the lead"
    return f"{_km(gate.measure)} > {_km(gate.limit)}"


def _describe_inactive(gate: Gate) -> str:
    if gate.limit is not None:
        return f"{gate.measure}: until {gate.limit}"
    return str(gate.measure or "not active")


def _pack_gate(gate: Gate) -> tuple[float | str | None, ...]:
    code, measure, limit, limit_of = gate
    if isinstance(measure, float):
        measure = _rounded(measure)
    return (code, measure, limit, limit_of) if limit_of else (code, measure, limit)


def _rounded(distance: float | None) -> float | None:
    return None if distance is None else (distance * 10 + 0.5) // 1 / 10


def _km(distance: float | str | None) -> str:
    return f"{float(distance or 0):g} km"


DESCRIPTIONS: Mapping[str, Callable[[Gate], str]] = {
    "inactive": _describe_inactive,
    "outside_area": _describe_area,
    "not_in_portfolio": lambda gate: "does not sell every product line asked for",
    "not_certified": lambda gate: f"certification rank {gate.measure or 'none'} < {gate.limit}",
    "at_capacity": lambda gate: f"{gate.measure}, cap {gate.limit}",
    "feedback_overdue": lambda gate: f"{gate.measure} overdue > {gate.limit}",
    "already_asked": lambda gate: "was offered this lead before",
    "conflict": lambda gate: f"on the exclusion list by {str(gate.measure).replace('_', ' ')}",
}
