"""What holds of matching whatever the network looks like."""

from hypothesis import given, settings, strategies as st

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
)
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
@given(partners=networks, newcomer=profiles, rules=all_rules)
def test_changes_nothing_when_an_ineligible_partner_joins(
    partners: list[PartnerProfile], newcomer: PartnerProfile, rules: Rules
) -> None:
    outsider = newcomer._replace(was_asked=True)

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
    near = far._replace(id="a", distance_km=far.distance_km * nearer)

    order = ranked(match_partners(partners=[*partners, far, near], rules=rules))

    assert order.index("a") < order.index("b")


@STEADY
@given(one=fitting, rules=all_rules, better=st.sampled_from(["load", "tier", "certification"]))
def test_never_scores_a_partner_lower_for_being_better(
    one: PartnerProfile, rules: Rules, better: str
) -> None:
    improved = {
        "load": one._replace(open_assignments=max(0, one.open_assignments - 1)),
        "tier": one._replace(weight=min(100, one.weight + 1)),
        "certification": one._replace(certification_rank=6),
    }[better]

    (before,), (after,) = (
        match_partners(partners=[partner], rules=rules).matches for partner in (one, improved)
    )

    assert after.score >= before.score
