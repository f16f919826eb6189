"""Who gets a lead: hard gates, then a readable score. Pure: values in, decision out.

The same function serves live routing and the explanation on a lead's page. SQL only narrows the
candidates (``leads.candidates``); what counts is decided here, and every match and every
exclusion carries the figures it was decided by.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

# A partner this far away is half as near as one next door.
PROXIMITY_HALF_KM = 25.0
# Without a cap, this many open assignments halve the free capacity.
LOAD_HALF = 5.0
# A partner asked this long ago is half rested.
ROTATION_HALF_SECONDS = 86_400.0
# Whose limit it was that a gate closed at.
WAVE = "wave"
# Where nothing is known of the distance, it neither helps nor harms.
UNKNOWN_PROXIMITY = 0.5
# A partner that does as well as its network; so does one of whom nothing is known.
USUAL_PERFORMANCE = 0.5

# Why a partner is inactive, where it is neither paused nor gone.
ABSENT = "absent"
UNREACHABLE = "nobody to tell"

TERMS = ("proximity", "performance", "load", "rotation", "tier", "certification")

# Presets of weights: what a manufacturer means by a name, in shares of the whole.
# NEAREST: the way to the customer alone. BALANCED: the way first, what a partner makes of its leads
# next, and work spread over those that are free. BEST_PERFORMER: who does most with its leads, if
# it is free and not at the other end of the area. ROUND_ROBIN: whoever was asked longest ago.
# WEIGHTED: whom the manufacturer prefers, and of those alike the near and the rested.
STRATEGIES: Mapping[str, Mapping[str, float]] = {
    "NEAREST": {"proximity": 1.0},
    "BALANCED": {
        "proximity": 0.35,
        "performance": 0.2,
        "load": 0.15,
        "rotation": 0.15,
        "tier": 0.1,
        "certification": 0.05,
    },
    "BEST_PERFORMER": {
        "performance": 0.6,
        "load": 0.15,
        "proximity": 0.1,
        "certification": 0.1,
        "rotation": 0.05,
    },
    "ROUND_ROBIN": {"rotation": 1.0},
    "WEIGHTED": {"tier": 0.7, "proximity": 0.15, "rotation": 0.15},
}


class PartnerProfile(NamedTuple):
    """What matching knows of a partner, in relation to one lead.

    :ivar distance_km: from the partner to the lead; ``None`` if the lead's place is unknown.
    :ivar covers_by_code: a postal code or region of the partner covers the lead.
    :ivar carries: it sells what the policy wants it to sell: all lines asked for, or any.
    :ivar certification_rank: the rank it holds for all lines asked for (lowest of them).
    :ivar offers_today: offers made in the manufacturer's calendar day, as the week's and month's; 0
        where no cap asks.
    :ivar open_assignments: 0 where neither a score nor a cap asks.
    :ivar rested_seconds: time since the last offer; ``None`` if never asked, and where no score
        asks.
    :ivar was_asked: was offered this lead before and declined, returned it or let it expire; for
        the pick list only the first two count.
    :ivar absent_until: the last day of its absence today, ``YYYY-MM-DD``.
    :ivar overdue_feedback: how many leads in its hands it owes feedback on.
    :ivar conflict: what of the lead is on its exclusion list (``source``, ``company``, ...), never
        the entry itself, which may name a customer.
    :ivar performance: in [0, 1], 0.5 as the network; see ``leads.performance``.
    """

    id: str
    is_active: bool
    is_reachable: bool
    distance_km: float | None
    radius_km: float | None
    covers_by_code: bool
    carries: bool
    certification_rank: int | None
    cap_open: int | None
    cap_per_day: int | None
    cap_per_week: int | None
    cap_per_month: int | None
    weight: int
    was_asked: bool
    open_assignments: int
    rested_seconds: float | None
    absent_until: str | None = None
    overdue_feedback: int = 0
    conflict: str | None = None
    performance: float = USUAL_PERFORMANCE
    offers_today: int = 0
    offers_this_week: int = 0
    offers_this_month: int = 0


class Gate(NamedTuple):
    """A gate that a partner fails: its code, and the figures that failed, measure and limit.

    :ivar limit_of: ``WAVE`` if the limit is the wave's, while the partner's own would have let the
        lead through; else nothing.
    """

    code: str
    measure: float | str | None = None
    limit: float | str | None = None
    limit_of: str = ""


class Match(NamedTuple):
    """A partner that may have the lead.

    :ivar score: weighted mean of the terms, in [0, 1].
    :ivar terms: one value in [0, 1] for each of ``TERMS``.
    """

    partner_id: str
    score: float
    distance_km: float | None
    terms: tuple[float, ...]


class Exclusion(NamedTuple):
    """A partner that may not have the lead, with every gate it fails."""

    partner_id: str
    distance_km: float | None
    carries: bool
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a lead and its policy ask of a partner.

    :ivar required_rank: the least certification rank, ``None`` if none is asked for.
    :ivar radius_km: the wave's cap on distance, ``None`` for no cap.
    :ivar weights: score term -> weight.
    :ivar max_overdue_feedback: so much overdue feedback closes no gate yet.
    """

    required_rank: int | None
    radius_km: float | None
    weights: Mapping[str, float]
    max_overdue_feedback: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The ranked matches, best first, and the exclusions, nearest first."""

    matches: list[Match]
    exclusions: list[Exclusion]


def weights_of(strategy: str, weights: Mapping[str, float]) -> Mapping[str, float]:
    """Choose the weights: a policy's own, else its strategy's preset."""
    return weights or STRATEGIES[strategy]


def match_partners(*, partners: Sequence[PartnerProfile], rules: Rules) -> Decision:
    """Judge each partner by the gates and rank those that pass.

    :returns: matches by score, ties by the longest rest, then by id; exclusions with those that
        carry the product lines first, then by distance.
    """
    passed: list[PartnerProfile] = []
    exclusions: list[Exclusion] = []
    for partner in partners:
        gates = () if _passes_plainly(partner, rules) else tuple(failed_gates(partner, rules))
        if gates:
            exclusions.append(Exclusion(partner.id, partner.distance_km, partner.carries, gates))
        else:
            passed.append(partner)
    exclusions.sort(key=_nearness)
    return Decision(_ranked(passed, rules), exclusions)


# Of most partners there is nothing to say beyond the distance, which one comparison tells.
_HINDRANCES = {
    "is_active": True,
    "is_reachable": True,
    "carries": True,
    "was_asked": False,
    "cap_open": None,
    "cap_per_day": None,
    "cap_per_week": None,
    "cap_per_month": None,
    "absent_until": None,
    "overdue_feedback": 0,
    "conflict": None,
}
_hindrances_of = itemgetter(*map(PartnerProfile._fields.index, _HINDRANCES))
_UNHINDERED = tuple(_HINDRANCES.values())


def _passes_plainly(partner: PartnerProfile, rules: Rules) -> bool:
    """Tell of most that pass every gate that they do; of the others ``failed_gates`` tells."""
    distance, radius = partner.distance_km, partner.radius_km
    return (
        _hindrances_of(partner) == _UNHINDERED
        and distance is not None
        and radius is not None
        and distance <= radius
        and (rules.radius_km is None or distance <= rules.radius_km)
        and rules.required_rank is None
    )


def failed_gates(partner: PartnerProfile, rules: Rules) -> list[Gate]:
    """List every gate the partner fails; none means it may be asked."""
    outside = _outside_area(partner, rules.radius_km)
    gates = [] if outside is None else [outside]
    if not partner.carries:
        gates.append(Gate("not_in_portfolio"))
    gates.extend(failed_own_gates(partner, rules.required_rank, rules.max_overdue_feedback))
    return gates


def failed_own_gates(
    partner: PartnerProfile, required_rank: int | None, max_overdue_feedback: int = 0
) -> list[Gate]:
    """List the gates a partner fails whose area and portfolio fit: inactive, not certified, ..."""
    if required_rank is None and _hindrances_of(partner) == _UNHINDERED:
        return []
    gates = _inactive(partner)
    rank = partner.certification_rank
    if required_rank is not None and (rank is None or rank < required_rank):
        gates.append(Gate("not_certified", rank, required_rank))
    if partner.cap_open is not None or has_offer_cap(partner):
        gates.extend(_caps_reached(partner))
    if partner.overdue_feedback > max_overdue_feedback:
        gates.append(Gate("feedback_overdue", partner.overdue_feedback, max_overdue_feedback))
    if partner.was_asked:
        gates.append(Gate("already_asked"))
    if partner.conflict is not None:
        gates.append(Gate("conflict", partner.conflict))
    return gates


def _inactive(partner: PartnerProfile) -> list[Gate]:
    """Say why a partner takes part in nothing today; who is paused need not be told the rest."""
    if not partner.is_active:
        return [Gate("inactive")]
    gates = []
    if partner.absent_until is not None:
        gates.append(Gate("inactive", ABSENT, partner.absent_until))
    if not partner.is_reachable:
        gates.append(Gate("inactive", UNREACHABLE))
    return gates


def _outside_area(partner: PartnerProfile, wave_radius_km: float | None) -> Gate | None:
    if partner.covers_by_code:
        return None
    distance, radius = partner.distance_km, partner.radius_km
    if distance is None:
        return Gate("outside_area", None, radius)
    if radius is None:
        return Gate("outside_area", distance)
    if distance > radius:
        return Gate("outside_area", distance, radius)
    if wave_radius_km is not None and distance > wave_radius_km:
        return Gate("outside_area", distance, wave_radius_km, WAVE)
    return None


def has_offer_cap(partner: PartnerProfile) -> bool:
    """Tell whether the offers made to a partner in some span are capped."""
    return (
        partner.cap_per_day is not None
        or partner.cap_per_week is not None
        or partner.cap_per_month is not None
    )


def _caps_reached(partner: PartnerProfile) -> list[Gate]:
    used_and_cap = (
        (partner.open_assignments, partner.cap_open, "open"),
        (partner.offers_today, partner.cap_per_day, "today"),
        (partner.offers_this_week, partner.cap_per_week, "this week"),
        (partner.offers_this_month, partner.cap_per_month, "this month"),
    )
    return [
        Gate("at_capacity", f"{used} {span}", cap)
        for used, cap, span in used_and_cap
        if cap is not None and used >= cap
    ]


_scored_by = itemgetter(
    *map(
        PartnerProfile._fields.index,
        (
            *("id", "distance_km", "performance", "open_assignments", "cap_open"),
            *("rested_seconds", "weight", "certification_rank"),
        ),
    )
)


def _ranked(partners: Sequence[PartnerProfile], rules: Rules) -> list[Match]:
    """Score partners that may have the lead, and put the best first.

    What is shown is rounded; what decides is not, lest the nearer of two come second by its id.
    """
    required_rank = rules.required_rank or 0
    by_proximity, by_performance, by_load, by_rotation, by_tier, by_certification = _normalised(
        rules.weights
    )
    ranked: list[tuple[float, float, str, Match]] = []
    for id_, distance, performance, taken, cap, rest, weight, rank in map(_scored_by, partners):
        proximity = (
            UNKNOWN_PROXIMITY
            if distance is None
            else PROXIMITY_HALF_KM / (PROXIMITY_HALF_KM + distance)
        )
        load = (cap - taken) / cap if cap else LOAD_HALF / (LOAD_HALF + taken)
        # A lead whose instant was read earlier may come later: nobody has rested less than nothing.
        rested = None if rest is None else rest if rest > 0 else 0.0
        rotation = 1.0 if rested is None else rested / (rested + ROTATION_HALF_SECONDS)
        tier = weight / 100
        above = (rank or 0) - required_rank
        certification = above / (above + 1) if above > 0 else 0.0
        score = (
            by_proximity * proximity
            + by_performance * performance
            + by_load * load
            + by_rotation * rotation
            + by_tier * tier
            + by_certification * certification
        )
        # Rounded to thousandths by floor division: ``round`` goes by way of text and takes five
        # times as long, seven times a partner.
        terms = (
            (proximity * 1e3 + 0.5) // 1 / 1e3,
            (performance * 1e3 + 0.5) // 1 / 1e3,
            (load * 1e3 + 0.5) // 1 / 1e3,
            (rotation * 1e3 + 0.5) // 1 / 1e3,
            (tier * 1e3 + 0.5) // 1 / 1e3,
            (certification * 1e3 + 0.5) // 1 / 1e3,
        )
        match = Match(id_, (score * 1e4 + 0.5) // 1 / 1e4, distance, terms)
        ranked.append((-score, -math.inf if rest is None else -rest, id_, match))
    ranked.sort()
    return [match for _, _, _, match in ranked]


def _normalised(weights: Mapping[str, float]) -> tuple[float, ...]:
    whole = sum(weights.get(term, 0.0) for term in TERMS)
    return tuple(weights.get(term, 0.0) / whole for term in TERMS)


def _nearness(exclusion: Exclusion) -> tuple[bool, float, str]:
    distance = exclusion.distance_km
    far = float("inf") if distance is None else distance
    return (not exclusion.carries, far, exclusion.partner_id)
