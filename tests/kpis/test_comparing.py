"""Partners beside their network: medians that tell of nobody, and places."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kpis.comparing import (
    EVERY,
    FEWEST_LEADS,
    FEWEST_PARTNERS,
    FIVE,
    compare,
    compare_due_networks,
)
from kpis.values import Duration, Ratio, Row
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import partner_context, tenant_context
from leads.models import PartnerComparison
from leads.selectors import comparisons_visible_to
from tests.acting import accept
from tests.factories import NOON, Network

RATES = ("feedback_rate", "conversion_rate")


def row(*, seconds: int = 600, won: int = 1, leads: int = FEWEST_LEADS) -> Row:
    """A partner's figures, alike in each kind."""
    time = Duration(
        count=leads,
        mean=seconds,
        median=seconds,
        p90=seconds,
        open_count=0,
        target=None,
        in_time=None,
        judged=None,
    )
    rate = Ratio(numerator=won, denominator=leads, target=None)
    times = {code: time for code in FIVE if code not in RATES}
    rates = dict.fromkeys(RATES, rate)
    return Row(group={}, picks=leads, durations=times, ratios=rates, amounts={}, counts={})


def network_of(*rows: Row) -> dict[UUID, Row]:
    return {new_id(): one for one in rows}


def told_to(rows: dict[UUID, Row], number: int, code: str) -> dict[str, Any]:
    partner_id = list(rows)[number]
    figure: dict[str, Any] = compare(rows, everybody=set(rows))[partner_id][code]
    return figure


def test_tells_the_median_and_the_place_of_a_time() -> None:
    rows = network_of(*(row(seconds=600 * number) for number in range(1, FEWEST_PARTNERS + 1)))

    figure = told_to(rows, 0, "acceptance_time")

    assert figure == {"median": 2_400, "partners": FEWEST_PARTNERS, "rank": 1}


def test_ranks_a_rate_from_the_highest_and_equals_alike() -> None:
    rows = network_of(*(row(won=number) for number in (0, 1, 2, 3, 5, 5, 4)))

    places = [told_to(rows, number, "conversion_rate")["rank"] for number in range(len(rows))]

    assert places == [7, 6, 5, 4, 1, 1, 3]


def test_tells_nothing_of_few_partners() -> None:
    rows = network_of(*(row() for _ in range(FEWEST_PARTNERS - 1)))

    assert told_to(rows, 0, "contact_time") == {"median": None, "partners": None, "rank": None}


def test_counts_nobody_of_whom_little_is_known() -> None:
    few = row(seconds=60, leads=FEWEST_LEADS - 1)
    rows = network_of(*(row() for _ in range(FEWEST_PARTNERS - 1)), few)

    assert told_to(rows, 0, "contact_time")["median"] is None


def test_gives_no_place_to_whoever_has_few_leads_and_yet_the_median() -> None:
    few = row(seconds=60, leads=FEWEST_LEADS - 1)
    rows = network_of(few, *(row() for _ in range(FEWEST_PARTNERS)))

    assert told_to(rows, 0, "contact_time") == {"median": 600, "partners": 7, "rank": None}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, 60), (629, 600), (5 * 3_600 + 900, 5 * 3_600), (5 * 86_400 + 9_000, 5 * 86_400)],
)
def test_tells_the_median_roughly(seconds: int, said: int) -> None:
    rows = network_of(*(row(seconds=seconds) for _ in range(FEWEST_PARTNERS)))

    assert told_to(rows, 0, "contact_time")["median"] == said


def kept(network: Network) -> list[PartnerComparison]:
    with tenant_context(network.manufacturer.id):
        return list(PartnerComparison.objects.order_by("partner"))


def test_compares_each_network_by_itself_and_not_too_often(
    network: Network, other_network: Network
) -> None:
    network.partners(2)
    other_network.partners(3)

    at_first = compare_due_networks(at=NOON)
    again = compare_due_networks(at=NOON + EVERY - timedelta(minutes=1))
    later = compare_due_networks(at=NOON + EVERY)

    assert (at_first, again, later) == (2, 0, 2)
    assert (len(kept(network)), len(kept(other_network))) == (2, 3)


def test_keeps_no_comparison_of_whoever_left(network: Network) -> None:
    partner = network.partner()
    compare_due_networks(at=NOON)

    network.partner(external_id=partner.external_id, status="LEFT")
    compare_due_networks(at=NOON + EVERY)

    assert kept(network) == []


def test_counts_what_partners_did(network: Network) -> None:
    partners = network.partners(FEWEST_PARTNERS)
    network.policy({"partners": FEWEST_PARTNERS})
    for partner in partners:
        for _ in range(FEWEST_LEADS):
            lead = network.lead()
            (offer,) = [one for one in network.offers(lead) if one.partner_id == partner.id]
            accept(offer, at=NOON + timedelta(minutes=10))

    compare_due_networks(at=NOON + timedelta(days=1))

    for comparison in kept(network):
        figure = comparison.figures["acceptance_time"]
        assert figure == {"median": 600, "partners": FEWEST_PARTNERS, "rank": 1}


def test_shows_a_partner_its_own_comparison_alone(network: Network) -> None:
    mine, _ = network.partners(2)
    compare_due_networks(at=NOON)

    with partner_context([mine.id]):
        by_row_security = set(PartnerComparison.objects.values_list("partner_id", flat=True))
    with tenant_context(network.manufacturer.id):
        found = comparisons_visible_to(network.actor_for(mine))
        by_access = set(found.values_list("partner_id", flat=True))

    assert by_row_security == by_access == {mine.id}
