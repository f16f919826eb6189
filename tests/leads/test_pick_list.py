"""Leads that nobody took in the waves, and who may pick one."""

from typing import Any

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.feedback import return_lead
from leads.models import EventType, Lead
from leads.pick_list import pick_list_visible_to
from leads.routing import LeadNotOnPickList, NotEligible, OfferTaken, pick_lead
from partners.models import Partner
from partners.network import CertificationDetails
from tests.acting import HOUR, MINUTE, accept, accepted_lead, decline, facts_of, run_out
from tests.factories import NOON, Network


def pick(network: Network, lead: Lead, partner: Partner, *, minutes: int = 90) -> Any:
    return pick_lead(lead=lead, by=network.actor_for(partner), at=NOON + minutes * MINUTE)


def listed_for(network: Network, partner: Partner) -> set[str]:
    with tenant_context(network.manufacturer.id):
        leads = pick_list_visible_to(network.actor_for(partner), at=NOON + HOUR)
        return {lead.external_id for lead in leads}


def test_gives_an_open_lead_to_the_first_that_picks_it(network: Network) -> None:
    lead = network.lead()
    partner = network.partner()

    assignment = pick(network, lead, partner)

    lead = network.again(lead)
    assert (lead.status, lead.partner_id) == (Lead.Status.ACCEPTED, partner.id)
    assert (assignment.offer_id, assignment.offered_at) == (None, None)
    assert facts_of(network, lead)[-1] == EventType.LEAD_PICKED


def test_answers_a_repeated_pick_with_the_same_assignment(network: Network) -> None:
    lead = network.lead()
    partner = network.partner()
    first = pick(network, lead, partner)

    assert pick(network, lead, partner, minutes=120) == first


def test_refuses_the_second_pick_as_taken(network: Network) -> None:
    lead = network.lead()
    first, second = network.partners(2)
    pick(network, lead, first)

    with pytest.raises(OfferTaken):
        pick(network, lead, second)


def test_refuses_to_pick_a_lead_that_is_on_offer(network: Network) -> None:
    network.policy({"partners": 1})
    network.partner()
    lead = network.lead()

    with pytest.raises(LeadNotOnPickList):
        pick(network, lead, network.partner())


def test_lets_a_partner_pick_that_let_its_offer_run_out(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()
    run_out(lead)

    pick(network, lead, partner)

    assert network.again(lead).partner_id == partner.id


def test_lets_no_partner_pick_that_declined(network: Network) -> None:
    partner = network.partner()
    lead = network.lead()
    decline(network.offers(lead)[0])

    with pytest.raises(NotEligible):
        pick(network, lead, partner)
    assert listed_for(network, partner) == set()


def test_lets_no_partner_pick_that_gave_the_lead_back(network: Network) -> None:
    partner = network.partner()
    assignment = accepted_lead(network)
    return_lead(assignment=assignment, reason="OTHER", by=network.by, at=NOON + HOUR)

    with pytest.raises(NotEligible):
        pick(network, assignment.lead, partner)


def test_asks_nothing_of_capacity(network: Network) -> None:
    lead = network.lead()
    full = network.partner(cap_open=0, cap_per_day=0, cap_per_week=0, cap_per_month=0)

    pick(network, lead, full)

    assert network.again(lead).partner_id == full.id


@pytest.mark.parametrize(
    "details",
    [
        {"postal_code": "20095"},
        {"radius_km": None},
        {"product_lines": ("boilers",)},
        {"product_lines": ()},
        {"status": "PAUSED"},
        {"status": "LEFT"},
        {"email": ""},
    ],
    ids=str,
)
def test_lists_no_lead_for_a_partner_that_a_gate_excludes(
    network: Network, details: dict[str, Any]
) -> None:
    lead = network.lead()
    partner = network.partner(**details)

    with pytest.raises(NotEligible):
        pick(network, lead, partner)
    assert listed_for(network, partner) == set()


def test_lists_what_a_partner_covers_by_postal_code_or_region(network: Network) -> None:
    lead = network.lead()
    by_code = network.partner(postal_code="20095", radius_km=None, postal_code_areas=("803",))
    by_region = network.partner(postal_code="20095", radius_km=None, regions=("DE-BY",))

    assert listed_for(network, by_code) == {lead.external_id}
    assert listed_for(network, by_region) == {lead.external_id}


def test_asks_for_the_certification_that_the_lead_asks_for(network: Network) -> None:
    lead = network.lead(required_certification="gold")
    silver = network.partner(certifications=(CertificationDetails("silver"),))
    gold = network.partner(certifications=(CertificationDetails("gold", "heat-pumps"),))

    assert listed_for(network, silver) == set()
    assert listed_for(network, gold) == {lead.external_id}


def test_asks_for_every_product_line_unless_the_policy_says_any(network: Network) -> None:
    both = network.lead(product_lines=("heat-pumps", "boilers"))
    network.policy({}, any_product_line=True)
    any_of_them = network.lead(product_lines=("heat-pumps", "boilers"))
    partner = network.partner()

    listed = listed_for(network, partner)

    assert both.external_id not in listed
    assert any_of_them.external_id in listed


def test_shows_the_manufacturer_every_open_lead(network: Network) -> None:
    lead = network.lead(postal_code="20095")
    network.partner()
    accept(network.offers(network.lead())[0])

    with tenant_context(network.manufacturer.id):
        listed = list(pick_list_visible_to(network.by, at=NOON))

    assert listed == [lead]


def test_lets_only_partners_pick(network: Network) -> None:
    lead = network.lead()

    with pytest.raises(TypeError):
        pick_lead(lead=lead, by=network.by, at=NOON)
