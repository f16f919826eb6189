"""What holds of matching whatever the network looks like."""

from typing import Any

from hypothesis import assume, given, settings, strategies as st

from leads.matching import (
    STRATEGIES,
    TERMS,
    Decision,
    PartnerProfile,
    Rules,
    failed_gates,
    match_partners,
)

caps = st.none() | st.integers(min_value=0, max_value=5)
few = st.integers(min_value=0, max_value=5)
kilometres = st.floats(min_value=0, max_value=20_000, allow_nan=False)
profiles = st.builds(
    PartnerProfile,
    id=st.uuids().map(str),
    is_active=st.booleans(),
    is_reachable=st.booleans(),
    distance_km=st.none() | kilometres,
    radius_km=st.none() | st.floats(min_value=1, max_value=2_000),
    covers_by_code=st.booleans(),
    carries=st.booleans(),
    certification_rank=st.none() | st.integers(min_value=-3, max_value=5),
    open_assignments=few,
    cap_open=caps,
    cap_per_day=caps,
    cap_per_week=caps,
    cap_per_month=caps,
    offers_today=few,
    offers_this_week=few,
    offers_this_month=few,
    rested_seconds=st.none() | st.floats(min_value=0, max_value=1e8),
    weight=st.integers(min_value=0, max_value=100),
    was_asked=st.booleans(),
    absent_until=st.none() | st.just("2026-03-09"),
    overdue_feedback=few,
    conflict=st.none() | st.sampled_from(["source", "company"]),
    performance=st.floats(min_value=0, max_value=1),
)
fitting = profiles.map(
    lambda partner: partner._replace(
        is_active=True,
        is_reachable=True,
        covers_by_code=True,
        carries=True,
        certification_rank=5,
        cap_open=None,
        cap_per_day=None,
        cap_per_week=None,
        cap_per_month=None,
        was_asked=False,
        absent_until=None,
        overdue_feedback=0,
        conflict=None,
    )
)
networks = st.lists(profiles | fitting, max_size=12, unique_by=lambda partner: partner.id)
weights = st.sampled_from(list(STRATEGIES.values())) | st.dictionaries(
    st.sampled_from(TERMS), st.floats(min_value=0.01, max_value=10), min_size=1
)
all_rules = st.builds(
    Rules,
    required_rank=st.none() | st.integers(min_value=0, max_value=4),
    radius_km=st.none() | st.floats(min_value=1, max_value=2_000),
    weights=weights,
    max_overdue_feedback=few,
)
# What closes a gate whatever the lead asks for.
FLAWS = (
    {"is_active": False},
    {"is_reachable": False},
    {"absent_until": "2026-03-09"},
    {"covers_by_code": False, "radius_km": None},
    {"carries": False},
    {"cap_open": 0},
    {"cap_per_month": 0},
    {"overdue_feedback": 6},
    {"was_asked": True},
    {"conflict": "source"},
)
BETTER = ("load", "tier", "certification", "performance")
# As far apart as routing notes those that it asks together.
A_TRICE = 1e-6 / 60
STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=80)


def ranked(decision: Decision) -> list[str]:
    return [match.partner_id for match in decision.matches]


@STEADY
@given(partners=networks, rules=all_rules)
def test_either_matches_or_excludes_each_partner(
    partners: list[PartnerProfile], rules: Rules
) -> None:
    decision = match_partners(partners=partners, rules=rules)

    excluded = [exclusion.partner_id for exclusion in decision.exclusions]
    assert sorted(ranked(decision) + excluded) == sorted(partner.id for partner in partners)
    assert all(exclusion.gates for exclusion in decision.exclusions)
    assert all(not failed_gates(p, rules) for p in partners if p.id in ranked(decision))


@STEADY
@given(partners=networks, rules=all_rules)
def test_keeps_terms_and_scores_between_0_and_1(
    partners: list[PartnerProfile], rules: Rules
) -> None:
    decision = match_partners(partners=partners, rules=rules)

    for match in decision.matches:
        assert len(match.terms) == len(TERMS)
        assert all(0 <= term <= 1 for term in match.terms)
        assert 0 <= match.score <= 1


@STEADY
@given(partners=networks, rules=all_rules, order=st.randoms(use_true_random=False))
def test_does_not_depend_on_the_order_of_the_network(
    partners: list[PartnerProfile], rules: Rules, order: object
) -> None:
    shuffled = list(partners)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    decision = match_partners(partners=partners, rules=rules)

    assert match_partners(partners=shuffled, rules=rules) == decision


@STEADY
@given(partners=networks, newcomer=fitting, flaw=st.sampled_from(FLAWS), rules=all_rules)
def test_changes_nothing_when_an_ineligible_partner_joins(
    partners: list[PartnerProfile], newcomer: PartnerProfile, flaw: dict[str, Any], rules: Rules
) -> None:
    outsider = newcomer._replace(**flaw)

    before = match_partners(partners=partners, rules=rules)
    after = match_partners(partners=[*partners, outsider], rules=rules)

    assert after.matches == before.matches


@STEADY
@given(partners=networks, newcomer=fitting, rules=all_rules)
def test_keeps_the_order_of_the_others_when_a_partner_joins(
    partners: list[PartnerProfile], newcomer: PartnerProfile, rules: Rules
) -> None:
    before = match_partners(partners=partners, rules=rules)
    after = match_partners(partners=[*partners, newcomer], rules=rules)

    assert [name for name in ranked(after) if name != newcomer.id] == ranked(before)


@STEADY
@given(partners=networks, one=fitting, nearer=st.floats(min_value=0, max_value=1), rules=all_rules)
def test_never_ranks_a_nearer_partner_below_one_that_is_otherwise_equal(
    partners: list[PartnerProfile], one: PartnerProfile, nearer: float, rules: Rules
) -> None:
    far = one._replace(id="b", distance_km=(one.distance_km or 1.0) + 1.0)
    assert far.distance_km is not None
    near = far._replace(id="c", distance_km=far.distance_km * nearer)
    assert near.distance_km is not None
    assume(near.distance_km < far.distance_km and rules.weights.get("proximity", 0) > 0)

    order = ranked(match_partners(partners=[*partners, far, near], rules=rules))

    assert order.index("c") < order.index("b")


@STEADY
@given(one=fitting, rules=all_rules, better=st.sampled_from(BETTER))
def test_never_scores_a_partner_lower_for_being_better(
    one: PartnerProfile, rules: Rules, better: str
) -> None:
    improved = {
        "load": one._replace(open_assignments=max(0, one.open_assignments - 1)),
        "tier": one._replace(weight=min(100, one.weight + 1)),
        "certification": one._replace(certification_rank=6),
        "performance": one._replace(performance=1.0),
    }[better]

    (before,), (after,) = (
        match_partners(partners=[partner], rules=rules).matches for partner in (one, improved)
    )

    assert after.score >= before.score


@STEADY
@given(
    equal=fitting,
    partners=st.integers(min_value=1, max_value=7),
    asked=st.integers(min_value=1, max_value=3),
    leads=st.integers(min_value=1, max_value=60),
    strategy=st.sampled_from(["ROUND_ROBIN", "BALANCED", "NEAREST", "WEIGHTED"]),
)
def test_shares_leads_out_equally_among_equal_partners(
    equal: PartnerProfile, partners: int, asked: int, leads: int, strategy: str
) -> None:
    last_asked: dict[str, float] = {}
    shares = {str(number): 0 for number in range(partners)}
    rules = Rules(required_rank=None, radius_km=None, weights=STRATEGIES[strategy])

    for minute in range(leads):
        network = [
            equal._replace(
                id=name,
                rested_seconds=60.0 * (minute - last_asked[name]) if name in last_asked else None,
            )
            for name in shares
        ]
        chosen = ranked(match_partners(partners=network, rules=rules))[:asked]
        for rank, name in enumerate(chosen):
            last_asked[name] = minute + rank * A_TRICE
            shares[name] += 1

    assert max(shares.values()) - min(shares.values()) <= 1
