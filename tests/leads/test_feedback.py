"""What partners do with a lead they hold, and what they report."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.feedback import (
    AssignmentEnded,
    LeadNotClosed,
    LeadNotInHands,
    close_lead,
    give_feedback,
    record_contact,
    reopen_lead,
    return_lead,
)
from leads.models import Assignment, EventType, Lead, LeadFeedback
from tests.acting import HOUR, MINUTE, accepted_lead, again, facts_of, holder_of
from tests.factories import NOON, Network

LATER = NOON + HOUR


@pytest.fixture
def held(network: Network) -> Assignment:
    """A lead that a partner accepted a minute after noon."""
    network.partner()
    return accepted_lead(network)


def reach(
    held: Assignment, at: datetime, *, now: datetime = LATER, is_reached: bool = True
) -> None:
    record_contact(
        assignment=held, is_reached=is_reached, contacted_at=at, by=holder_of(held), at=now
    )


def report(held: Assignment, status: str, *, at: datetime = LATER, **answers: Any) -> Assignment:
    return give_feedback(assignment=held, status=status, by=holder_of(held), at=at, **answers)


def new_facts(network: Network, held: Assignment) -> list[str]:
    facts = facts_of(network, held.lead)
    return facts[facts.index(EventType.OFFER_ACCEPTED) + 1 :]


def test_records_an_attempt_for_each_tap(network: Network, held: Assignment) -> None:
    reach(held, LATER, is_reached=False)
    reach(held, LATER, is_reached=False)

    assert new_facts(network, held) == [EventType.CONTACT_ATTEMPTED] * 2
    assert again(held).contacted_at is None
    assert network.again(held.lead).status == Lead.Status.ACCEPTED


def test_records_the_contact_at_the_moment_it_happened(network: Network, held: Assignment) -> None:
    reach(held, NOON + 10 * MINUTE)

    assert again(held).contacted_at == NOON + 10 * MINUTE
    assert network.again(held.lead).status == Lead.Status.CONTACTED
    fact = network.events(held.lead)[-1]
    assert (fact.type, fact.at) == (EventType.CONTACT_MADE, NOON + 10 * MINUTE)


def test_counts_the_first_contact(network: Network, held: Assignment) -> None:
    reach(held, NOON + 10 * MINUTE)
    reach(held, NOON + 5 * MINUTE)

    assert again(held).contacted_at == NOON + 10 * MINUTE
    assert new_facts(network, held) == [EventType.CONTACT_MADE]


@pytest.mark.parametrize("at", [NOON + MINUTE, LATER], ids=["as accepted", "now"])
def test_takes_a_contact_from_the_acceptance_until_now(held: Assignment, at: datetime) -> None:
    reach(held, at)

    assert again(held).contacted_at == at


@pytest.mark.parametrize("is_reached", [True, False])
@pytest.mark.parametrize("at", [NOON, LATER + MINUTE], ids=["before it was accepted", "in future"])
def test_refuses_a_contact_at_another_time(
    network: Network, held: Assignment, at: datetime, *, is_reached: bool
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        reach(held, at, is_reached=is_reached)

    assert refusal.value.field == "at"
    assert new_facts(network, held) == []


@pytest.mark.parametrize(
    ("status", "facts", "lead_status"),
    [
        ("REACHED", ["contact.made", "feedback.given"], "CONTACTED"),
        ("APPOINTMENT", ["contact.made", "feedback.given"], "IN_PROGRESS"),
        ("QUOTE_SENT", ["contact.made", "feedback.given"], "IN_PROGRESS"),
        ("NOT_REACHABLE", ["feedback.given"], "ACCEPTED"),
    ],
)
def test_records_a_report(
    network: Network, held: Assignment, status: str, facts: list[str], lead_status: str
) -> None:
    report(held, status)

    assert new_facts(network, held) == facts
    assert network.again(held.lead).status == lead_status
    assert again(held).first_feedback_at == LATER
    assert (again(held).contacted_at == LATER) is ("contact.made" in facts)


def test_goes_on_but_never_back(network: Network, held: Assignment) -> None:
    report(held, "QUOTE_SENT")

    report(held, "REACHED", at=LATER + HOUR)

    assert network.again(held.lead).status == Lead.Status.IN_PROGRESS


def test_counts_the_first_feedback(network: Network, held: Assignment) -> None:
    report(held, "NOT_REACHABLE")

    report(held, "REACHED", at=LATER + HOUR)

    assert again(held).first_feedback_at == LATER
    assert again(held).contacted_at == LATER + HOUR


@pytest.mark.parametrize(
    ("status", "answers", "fact"),
    [
        (
            "WON",
            {"value": Decimal(4800)},
            ("lead.won", {"value": "4800.00", "currency": "EUR"}),
        ),
        ("LOST", {"reason": "PRICE"}, ("lead.lost", {"reason": "PRICE"})),
    ],
)
def test_takes_a_partners_closing_as_feedback_too(
    network: Network, held: Assignment, status: str, answers: dict[str, Any], fact: tuple[Any, ...]
) -> None:
    report(held, status, **answers)

    closed = again(held)
    assert new_facts(network, held) == ["feedback.given", fact[0]]
    assert network.events(held.lead)[-1].data == fact[1]
    assert (closed.outcome, closed.closed_at, closed.first_feedback_at) == (status, LATER, LATER)
    assert (closed.value, closed.lost_reason) == (answers.get("value"), answers.get("reason"))
    lead = network.again(held.lead)
    assert (lead.status, lead.partner_id) == (status, held.partner_id)


def test_takes_a_closing_without_contact_as_no_contact(held: Assignment) -> None:
    report(held, "LOST", reason="NO_NEED")

    assert again(held).contacted_at is None


@pytest.mark.parametrize(
    ("status", "answers", "field"),
    [("WON", {}, "value"), ("LOST", {}, "reason"), ("LOST", {"reason": ""}, "reason")],
    ids=str,
)
def test_asks_for_the_value_of_a_won_and_the_reason_of_a_lost_lead(
    network: Network, held: Assignment, status: str, answers: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        report(held, status, **answers)

    assert refusal.value.field == field
    assert new_facts(network, held) == []


def test_takes_the_same_closing_twice_as_one(network: Network, held: Assignment) -> None:
    report(held, "WON", value=Decimal(4800))
    facts = facts_of(network, held.lead)

    repeat = report(held, "WON", value=Decimal("4800.00"), at=LATER + HOUR)

    assert repeat.closed_at == LATER
    assert facts_of(network, held.lead) == facts


@pytest.mark.parametrize(
    ("status", "answers"),
    [
        ("WON", {"value": Decimal(1)}),
        ("LOST", {"reason": "PRICE"}),
        ("REACHED", {}),
        ("NOT_REACHABLE", {}),
    ],
    ids=str,
)
def test_refuses_another_report_on_a_closed_lead(
    held: Assignment, status: str, answers: dict[str, Any]
) -> None:
    report(held, "WON", value=Decimal(4800))

    with pytest.raises(AssignmentEnded):
        report(held, status, **answers)


def test_refuses_a_contact_and_a_return_once_closed(held: Assignment) -> None:
    report(held, "LOST", reason="PRICE")

    with pytest.raises(AssignmentEnded):
        reach(held, LATER)
    with pytest.raises(AssignmentEnded):
        return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=LATER)


def test_keeps_the_note_out_of_the_log(network: Network, held: Assignment) -> None:
    report(held, "REACHED", note="Mrs Beispiel wants 12 kW")

    with tenant_context(network.manufacturer.id):
        assert LeadFeedback.objects.get().note == "Mrs Beispiel wants 12 kW"
    assert "Beispiel" not in repr([event.data for event in network.events(held.lead)])


@pytest.mark.parametrize("answer", [True, False, None])
def test_keeps_whether_the_lead_was_as_described(
    network: Network, held: Assignment, *, answer: bool | None
) -> None:
    report(held, "REACHED", is_as_described=answer)

    assert network.events(held.lead)[-1].data.get("as_described") is answer


def test_takes_a_dispatchers_closing_as_no_feedback(network: Network, held: Assignment) -> None:
    closed = close_lead(lead=held.lead, outcome="LOST", reason="PRICE", by=network.by, at=LATER)

    assert new_facts(network, held) == [EventType.LEAD_LOST]
    assert (closed.outcome, again(held).first_feedback_at) == ("LOST", None)
    assert network.again(held.lead).status == Lead.Status.LOST


@pytest.mark.parametrize(("outcome", "field"), [("WON", "value"), ("LOST", "reason")])
def test_asks_a_dispatcher_for_value_and_reason_too(
    network: Network, held: Assignment, outcome: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        close_lead(lead=held.lead, outcome=outcome, by=network.by, at=LATER)

    assert refusal.value.field == field


def test_closes_only_what_a_partner_holds(network: Network) -> None:
    with pytest.raises(LeadNotInHands):
        close_lead(lead=network.lead(), outcome="LOST", reason="PRICE", by=network.by, at=LATER)


def test_reopens_a_closed_lead_in_the_same_hands(network: Network, held: Assignment) -> None:
    report(held, "WON", value=Decimal(4800))

    reopened = reopen_lead(lead=held.lead, by=network.by, at=LATER + HOUR)

    lead = network.again(held.lead)
    assert (lead.status, lead.partner_id) == (Lead.Status.IN_PROGRESS, held.partner_id)
    assert (reopened.id, reopened.outcome, reopened.closed_at, reopened.value) == (
        held.id,
        None,
        None,
        None,
    )
    assert facts_of(network, lead)[-1] == EventType.LEAD_REOPENED


def test_can_be_closed_otherwise_once_reopened(network: Network, held: Assignment) -> None:
    report(held, "WON", value=Decimal(4800))
    reopen_lead(lead=held.lead, by=network.by, at=LATER)

    report(held, "LOST", reason="TIMING", at=LATER + HOUR)

    assert (again(held).outcome, again(held).value) == ("LOST", None)


def test_reopens_closed_leads_only(network: Network, held: Assignment) -> None:
    with pytest.raises(LeadNotClosed):
        reopen_lead(lead=held.lead, by=network.by, at=LATER)


def test_takes_the_same_return_twice_as_one(network: Network, held: Assignment) -> None:
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=LATER)
    facts = facts_of(network, held.lead)

    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=LATER + HOUR)

    assert facts_of(network, held.lead) == facts
    assert again(held).returned_at == LATER


def test_reports_nothing_on_a_lead_given_back(network: Network, held: Assignment) -> None:
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=LATER)

    with pytest.raises(AssignmentEnded):
        report(held, "REACHED")
    with pytest.raises(AssignmentEnded):
        reach(held, LATER)
