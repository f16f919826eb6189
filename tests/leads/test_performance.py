"""What partners make of their leads: shrunk rates, counts from rows, the term in the score."""

import random
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import judge_return
from leads.feedback import give_feedback, return_lead
from leads.models import Assignment, PartnerPerformance
from leads.performance import (
    GREATEST_STRENGTH,
    LEAST_STRENGTH,
    Counts,
    Prior,
    Tally,
    beside_mean,
    judge,
    prior_of,
    refresh_performance,
    shrink,
)
from partners.models import Partner, PortfolioItem
from tests.acting import DAY, HOUR, accept, asked, decline, holder_of, run_out
from tests.factories import NOON, Network

LATER = NOON + 2 * DAY
STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=80)
tallies = st.integers(min_value=1, max_value=200).flatmap(
    lambda trials: st.integers(min_value=0, max_value=trials).map(
        lambda successes: Tally(successes, trials)
    )
)


def test_takes_the_networks_mean_over_all_trials() -> None:
    prior = prior_of([Tally(9, 10), Tally(0, 30)])

    assert prior is not None
    assert prior.mean == pytest.approx(9 / 40)


def test_knows_nothing_without_a_trial() -> None:
    assert prior_of([Tally(0, 0)]) is None


def test_estimates_the_strength_by_moments() -> None:
    """Worked by hand: m = 1/2, N = 400, S = 4, A = 300, B = 3, g = (4 - 3/4) / (297/4)."""
    groups = [Tally(60, 100), Tally(60, 100), Tally(40, 100), Tally(40, 100)]

    prior = prior_of(groups)

    assert prior == pytest.approx(Prior(0.5, 74.25 / 3.25 - 1))


def test_finds_the_strength_that_partners_were_drawn_with() -> None:
    rng = random.Random(5)  # noqa: S311 - the same partners each time
    strength = 40.0
    drawn = []
    for _ in range(4_000):
        rate, trials = rng.betavariate(0.25 * strength, 0.75 * strength), rng.randint(5, 80)
        drawn.append(Tally(sum(rng.random() < rate for _ in range(trials)), trials))

    prior = prior_of(drawn)

    assert prior is not None
    assert prior.mean == pytest.approx(0.25, abs=0.01)
    assert prior.strength == pytest.approx(strength, rel=0.15)


@pytest.mark.parametrize(
    ("groups", "strength"),
    [
        ([Tally(50, 100), Tally(50, 100)], GREATEST_STRENGTH),  # no more apart than by chance
        ([Tally(0, 50), Tally(50, 50)], LEAST_STRENGTH),  # as far apart as can be
        ([Tally(5, 5), Tally(3, 3)], GREATEST_STRENGTH),  # no failure at all
        ([Tally(3, 7)], GREATEST_STRENGTH),  # nobody to compare with
    ],
)
def test_keeps_the_strength_within_bounds(groups: list[Tally], strength: float) -> None:
    prior = prior_of(groups)

    assert prior is not None
    assert prior.strength == strength


@STEADY
@given(st.lists(tallies, min_size=1, max_size=30))
def test_never_lets_three_leads_prove_anything(network: list[Tally]) -> None:
    prior = prior_of(network)
    assert prior is not None

    for lucky in (0, 3):
        moved = abs(shrink(Tally(lucky, 3), prior) - prior.mean)
        assert moved <= abs(lucky / 3 - prior.mean) / 7


@STEADY
@given(st.lists(tallies, min_size=1, max_size=30))
def test_shrinks_between_the_own_rate_and_the_networks(network: list[Tally]) -> None:
    prior = prior_of(network)
    assert prior is not None

    for tally in network:
        own = tally.successes / tally.trials
        low, high = sorted((own, prior.mean))
        assert low - 1e-9 <= shrink(tally, prior) <= high + 1e-9


@pytest.mark.parametrize(
    ("rate", "mean", "place"),
    [
        (0.2, 0.2, 0.5),
        (0.5, 0.2, 0.8),
        (0.0, 0.2, 0.0),
        (1.0, 0.2, 1.0),
        (0.9, 0.9, 0.5),
        (0.0, 0.0, 0.5),
        (1.0, 1.0, 0.5),
    ],
)
def test_places_a_rate_beside_the_networks_mean(rate: float, mean: float, place: float) -> None:
    assert beside_mean(rate, mean) == pytest.approx(place)


def counts_of(number: int, *, picks: int, won: int) -> Counts:
    return Counts(UUID(int=number), UUID(int=0), picks, won, 0, 0.0, 0, 0)


def test_ranks_many_leads_above_a_lucky_few() -> None:
    usual = [counts_of(number, picks=100, won=20) for number in range(3, 9)]
    proven, lucky = counts_of(1, picks=120, won=60), counts_of(2, picks=3, won=3)

    by_partner = {row["partner_id"].int: row["score"] for row in judge([*usual, proven, lucky])}

    assert by_partner[1] > by_partner[2] > 0.5 > by_partner[3]


def test_leaves_a_network_without_history_as_it_is() -> None:
    (row,) = judge([counts_of(1, picks=0, won=0)])

    assert row["score"] == 0.5


def counted(network: Network, partner: Partner) -> PartnerPerformance:
    with tenant_context(network.manufacturer.id):
        return PartnerPerformance.objects.get(partner=partner)


def carried(network: Network) -> dict[UUID, float]:
    with tenant_context(network.manufacturer.id):
        return dict(PortfolioItem.objects.values_list("partner_id", "performance"))


def win(held: Assignment) -> None:
    give_feedback(
        assignment=held, status="WON", value=Decimal(100), by=holder_of(held), at=NOON + HOUR
    )


def test_counts_what_became_of_picks_and_offers(network: Network) -> None:
    network.policy({"partners": 1})
    partner = network.partner()
    leads = [network.lead() for _ in range(4)]
    offers = [network.offers(lead)[0] for lead in leads]
    win(accept(offers[0]))
    accept(offers[1])
    decline(offers[2])
    run_out(leads[3])

    refresh_performance(at=LATER)

    found = counted(network, partner)
    assert (found.picks, found.won) == (1, 1)
    assert (found.offers, found.accepted) == (4, 2.5)
    assert (found.feedback_expected, found.feedback_given) == (2, 1)


def test_counts_an_open_pick_against_its_partner_once_it_should_have_ended(
    network: Network,
) -> None:
    partner = network.partner()
    accept(network.offers(network.lead())[0])

    refresh_performance(at=NOON + 91 * DAY)

    assert counted(network, partner).picks == 1


def test_leaves_out_test_leads_lost_races_and_what_lies_long_ago(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    win(accept(network.offers(network.lead(is_test=True))[0]))
    accept(network.offers(network.lead())[0])

    refresh_performance(at=LATER)
    with tenant_context(network.manufacturer.id):
        offers = list(PartnerPerformance.objects.values_list("offers", flat=True))
    refresh_performance(at=NOON + 400 * DAY)

    assert offers == [1]
    with tenant_context(network.manufacturer.id):
        assert not PartnerPerformance.objects.exists()


def test_leaves_out_returns_that_were_the_leads_fault(network: Network) -> None:
    network.policy({"partners": 1})
    partner = network.partner()
    for is_fault in (True, False):
        held = accept(network.offers(network.lead())[0])
        return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=NOON + HOUR)
        judge_return(lead=held.lead, is_lead_at_fault=is_fault, by=network.by, at=NOON + HOUR)

    refresh_performance(at=LATER)

    assert counted(network, partner).picks == 1


def test_writes_only_what_has_changed(network: Network) -> None:
    network.policy({"partners": 1}, strategy="NEAREST")
    partner, other = network.partner(), network.partner(postal_code="85221")
    for _ in range(5):
        accept(network.offers(network.lead(postal_code="80331"))[0])
        run_out(network.lead(postal_code="85221"))

    first = refresh_performance(at=LATER)
    again = refresh_performance(at=LATER + HOUR)

    scores = carried(network)
    assert (first, again) == (2, 0)
    assert scores[partner.id] > 0.5 > scores[other.id]


def test_keeps_the_figure_when_a_partner_is_changed(network: Network) -> None:
    partner = network.partner()
    with tenant_context(network.manufacturer.id):
        PortfolioItem.objects.update(performance=0.7)

    network.partner(external_id=partner.external_id, weight=80)

    assert carried(network) == {partner.id: 0.7}


def test_asks_the_better_of_two_first(network: Network) -> None:
    network.policy({"partners": 1}, strategy="BEST_PERFORMER")
    partners = network.partners(2)
    with tenant_context(network.manufacturer.id):
        for partner, score in zip(partners, (0.4, 0.6), strict=True):
            PortfolioItem.objects.filter(partner=partner).update(performance=score)

    assert asked(network, network.lead()) == [partners[1].id]
