"""What a dispatcher does by hand, each an event with the actor."""

from datetime import timedelta

import pytest

from leadhub.core.errors import InvalidInput
from leads.dispatch import (
    LeadNotOnOffer,
    LeadNotRoutable,
    NoReturnToJudge,
    PartnerHasLeft,
    assign_lead,
    extend_wave,
    judge_return,
    reroute_lead,
    withdraw_lead,
)
from leads.feedback import close_lead, return_lead
from leads.models import Assignment, EventType, Lead, LeadOffer
from leads.models.assignments import Outcome
from tests.acting import (
    HOUR,
    MINUTE,
    accept,
    accepted_lead,
    again,
    asked,
    decline,
    facts_of,
    holder_of,
    messages,
    run_out,
)
from tests.factories import NOON, Network

Status = LeadOffer.Status


def give_back(assignment: Assignment, *, reason: str = "WRONG_DATA") -> Assignment:
    return return_lead(
        assignment=assignment, reason=reason, by=holder_of(assignment), at=NOON + HOUR
    )


def test_assigns_past_gates_and_waves(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    far = network.partner(postal_code="20095", product_lines=(), cap_open=0)
    lead = network.lead()

    assignment = assign_lead(lead=lead, partner=far, by=network.by, at=NOON + MINUTE)

    assert network.again(lead).partner_id == far.id
    assert (assignment.accepted_at, assignment.offer_id) == (NOON + MINUTE, None)
    assert [offer.status for offer in network.offers(lead)] == [Status.WITHDRAWN] * 2
    assert facts_of(network, lead)[-1] == EventType.LEAD_ASSIGNED
    assert len(messages(network, "offer_taken")) == 2
    assert [m.recipient for m in messages(network, "lead_assigned")] == [f"partner:{far.id}"]


def test_assigns_from_the_pick_list(network: Network) -> None:
    lead = network.lead()
    partner = network.partner()

    assign_lead(lead=lead, partner=partner, by=network.by, at=NOON)

    assert network.again(lead).status == Lead.Status.ACCEPTED


def test_takes_assigning_to_the_holder_as_done(network: Network) -> None:
    partner = network.partner()
    assignment = accepted_lead(network)
    facts = facts_of(network, assignment.lead)

    repeated = assign_lead(lead=assignment.lead, partner=partner, by=network.by, at=NOON + HOUR)

    assert repeated == assignment
    assert facts_of(network, assignment.lead) == facts


def test_does_not_assign_what_another_holds(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)

    with pytest.raises(LeadNotOnOffer):
        assign_lead(lead=assignment.lead, partner=network.partner(), by=network.by, at=NOON + HOUR)


def test_assigns_nothing_to_a_partner_that_has_left(network: Network) -> None:
    gone = network.partner(status="LEFT")

    with pytest.raises(PartnerHasLeft):
        assign_lead(lead=network.lead(), partner=gone, by=network.by, at=NOON)


def test_withdraws_a_lead_and_tells_those_it_was_offered_to(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    lead = network.lead()

    withdrawn = withdraw_lead(lead=lead, by=network.by, at=NOON + MINUTE)

    assert (withdrawn.status, withdrawn.respond_by) == (Lead.Status.WITHDRAWN, None)
    assert [offer.status for offer in network.offers(lead)] == [Status.WITHDRAWN] * 2
    assert len(messages(network, "offer_withdrawn")) == 2


def test_takes_withdrawing_twice_as_one(network: Network) -> None:
    network.partner()
    lead = network.lead()
    withdraw_lead(lead=lead, by=network.by, at=NOON)
    facts = facts_of(network, lead)

    withdraw_lead(lead=lead, by=network.by, at=NOON + MINUTE)

    assert facts_of(network, lead) == facts


def test_does_not_withdraw_a_lead_in_hands(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)

    with pytest.raises(LeadNotOnOffer):
        withdraw_lead(lead=assignment.lead, by=network.by, at=NOON + HOUR)


def test_routes_anew_with_the_policy_that_holds_now(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(3)
    lead = network.lead()
    network.policy({"partners": 2, "response_window": 60})

    rerouted = reroute_lead(lead=lead, by=network.by, at=NOON + MINUTE)

    assert (rerouted.wave, rerouted.step) == (2, 0)
    assert rerouted.respond_by == NOON + 2 * MINUTE
    assert len(asked(network, lead)) == 2
    assert network.offers(lead)[0].status == Status.WITHDRAWN


def test_does_not_ask_those_again_who_refused(network: Network) -> None:
    network.policy({"partners": 1})
    partners = network.partners(2)
    lead = network.lead()
    decline(network.offers(lead)[0])
    run_out(network.again(lead))

    rerouted = reroute_lead(lead=lead, by=network.by, at=NOON + 3 * HOUR)

    assert rerouted.status == Lead.Status.OPEN
    assert len(network.offers(lead)) == len(partners)


def test_asks_those_again_who_lost_the_race(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    lead = network.lead()
    winner, loser = network.offers(lead)
    assignment = accept(winner)

    give_back(assignment)

    assert asked(network, lead) == [loser.partner_id]
    assert network.again(lead).wave == 2


def test_takes_a_lead_back_from_its_holder_to_route_it_anew(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    assignment = accepted_lead(network)

    rerouted = reroute_lead(lead=assignment.lead, by=network.by, at=NOON + HOUR)

    ended = again(assignment)
    assert (rerouted.status, rerouted.partner_id) == (Lead.Status.OFFERED, None)
    assert (ended.outcome, ended.returned_at) == (Outcome.RETURNED, NOON + HOUR)
    assert ended.return_reason is None
    assert asked(network, rerouted) != [assignment.partner_id]
    assert [
        f for f in facts_of(network, rerouted) if f in ("lead.taken_back", "lead.rerouted")
    ] == [
        "lead.taken_back",
        "lead.rerouted",
    ]


def test_does_not_route_a_closed_lead(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    close_lead(lead=assignment.lead, outcome="LOST", reason="PRICE", by=network.by, at=NOON + HOUR)

    with pytest.raises(LeadNotRoutable):
        reroute_lead(lead=assignment.lead, by=network.by, at=NOON + HOUR)


def test_moves_the_deadline_of_all_open_offers(network: Network) -> None:
    network.policy({"partners": 2})
    network.partners(2)
    lead = network.lead()

    extended = extend_wave(lead=lead, respond_by=NOON + 4 * HOUR, by=network.by, at=NOON + MINUTE)

    assert (extended.respond_by, extended.due_at) == (NOON + 4 * HOUR, NOON + 4 * HOUR)
    assert {offer.respond_by for offer in network.offers(lead)} == {NOON + 4 * HOUR}
    fact = network.events(lead)[-1]
    assert (fact.type, fact.actor) == (EventType.OFFER_EXTENDED, "system:test")
    assert fact.data["before"] == (NOON + HOUR).isoformat()


def test_may_bring_a_deadline_forward(network: Network) -> None:
    network.partner()

    lead = extend_wave(
        lead=network.lead(), respond_by=NOON + 2 * MINUTE, by=network.by, at=NOON + MINUTE
    )

    assert lead.respond_by == NOON + 2 * MINUTE


@pytest.mark.parametrize("minutes", [1, 0, -60])
def test_moves_no_deadline_into_the_past(network: Network, minutes: int) -> None:
    network.partner()
    lead = network.lead()

    with pytest.raises(InvalidInput) as refusal:
        extend_wave(
            lead=lead,
            respond_by=NOON + minutes * MINUTE,
            by=network.by,
            at=NOON + MINUTE,
        )

    assert refusal.value.field == "respond_by"


def test_moves_no_deadline_before_a_head_start_ends(network: Network) -> None:
    network.policy({"partners": 2, "head_start": 600})
    network.partners(2)
    lead = network.lead()

    with pytest.raises(InvalidInput):
        extend_wave(lead=lead, respond_by=NOON + 10 * MINUTE, by=network.by, at=NOON + MINUTE)

    assert facts_of(network, lead)[-1] == EventType.LEAD_OFFERED
    assert network.again(lead).respond_by == NOON + HOUR


def test_extends_nothing_that_is_not_on_offer(network: Network) -> None:
    with pytest.raises(LeadNotOnOffer):
        extend_wave(
            lead=network.lead(), respond_by=NOON + timedelta(days=1), by=network.by, at=NOON
        )


def test_goes_on_to_the_next_wave_when_a_partner_returns_it(network: Network) -> None:
    network.policy({"partners": 1}, {"partners": 2})
    network.partners(3)
    assignment = accepted_lead(network)

    ended = give_back(assignment)

    lead = network.again(assignment.lead)
    assert (ended.outcome, ended.return_reason) == (Outcome.RETURNED, "WRONG_DATA")
    assert (lead.status, lead.wave, lead.step, lead.partner_id) == (Lead.Status.OFFERED, 2, 1, None)
    assert assignment.partner_id not in asked(network, lead)
    assert network.offers(lead)[0].status == Status.RETURNED


def test_makes_a_new_assignment_of_the_next_acceptance(network: Network) -> None:
    network.policy({"partners": 1})
    network.partners(2)
    first = accepted_lead(network)
    give_back(first)

    second = accept(network.offers(first.lead)[1], at=NOON + 2 * HOUR)

    assert network.assignments(first.lead) == [first, second]
    assert second.partner_id != first.partner_id


@pytest.mark.parametrize(
    ("is_lead_at_fault", "verdict", "fact"),
    [(True, "CONFIRMED", "return.confirmed"), (False, "REFUSED", "return.refused")],
)
def test_keeps_the_verdict_on_a_return(
    network: Network, *, is_lead_at_fault: bool, verdict: str, fact: str
) -> None:
    network.partner()
    assignment = accepted_lead(network)
    give_back(assignment)

    judged = judge_return(
        lead=assignment.lead, is_lead_at_fault=is_lead_at_fault, by=network.by, at=NOON + 2 * HOUR
    )

    assert judged.return_verdict == verdict
    assert network.events(assignment.lead)[-1].type == fact
    assert network.events(assignment.lead)[-1].assignment_id == assignment.id


def test_lets_a_verdict_be_changed_and_repeated(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    give_back(assignment)

    for is_at_fault in (True, False, False):
        judge_return(
            lead=assignment.lead, is_lead_at_fault=is_at_fault, by=network.by, at=NOON + 2 * HOUR
        )

    assert again(assignment).return_verdict == "REFUSED"
    assert facts_of(network, assignment.lead)[-2:] == ["return.confirmed", "return.refused"]


def test_judges_only_what_a_partner_returned(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    reroute_lead(lead=assignment.lead, by=network.by, at=NOON + HOUR)

    with pytest.raises(NoReturnToJudge):
        judge_return(lead=assignment.lead, is_lead_at_fault=True, by=network.by, at=NOON + HOUR)
