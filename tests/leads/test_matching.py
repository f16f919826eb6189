"""Gates and score, by tables: every gate with its figures, every term with its value."""

from typing import Any

import pytest

from leads.explanations import describe_gate
from leads.matching import (
    STRATEGIES,
    TERMS,
    WAVE,
    Gate,
    PartnerProfile,
    Rules,
    failed_gates,
    match_partners,
    weights_of,
)

DAY = 86_400.0
FITTING = PartnerProfile(
    id="a",
    is_active=True,
    is_reachable=True,
    distance_km=10.0,
    radius_km=50.0,
    covers_by_code=False,
    carries=True,
    certification_rank=None,
    open_assignments=0,
    cap_open=None,
    cap_per_day=None,
    cap_per_week=None,
    cap_per_month=None,
    offers_today=0,
    offers_this_week=0,
    offers_this_month=0,
    rested_seconds=None,
    weight=50,
    was_asked=False,
)


def partner(**fields: Any) -> PartnerProfile:
    return FITTING._replace(**fields)


def rules(**fields: Any) -> Rules:
    return Rules(**{"required_rank": None, "radius_km": None, "weights": {"tier": 1.0}, **fields})


def gates(
    *,
    required_rank: int | None = None,
    wave_km: float | None = None,
    max_overdue: int = 0,
    **fields: Any,
) -> Any:
    asked = rules(required_rank=required_rank, radius_km=wave_km, max_overdue_feedback=max_overdue)
    return failed_gates(partner(**fields), asked)


def terms(required_rank: int | None = None, **fields: Any) -> dict[str, float]:
    decision = match_partners(
        partners=[partner(**fields)], rules=rules(required_rank=required_rank)
    )
    return dict(zip(TERMS, decision.matches[0].terms, strict=True))


def test_lets_a_fitting_partner_through_every_gate() -> None:
    assert gates() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # G1
        ({"is_active": False}, Gate("inactive")),
        ({"is_reachable": False}, Gate("inactive", "nobody to tell")),
        ({"absent_until": "2026-12-01"}, Gate("inactive", "absent", "2026-12-01")),
        ({"is_active": False, "absent_until": "2026-12-01"}, Gate("inactive")),
        # G2
        ({"distance_km": 50.1}, Gate("outside_area", 50.1, 50.0)),
        ({"distance_km": 20.1, "wave_km": 20.0}, Gate("outside_area", 20.1, 20.0, WAVE)),
        ({"distance_km": 50.1, "wave_km": 20.0}, Gate("outside_area", 50.1, 50.0)),
        ({"distance_km": 50.1, "wave_km": 50.0}, Gate("outside_area", 50.1, 50.0)),
        ({"distance_km": 50.1, "wave_km": 100.0}, Gate("outside_area", 50.1, 50.0)),
        ({"radius_km": None}, Gate("outside_area", 10.0)),
        ({"distance_km": None}, Gate("outside_area", None, 50.0)),
        # G3
        ({"carries": False}, Gate("not_in_portfolio")),
        # G4
        ({"required_rank": 2, "certification_rank": 1}, Gate("not_certified", 1, 2)),
        ({"required_rank": 2, "certification_rank": None}, Gate("not_certified", None, 2)),
        ({"required_rank": 0, "certification_rank": None}, Gate("not_certified", None, 0)),
        # G5
        ({"open_assignments": 3, "cap_open": 3}, Gate("at_capacity", "3 open", 3)),
        ({"open_assignments": 0, "cap_open": 0}, Gate("at_capacity", "0 open", 0)),
        ({"offers_today": 1, "cap_per_day": 1}, Gate("at_capacity", "1 today", 1)),
        ({"offers_this_week": 7, "cap_per_week": 5}, Gate("at_capacity", "7 this week", 5)),
        ({"offers_this_month": 9, "cap_per_month": 9}, Gate("at_capacity", "9 this month", 9)),
        ({"open_assignments": 4, "cap_open": 3}, Gate("at_capacity", "4 open", 3)),
        # G6
        ({"overdue_feedback": 1}, Gate("feedback_overdue", 1, 0)),
        ({"overdue_feedback": 4, "max_overdue": 3}, Gate("feedback_overdue", 4, 3)),
        # G7
        ({"was_asked": True}, Gate("already_asked")),
        # G8
        ({"conflict": "email_domain"}, Gate("conflict", "email_domain")),
    ],
    ids=str,
)
def test_stops_a_partner_with_the_figures_that_failed(
    fields: dict[str, Any], expected: Gate
) -> None:
    assert gates(**fields) == [expected]


@pytest.mark.parametrize(
    "fields",
    [
        {"distance_km": 50.0},
        {"distance_km": 20.0, "wave_km": 20.0},
        {"distance_km": 900.0, "covers_by_code": True},
        {"distance_km": 900.0, "covers_by_code": True, "wave_km": 20.0},
        {"distance_km": None, "covers_by_code": True},
        {"radius_km": None, "covers_by_code": True},
        {"required_rank": 2, "certification_rank": 2},
        {"required_rank": 2, "certification_rank": 7},
        {"open_assignments": 2, "cap_open": 3},
        {"open_assignments": 1_000, "cap_open": None},
        {"offers_today": 9, "cap_per_day": None, "cap_per_week": 10},
        {"offers_this_month": 8, "cap_per_month": 9},
        {"overdue_feedback": 3, "max_overdue": 3},
    ],
    ids=str,
)
def test_lets_a_partner_through_up_to_the_limit(fields: dict[str, Any]) -> None:
    assert gates(**fields) == []


def test_names_every_gate_that_a_partner_fails() -> None:
    failed = gates(
        is_active=False,
        distance_km=84.0,
        carries=False,
        required_rank=2,
        cap_open=1,
        open_assignments=1,
        cap_per_day=2,
        offers_today=4,
        overdue_feedback=2,
        was_asked=True,
        conflict="source",
    )

    assert [gate.code for gate in failed] == [
        "outside_area",
        "not_in_portfolio",
        "inactive",
        "not_certified",
        "at_capacity",
        "at_capacity",
        "feedback_overdue",
        "already_asked",
        "conflict",
    ]


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (Gate("outside_area", 84.0, 50.0), "84 km > 50 km"),
        (Gate("outside_area", 84.3), "84.3 km, and no postal code or region covers the lead"),
        (Gate("not_certified", None, 2), "certification rank none < 2"),
        (Gate("not_certified", 1, 2), "certification rank 1 < 2"),
        (Gate("at_capacity", "3 open", 3), "3 open, cap 3"),
        (Gate("inactive", "nobody to tell"), "nobody to tell"),
        (Gate("inactive"), "not active"),
        (Gate("inactive", "absent", "2026-12-01"), "absent: until 2026-12-01"),
        (Gate("feedback_overdue", 3, 1), "3 overdue > 1"),
        (Gate("conflict", "email_domain"), "on the exclusion list by email domain"),
    ],
)
def test_says_in_words_why_a_gate_is_closed(gate: Gate, words: str) -> None:
    assert describe_gate(gate) == words


@pytest.mark.parametrize(
    ("fields", "term", "value"),
    [
        ({"distance_km": 0.0}, "proximity", 1.0),
        ({"distance_km": 25.0}, "proximity", 0.5),
        ({"distance_km": 50.0}, "proximity", 0.333),
        ({"distance_km": None, "covers_by_code": True}, "proximity", 0.5),
        ({}, "performance", 0.5),
        ({"performance": 0.83217}, "performance", 0.832),
        ({"open_assignments": 0}, "load", 1.0),
        ({"open_assignments": 5}, "load", 0.5),
        ({"open_assignments": 1, "cap_open": 4}, "load", 0.75),
        ({"rested_seconds": None}, "rotation", 1.0),
        ({"rested_seconds": 0.0}, "rotation", 0.0),
        ({"rested_seconds": -DAY}, "rotation", 0.0),
        ({"rested_seconds": DAY}, "rotation", 0.5),
        ({"weight": 0}, "tier", 0.0),
        ({"weight": 100}, "tier", 1.0),
        ({"certification_rank": None}, "certification", 0.0),
        ({"certification_rank": 1}, "certification", 0.5),
        ({"certification_rank": 2, "required_rank": 2}, "certification", 0.0),
        ({"certification_rank": 4, "required_rank": 2}, "certification", 0.667),
    ],
    ids=str,
)
def test_gives_each_term_its_value(fields: dict[str, Any], term: str, value: float) -> None:
    assert terms(**fields)[term] == value


def test_weighs_the_terms() -> None:
    weights = {"proximity": 3.0, "tier": 1.0}

    decision = match_partners(
        partners=[partner(distance_km=25.0, weight=100)], rules=rules(weights=weights)
    )

    assert decision.matches[0].score == pytest.approx((3 * 0.5 + 1 * 1.0) / 4)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_has_presets_whose_weights_add_up(strategy: str) -> None:
    weights = weights_of(strategy, {})

    assert set(weights) <= set(TERMS)
    assert sum(weights.values()) == pytest.approx(1.0)


def test_takes_a_policys_own_weights_before_its_strategys() -> None:
    assert weights_of("NEAREST", {"tier": 1.0}) == {"tier": 1.0}


def test_ranks_the_best_first() -> None:
    decision = match_partners(
        partners=[partner(id="a", weight=10), partner(id="b", weight=90)], rules=rules()
    )

    assert [match.partner_id for match in decision.matches] == ["b", "a"]


@pytest.mark.parametrize(
    ("rests", "order"),
    [
        ((10.0, 20.0, 30.0), "cba"),
        ((10.0, None, 30.0), "bca"),
        ((10.0, 10.0, 10.0), "abc"),
        ((None, None, None), "abc"),
        ((None, 5.0, None), "acb"),
    ],
)
def test_breaks_ties_by_the_longest_rest_and_then_by_id(
    rests: tuple[float | None, ...], order: str
) -> None:
    partners = [
        partner(id=name, rested_seconds=rest) for name, rest in zip("abc", rests, strict=True)
    ]

    decision = match_partners(partners=partners[::-1], rules=rules())

    assert "".join(match.partner_id for match in decision.matches) == order


def test_lists_exclusions_that_carry_the_lines_first_and_then_the_nearest() -> None:
    partners = [
        partner(id="near but sells other things", distance_km=1.0, carries=False),
        partner(id="nowhere", distance_km=None),
        partner(id="far", distance_km=200.0),
        partner(id="farther", distance_km=300.0),
    ]

    decision = match_partners(partners=partners[::-1], rules=rules())

    assert [exclusion.partner_id for exclusion in decision.exclusions] == [
        "far",
        "farther",
        "nowhere",
        "near but sells other things",
    ]
