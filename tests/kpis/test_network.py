"""What becomes of offers and leads, and what leads in hands may bring: real lives, counted."""

from datetime import date
from decimal import Decimal

import pytest

from kpis.definitions import Dimension
from kpis.network import Network as Figures, network_visible_to
from kpis.periods import Period
from leadhub.core.errors import NotVisible
from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import assign_lead
from leads.feedback import record_contact
from leads.pipeline import set_stage
from tests.acting import DAY, HOUR, MINUTE, accept, decline, holder_of, run_out
from tests.factories import NOON, Network

PERIOD = Period(NOON - DAY, NOON + DAY)
ONE_WAVE = {"partners": 2, "response_window": 3600, "radius_km": 500}


def ask(network: Network, *group_by: Dimension) -> Figures:
    with tenant_context(network.manufacturer.id):
        return network_visible_to(network.by, period=PERIOD, group_by=group_by, at=NOON + 12 * HOUR)


@pytest.fixture
def lives(network: Network) -> Network:
    """Three leads: taken in the first wave, in the second, and run out twice."""
    network.policy(ONE_WAVE, ONE_WAVE)
    network.partners(4)
    first, second, third = (network.lead() for _ in range(3))
    faster, slower = network.offers(first)
    accept(faster, at=NOON + 10 * MINUTE)
    for offer in network.offers(second):
        decline(offer, at=NOON + 20 * MINUTE)
    later = next(offer for offer in network.offers(second) if offer.wave == 2)
    held = accept(later, at=NOON + 50 * MINUTE)
    record_contact(
        assignment=held,
        is_reached=True,
        contacted_at=NOON + HOUR,
        by=holder_of(held),
        at=NOON + HOUR,
    )
    for _ in range(2):
        run_out(network.again(third))
    assert slower.lead_id == first.id
    return network


def test_counts_what_became_of_leads(lives: Network) -> None:
    figures = ask(lives).leads

    assert figures.counts == {"new_leads": 3, "unserved_leads": 0, "backlog": 3}
    assert figures.temperatures == {"HOT": 0, "WARM": 3, "COLD": 0}
    assert {
        code: (ratio.numerator, ratio.denominator) for code, ratio in figures.ratios.items()
    } == {
        "placement_rate": (2, 3),
        "escalation_rate": (2, 3),
        "unplaced_rate": (1, 3),
        "lead_conversion_rate": (0, 3),
    }
    placement = figures.numbers["time_to_placement"]
    assert (placement.count, placement.mean, placement.open_count) == (2, 1_800, 1)
    waves = figures.numbers["waves_to_placement"]
    assert (waves.count, waves.mean) == (2, 1.5)
    response = figures.numbers["lead_response_time"]
    assert (response.count, response.median, response.open_count) == (1, 3_600, 2)


def test_counts_what_became_of_offers(lives: Network) -> None:
    figures = ask(lives).offers

    # Two of the first, of which one was withdrawn; two declined, one of two accepted; four ran out.
    assert figures.offers == 10
    assert {
        code: (ratio.numerator, ratio.denominator) for code, ratio in figures.ratios.items()
    } == {
        "offer_acceptance_rate": (2, 8),
        "offer_response_rate": (4, 8),
        "decline_rate": (2, 8),
    }
    assert figures.reasons["TOO_FAR"] == 2
    # Accepted after 600 and 1,800 s; the others waited 600, 1,200, 1,200, 1,800 and four 3,600 s.
    assert figures.acceptance_time is None


def test_groups_offers_by_partner_and_leads_by_what_they_are(lives: Network) -> None:
    by_partner = ask(lives, Dimension.PARTNER)
    by_temperature = ask(lives, Dimension.TEMPERATURE)

    assert sum(row.offers for row in by_partner.offer_rows) == 10
    assert len(by_partner.offer_rows) == 4
    assert by_partner.lead_rows == []
    (row,) = by_temperature.lead_rows
    assert (row.group, row.counts["new_leads"]) == ({Dimension.TEMPERATURE: "WARM"}, 3)


def test_adds_up_what_partners_expect(network: Network) -> None:
    partner = network.partner()
    for chance, value in (("HIGH", "1000.00"), ("LOW", "500.00"), ("LOW", "500.00")):
        held = assign_lead(lead=network.lead(), partner=partner, by=network.by, at=NOON)
        set_stage(
            assignment=held,
            chance=chance,
            month=date(2026, 12, 1) if chance == "HIGH" else None,
            value=Decimal(value),
            by=holder_of(held),
            at=NOON,
        )

    figures = ask(network)

    assert figures.prospects.value == Decimal("2000.00")
    assert figures.prospects.expected == Decimal("850.00")
    assert dict(figures.prospects.by_month) == {
        "2026-12": Decimal("750.00"),
        None: Decimal("100.00"),
    }
    assert figures.prospects_by_partner[partner.id].expected == Decimal("850.00")
    assert (figures.penetration.numerator, figures.penetration.denominator) == (1, 1)


def test_a_partner_sees_nothing_of_it(network: Network) -> None:
    partner = network.partner()

    with tenant_context(network.manufacturer.id), pytest.raises(NotVisible):
        network_visible_to(network.actor_for(partner), period=PERIOD, at=NOON)
