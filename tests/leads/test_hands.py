"""Who gets a lead into their hands, and what becomes of it when they give it up."""

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import LeadNotRoutable, assign_lead, judge_return, reroute_lead
from leads.feedback import AssignmentEnded, close_lead, give_feedback, return_lead
from leads.models import Assignment, Lead
from leads.models.assignments import ReturnVerdict
from leads.routing import OfferClosed
from tests.acting import HOUR, MINUTE, accept, accepted_lead, facts_of, holder_of, messages
from tests.factories import NOON, Network


def returned(assignment: Assignment) -> Assignment:
    return return_lead(
        assignment=assignment, reason="WRONG_DATA", by=holder_of(assignment), at=NOON + HOUR
    )


def test_takes_no_answer_from_a_partner_that_has_left(network: Network) -> None:
    partner = network.partner()
    offer = network.offers(network.lead())[0]
    network.partner(external_id=partner.external_id, status="LEFT")

    with pytest.raises(OfferClosed):
        accept(offer)


def test_judges_each_of_two_returns(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(3)
    first = accepted_lead(network)
    lead = first.lead
    returned(first)
    second = returned(accept(network.offers(lead)[-1], at=NOON + HOUR))

    for _ in range(2):
        judge_return(lead=lead, is_lead_at_fault=True, by=network.by, at=NOON + 2 * HOUR)

    verdicts = {a.id: a.return_verdict for a in network.assignments(lead)}
    assert verdicts[first.id] == verdicts[second.id] == ReturnVerdict.CONFIRMED


def test_does_not_tell_a_partner_that_is_assigned_a_lead_that_it_is_taken(
    network: Network,
) -> None:
    partner = network.partner()
    lead = network.lead()

    assign_lead(lead=lead, partner=partner, by=network.by, at=NOON + MINUTE)

    assert {message.kind for message in messages(network)} == {"offer_new", "lead_assigned"}


def test_does_not_take_a_partners_closing_after_the_dispatchers_for_a_repeat(
    network: Network,
) -> None:
    network.partner()
    assignment = accepted_lead(network)
    lead = network.again(assignment.lead)
    close_lead(lead=lead, outcome="LOST", reason="PRICE", by=network.by, at=NOON + HOUR)

    with pytest.raises(AssignmentEnded):
        give_feedback(
            assignment=assignment,
            status="LOST",
            reason="PRICE",
            by=holder_of(assignment),
            at=NOON + 2 * HOUR,
        )


def test_offers_a_lead_of_the_past_to_nobody_when_it_is_returned(network: Network) -> None:
    network.partners(2)
    assignment = accepted_lead(network)
    with tenant_context(network.manufacturer.id):
        Lead.objects.filter(id=assignment.lead_id).update(is_imported=True)

    returned(assignment)

    lead = network.again(assignment.lead)
    assert lead.status == Lead.Status.WITHDRAWN
    assert facts_of(network, lead)[-2:] == ["lead.returned", "lead.withdrawn"]


def test_routes_no_lead_of_the_past_anew(network: Network) -> None:
    network.partner()
    lead = network.lead()
    with tenant_context(network.manufacturer.id):
        Lead.objects.filter(id=lead.id).update(is_imported=True)

    with pytest.raises(LeadNotRoutable):
        reroute_lead(lead=lead, by=network.by, at=NOON + MINUTE)
