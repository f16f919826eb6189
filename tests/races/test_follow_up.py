"""Reminders and what is taken back, at the moment at which somebody acts: one of the two, whole."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from leads.escalation import sweep
from leads.feedback import AssignmentEnded, give_feedback, record_contact
from leads.follow_up import follow_up
from leads.models import Assignment, Lead
from tests.acting import HOUR, MINUTE, accepted_lead, again, facts_of, holder_of
from tests.factories import NOON, Network
from tests.races.holding import Meeting, failures, hold_at, hold_lock

ACCEPTED = NOON + MINUTE
REMINDED, TAKEN = ACCEPTED + HOUR, ACCEPTED + 3 * HOUR


@pytest.fixture
def world(committed: None) -> Network:
    """A committed network that takes back leads with which nothing happens."""
    network = Network("acme")
    network.partners(3)
    network.policy({}, take_back=True)
    return network


def reach(assignment: Assignment, at: datetime) -> Callable[[], Assignment]:
    return lambda: record_contact(
        assignment=assignment, is_reached=True, contacted_at=at, by=holder_of(assignment), at=at
    )


def report(assignment: Assignment, at: datetime) -> Callable[[], Assignment]:
    return lambda: give_feedback(
        assignment=assignment, status="REACHED", by=holder_of(assignment), at=at
    )


def about_to_be_taken(world: Network) -> Assignment:
    """A lead of which the partner was reminded, and the dispatchers know."""
    assignment = accepted_lead(world)
    for hours in (1, 2):
        assert sweep(at=ACCEPTED + hours * HOUR) == 1
    return assignment


def test_several_sweeps_remind_each_partner_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignments = [accepted_lead(world) for _ in range(6)]
    meeting = Meeting(3, in_order=False)
    hold_at(monkeypatch, meeting, "leads.escalation.claim_to_follow_up")

    def act() -> int:
        return sweep(at=REMINDED)

    results = meeting.race(act, act, act)

    assert failures(results) == []
    assert meeting.met == 3
    assert sum(results) == len(assignments)
    facts = [facts_of(world, assignment.lead) for assignment in assignments]
    assert [told.count("contact.overdue") for told in facts] == [1] * len(assignments)


def test_two_that_want_to_remind_do_it_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = accepted_lead(world)
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    def act() -> bool:
        return follow_up(assignment=assignment, at=REMINDED)

    assert meeting.race(act, act) == [True, False]
    assert facts_of(world, assignment.lead).count("contact.overdue") == 1


@pytest.mark.parametrize("is_contact_first", [True, False])
def test_a_contact_and_a_reminder_at_once_are_one_after_the_other(
    world: Network, monkeypatch: pytest.MonkeyPatch, *, is_contact_first: bool
) -> None:
    assignment = accepted_lead(world)
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)
    acts: list[Callable[[], object]] = [
        reach(assignment, REMINDED),
        lambda: follow_up(assignment=assignment, at=REMINDED),
    ]

    results = meeting.race(*(acts if is_contact_first else reversed(acts)))

    facts = facts_of(world, assignment.lead)
    assert failures(results) == []
    assert facts.count("contact.overdue") == (not is_contact_first)
    assert again(assignment).contact_due_at is None
    assert again(assignment).contacted_at == REMINDED


@pytest.mark.parametrize("is_report_first", [True, False])
def test_feedback_and_taking_back_at_once_leave_the_lead_in_one_place(
    world: Network, monkeypatch: pytest.MonkeyPatch, *, is_report_first: bool
) -> None:
    assignment = about_to_be_taken(world)
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)
    acts: list[Callable[[], object]] = [
        report(assignment, TAKEN),
        lambda: follow_up(assignment=assignment, at=TAKEN),
    ]

    results = meeting.race(*(acts if is_report_first else reversed(acts)))

    facts, lead = facts_of(world, assignment.lead), world.again(assignment.lead)
    if is_report_first:
        assert failures(results) == []
        assert (lead.status, facts.count("lead.taken_back")) == ("CONTACTED", 0)
    else:
        assert failures(results) == [AssignmentEnded]
        assert (lead.status, facts.count("feedback.given")) == ("OFFERED", 0)


def test_a_sweep_passes_over_a_lead_on_which_is_being_reported(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = about_to_be_taken(world)
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "leads.escalation.claim_to_follow_up")
    hold_lock(monkeypatch, meeting)

    results = meeting.race(report(assignment, TAKEN), lambda: sweep(at=TAKEN))

    assert failures(results) == []
    assert results[1] == 0
    assert world.again(assignment.lead).status == Lead.Status.CONTACTED


def test_without_the_lock_both_would_act(world: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's own numbers stop the second one in the end, with an error."""
    assignment = accepted_lead(world)

    def look(lead_id: UUID) -> Lead:
        return Lead.objects.get(id=lead_id)

    monkeypatch.setattr("leads.follow_up.lock_lead", look)
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "leads.follow_up._due")

    def act() -> bool:
        return follow_up(assignment=assignment, at=REMINDED)

    results = meeting.race(act, act)

    assert meeting.met == 2
    assert len(failures(results)) == 1
