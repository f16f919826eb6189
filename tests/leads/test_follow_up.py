"""After the acceptance: reminders, notices and what is taken back, each once and at its time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.dispatch import assign_lead, reroute_lead
from leads.erasure import erase_lead
from leads.escalation import PUT_OFF, sweep
from leads.feedback import close_lead, give_feedback, record_contact, reopen_lead, return_lead
from leads.follow_up import follow_up
from leads.models import Assignment, LeadEvent
from partners.models import Partner
from tests.acting import (
    DAY,
    HOUR,
    MINUTE,
    accepted_lead,
    again,
    facts_of,
    holder_of,
    member,
    messages,
)
from tests.factories import NOON, Network
from tests.messaging import mail_of, note_of, notices, spread

pytestmark = pytest.mark.django_db

ACCEPTED = NOON + MINUTE
SECOND = timedelta(seconds=1)


@pytest.fixture
def strict(network: Network) -> Network:
    """A network with two partners, a dispatcher, and a policy that takes leads back."""
    network.partners(2)
    member(network, "dana@acme.example", "DISPATCHER")
    network.policy({}, take_back=True)
    return network


def fact(network: Network, assignment: Assignment, type_: str) -> LeadEvent:
    (found,) = [e for e in network.events(assignment.lead) if e.type == type_]
    return found


def sweep_until(end: datetime, *, every: timedelta = 10 * MINUTE) -> None:
    at = ACCEPTED
    while at <= end:
        sweep(at=at)
        at += every


def test_nothing_follows_before_the_contact_window_ends(strict: Network) -> None:
    assignment = accepted_lead(strict)

    done = sweep(at=ACCEPTED + HOUR - SECOND)

    assert done == 0
    assert "contact.overdue" not in facts_of(strict, assignment.lead)


def test_the_partner_then_the_dispatcher_is_told_then_the_lead_goes_on(strict: Network) -> None:
    assignment = accepted_lead(strict)

    sweep_until(ACCEPTED + 3 * HOUR)

    facts = facts_of(strict, assignment.lead)
    assert facts[facts.index("contact.overdue") :] == [
        "contact.overdue", "lead.escalated", "lead.taken_back", "lead.wave_opened", "lead.offered",
    ]  # fmt: skip
    stamps = [fact(strict, assignment, type_).at for type_ in facts[-5:-2]]
    assert stamps == [ACCEPTED + HOUR, ACCEPTED + 2 * HOUR, ACCEPTED + 3 * HOUR]
    assert fact(strict, assignment, "lead.taken_back").data == {"because": "no_contact"}
    lead = strict.again(assignment.lead)
    assert (lead.status, lead.wave) == ("OFFERED", 2)
    assert again(assignment).outcome == "RETURNED"
    assert strict.offers(lead)[-1].partner_id != assignment.partner_id


def test_everybody_concerned_gets_one_message(strict: Network) -> None:
    assignment = accepted_lead(strict)

    sweep_until(ACCEPTED + 4 * HOUR)

    told = {kind: messages(strict, kind) for kind in ("contact_overdue", "lead_taken_back")}
    assert [[m.recipient for m in sent] for sent in told.values()] == [
        [f"partner:{assignment.partner_id}"]
    ] * 2
    assert [notice.recipient for notice in notices(strict, "contact_escalated")] == ["dispatchers"]
    # the administrator and the dispatcher
    assert len(spread(strict, "contact_escalated", at=ACCEPTED + 4 * HOUR)) == 2


def test_a_lead_stays_where_it_is_unless_the_policy_says_otherwise(network: Network) -> None:
    network.partners(2)
    assignment = accepted_lead(network)

    sweep_until(ACCEPTED + 12 * HOUR)

    facts = facts_of(network, assignment.lead)
    assert facts.count("contact.overdue") == facts.count("lead.escalated") == 1
    assert "lead.taken_back" not in facts
    assert again(assignment).contact_due_at is None
    assert network.again(assignment.lead).status == "ACCEPTED"


def test_after_a_reminder_that_came_late_a_whole_window_is_left(strict: Network) -> None:
    assignment = accepted_lead(strict)
    late = ACCEPTED + 7 * HOUR

    first, second = sweep(at=late), sweep(at=late)

    assert (first, second) == (1, 0)
    assert fact(strict, assignment, "contact.overdue").at == ACCEPTED + HOUR
    assert again(assignment).contact_due_at == late + HOUR


@pytest.mark.parametrize(
    "act",
    [
        lambda network, a: _contact(a, is_reached=True),
        lambda network, a: _contact(a, is_reached=False),
        lambda network, a: give_feedback(
            assignment=a, status="NOT_REACHABLE", by=holder_of(a), at=ACCEPTED + MINUTE
        ),
        lambda network, a: return_lead(
            assignment=a, reason="OTHER", by=holder_of(a), at=ACCEPTED + MINUTE
        ),
        lambda network, a: close_lead(
            lead=a.lead, outcome="LOST", reason="PRICE", by=network.by, at=ACCEPTED + MINUTE
        ),
        lambda network, a: reroute_lead(lead=a.lead, by=network.by, at=ACCEPTED + MINUTE),
        lambda network, a: erase_lead(lead=a.lead, by=network.by, at=ACCEPTED + MINUTE),
    ],
    ids=["reached", "attempt", "feedback", "return", "close", "reroute", "erasure"],
)
def test_whatever_happens_with_the_lead_ends_it(strict: Network, act: Any) -> None:
    assignment = accepted_lead(strict)

    act(strict, assignment)
    sweep(at=ACCEPTED + 5 * HOUR)

    assert again(assignment).contact_due_at is None
    assert "contact.overdue" not in facts_of(strict, assignment.lead)


def test_a_lead_assigned_by_hand_is_followed_up_too(strict: Network) -> None:
    lead, partner = strict.lead(), strict.partner()
    assignment = assign_lead(lead=lead, partner=partner, by=strict.by, at=NOON)

    sweep(at=NOON + HOUR)

    assert fact(strict, assignment, "contact.overdue").partner_id == partner.id


def test_a_reopened_lead_asks_for_no_first_call(strict: Network) -> None:
    assignment = accepted_lead(strict)
    close_lead(lead=assignment.lead, outcome="LOST", reason="PRICE", by=strict.by, at=ACCEPTED)
    reopen_lead(lead=assignment.lead, by=strict.by, at=ACCEPTED + HOUR)

    sweep(at=ACCEPTED + 5 * HOUR)

    assert "contact.overdue" not in facts_of(strict, assignment.lead)


def test_overdue_feedback_is_told_once_for_each_time_it_falls_due(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    _contact(assignment, is_reached=True)
    due = again(assignment).feedback_due_at

    counts = [sweep(at=due - SECOND), sweep(at=due + HOUR), sweep(at=due + DAY)]
    give_feedback(
        assignment=assignment, status="REACHED", by=holder_of(assignment), at=due + 2 * DAY
    )
    next_due = again(assignment).feedback_due_at
    counts += [sweep(at=next_due - SECOND), sweep(at=next_due), sweep(at=next_due + 30 * DAY)]

    told = [e for e in network.events(assignment.lead) if e.type == "feedback.overdue"]
    assert counts == [0, 1, 0, 0, 1, 0]
    assert [event.at for event in told] == [due, next_due]
    assert len(messages(network, "feedback_overdue")) == 2


def test_feedback_given_in_time_is_not_overdue(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    due = again(assignment).feedback_due_at
    give_feedback(assignment=assignment, status="REACHED", by=holder_of(assignment), at=due - HOUR)

    sweep(at=due)

    assert "feedback.overdue" not in facts_of(network, assignment.lead)


def test_doing_it_twice_does_it_once(strict: Network) -> None:
    assignment = accepted_lead(strict)

    done = [follow_up(assignment=assignment, at=ACCEPTED + HOUR) for _ in range(3)]

    assert done == [True, False, False]


def test_one_that_fails_holds_up_nobody_and_is_tried_again(
    strict: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    strict.partners(3)
    broken, sound = accepted_lead(strict), accepted_lead(strict, at=NOON + MINUTE)
    _break(broken)
    at = ACCEPTED + HOUR + MINUTE

    with caplog.at_level("CRITICAL", logger="leads.escalation"):
        counts = [sweep(at=at), sweep(at=at)]
    _mend(broken)
    counts += [sweep(at=at + PUT_OFF - SECOND), sweep(at=at + PUT_OFF)]

    assert counts == [1, 0, 0, 1]
    assert fact(strict, sound, "contact.overdue").at == ACCEPTED + HOUR + MINUTE
    assert fact(strict, broken, "contact.overdue").at == ACCEPTED + HOUR


@pytest.mark.parametrize("language", ["de", "en"])
def test_messages_are_written_in_both_languages_and_act_by_no_link(
    strict: Network, language: str
) -> None:
    assignment = accepted_lead(strict)
    with tenant_context(strict.manufacturer.id):
        Partner.objects.update(language=language)
    sweep(at=ACCEPTED + HOUR)
    (delivery,) = spread(strict, "contact_overdue", at=ACCEPTED + HOUR)

    message = mail_of(delivery)

    assert message.subject.startswith({"de": "Bitte anrufen", "en": "Please call"}[language])
    assert f"/assignments/{assignment.id}/" in message.body
    assert "Erika" not in f"{message.subject} {message.body}"


def test_a_reminder_that_is_needed_no_more_is_not_sent(strict: Network) -> None:
    assignment = accepted_lead(strict)
    sweep(at=ACCEPTED + HOUR)
    (delivery,) = spread(strict, "contact_overdue", at=ACCEPTED + HOUR)
    _contact(assignment, is_reached=True, at=ACCEPTED + HOUR)

    assert note_of(delivery).reason == "no_contact_due"


def test_an_alarm_that_is_needed_no_more_is_not_sent(strict: Network) -> None:
    assignment = accepted_lead(strict)
    at = ACCEPTED + 2 * HOUR
    sweep_until(at)
    alarms = spread(strict, "contact_escalated", at=at)
    before = [_is_written(alarm) for alarm in alarms]
    _contact(assignment, is_reached=True, at=at)

    assert before == [True, True]
    assert {note_of(alarm).reason for alarm in alarms} == {"no_contact_due"}


def test_nobody_is_asked_for_feedback_that_was_given_meanwhile(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    due = again(assignment).feedback_due_at
    sweep(at=due)
    (delivery,) = spread(network, "feedback_overdue", at=due)
    before = _is_written(delivery)
    give_feedback(assignment=assignment, status="REACHED", by=holder_of(assignment), at=due)

    assert before
    assert note_of(delivery).reason == "no_feedback_due"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("contact_overdue", "Bitte anrufen"),
        ("contact_escalated", "Kunde wartet"),
        ("lead_taken_back", "Zurückgenommen"),
    ],
)
def test_every_step_can_be_said_in_a_sentence(strict: Network, kind: str, words: str) -> None:
    accepted_lead(strict)
    told = []
    for step in range(1, 4):
        sweep_until(ACCEPTED + step * HOUR)
        told += [(one, note_of(one)) for one in spread(strict, kind, at=ACCEPTED + step * HOUR)]

    short = told[0][1].short()

    assert short.startswith(words)
    assert len(short) < 160
    assert "Erika" not in short


def _is_written(delivery: Delivery) -> bool:
    return not isinstance(note_of(delivery), Outcome)


def _contact(assignment: Assignment, *, is_reached: bool, at: datetime = ACCEPTED + MINUTE) -> None:
    record_contact(
        assignment=assignment,
        is_reached=is_reached,
        contacted_at=at,
        by=holder_of(assignment),
        at=at,
    )


def _break(assignment: Assignment) -> None:
    """Let every fact about a lead be refused: its next number is taken."""
    with system_context("test"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_lead SET last_sequence = 1 WHERE id = %s", [assignment.lead_id]
        )


def _mend(assignment: Assignment) -> None:
    with system_context("test"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_lead SET last_sequence = (SELECT max(sequence) FROM leads_leadevent"
            " WHERE lead_id = leads_lead.id) WHERE id = %s",
            [assignment.lead_id],
        )
