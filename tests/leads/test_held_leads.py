"""Held leads: released and routed, from where somebody put them right, or refused for good."""

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.models import PostalCode
from leads.dispatch import (
    LeadNotHeld,
    reject_lead,
    release_lead,
)
from leads.location import Correction
from leads.models import EventType, Lead, LeadOffer
from tests.acting import (
    MINUTE,
    asked,
    facts_of,
)
from tests.factories import NOON, Network

Status = LeadOffer.Status


def test_routes_a_held_lead_that_is_released(network: Network) -> None:
    partner = network.partner(postal_code_areas=("99",))
    lead = network.lead(postal_code="99999")
    assert lead.status == Lead.Status.HELD

    released = release_lead(lead=lead, by=network.by, at=NOON + MINUTE)

    assert (released.status, released.hold_reason) == (Lead.Status.OFFERED, None)
    assert asked(network, lead) == [partner.id]
    assert facts_of(network, lead)[:4] == [
        EventType.LEAD_RECEIVED,
        EventType.LEAD_HELD,
        EventType.LEAD_RELEASED,
        EventType.WAVE_OPENED,
    ]


def test_looks_up_the_place_once_more_on_release(network: Network) -> None:
    partner = network.partner()
    lead = network.lead(postal_code="80999")
    PostalCode.objects.create(
        country="DE", code="80999", name="München", region="DE-BY", latitude=48.2, longitude=11.47
    )

    released = release_lead(lead=lead, by=network.by, at=NOON)

    assert (released.latitude, released.longitude) == (48.2, 11.47)
    assert (released.city, released.region) == ("München", "DE-BY")
    assert asked(network, lead) == [partner.id]


def test_puts_a_released_lead_whose_place_nobody_covers_on_the_pick_list(network: Network) -> None:
    network.partner()
    lead = network.lead(postal_code="99999")

    released = release_lead(lead=lead, by=network.by, at=NOON)

    assert released.status == Lead.Status.OPEN


def test_routes_a_held_lead_from_where_it_was_put_right_and_keeps_the_codes_in_the_log(
    network: Network,
) -> None:
    near, far = network.partner(postal_code="20095"), network.partner()
    lead = network.lead(postal_code="99999", city="Hamburgh")

    released = release_lead(
        lead=lead,
        by=network.by,
        at=NOON + MINUTE,
        correction=Correction("DE", "20 095", "Hamburg-Altstadt"),
    )

    assert asked(network, lead) == [near.id] != [far.id]
    assert (released.postal_code, released.city) == ("20095", "Hamburg-Altstadt")
    assert released.region == "DE-HH"
    fact = next(e for e in network.events(lead) if e.type == EventType.LEAD_RELEASED)
    assert fact.data == {
        "before": {"country": "DE", "postal_code": "99999"},
        "after": {"country": "DE", "postal_code": "20095"},
    }


def test_takes_the_town_of_the_new_postal_code_for_one_that_nobody_typed(network: Network) -> None:
    lead = network.lead(postal_code="99999")
    correction = Correction("DE", "80331")

    assert release_lead(lead=lead, by=network.by, at=NOON, correction=correction).city == "München"


@pytest.mark.parametrize(
    ("correction", "field"),
    [
        (Correction("DE", "99998"), "postal_code"),
        (Correction("AT", "80331"), "postal_code"),
        (Correction("DE", ""), "postal_code"),
        (Correction("ZZ", "80331"), "country"),
    ],
)
def test_holds_a_lead_that_is_put_where_nobody_knows(
    network: Network, correction: Correction, field: str
) -> None:
    lead = network.lead(postal_code="99999")

    with pytest.raises(InvalidInput) as refusal:
        release_lead(lead=lead, by=network.by, at=NOON, correction=correction)

    assert refusal.value.field == field
    assert network.again(lead).status == Lead.Status.HELD


def test_refuses_a_held_lead_for_good(network: Network) -> None:
    lead = network.lead(postal_code="99999")

    rejected = reject_lead(lead=lead, by=network.by, at=NOON)

    assert (rejected.status, rejected.hold_reason) == (Lead.Status.REJECTED, None)
    assert facts_of(network, lead)[-1] == EventType.LEAD_REJECTED


@pytest.mark.parametrize("act", [release_lead, reject_lead])
def test_releases_and_rejects_held_leads_only(network: Network, act: object) -> None:
    lead = network.lead()

    with pytest.raises(LeadNotHeld):
        act(lead=lead, by=network.by, at=NOON)  # type: ignore[operator]
