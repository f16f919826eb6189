"""A lead goes from one person of a partner to a colleague."""

import pytest
from django.core import mail

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.ids import new_id
from leads.feedback import AssignmentEnded, give_feedback, return_lead
from leads.handing_over import hand_over
from leads.messages import deliver_due
from leads.models import Assignment
from partners.memberships import actor_of, remove_member
from partners.models import Membership, Partner
from tests.acting import HOUR, MINUTE, accepted_lead, again, holder_of, member, messages
from tests.factories import NOON, Network

LATER = NOON + HOUR


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner that holds leads."""
    return network.partner()


@pytest.fixture
def by(network: Network, partner: Partner) -> Actor:
    """Somebody who works for the partner."""
    return actor_of(member(network, "rep@partner.example", "PARTNER_REP", partner))


@pytest.fixture
def colleague(network: Network, partner: Partner) -> Membership:
    """Somebody else who does."""
    return member(network, "colleague@partner.example", "PARTNER_MANAGER", partner)


@pytest.fixture
def held(network: Network, partner: Partner) -> Assignment:
    """A lead in the partner's hands."""
    return accepted_lead(network)


def mails_at(at: object) -> list[str]:
    """To whom mails about leads handed over have gone by an instant."""
    mail.outbox.clear()
    with clock.set_to(at):  # type: ignore[arg-type]
        while deliver_due():
            pass
    found = [one for one in mail.outbox if one.subject.startswith("An Sie übergeben")]
    return [address for one in found for address in one.to]


def test_makes_the_colleague_the_one_who_works_on_it_and_tells_them(
    network: Network, held: Assignment, by: Actor, colleague: Membership
) -> None:
    hand_over(assignment=held, user_id=colleague.user_id, by=by, at=LATER)

    assert again(held).user_id == colleague.user_id
    event = network.events(held.lead)[-1]
    assert (event.type, event.data) == ("lead.handed_over", {"user": str(colleague.user_id)})
    assert event.actor == f"user:{by.user_id}"
    assert mails_at(LATER) == ["colleague@partner.example"]


def test_says_in_the_log_from_whom(
    network: Network, held: Assignment, by: Actor, colleague: Membership
) -> None:
    hand_over(assignment=held, user_id=colleague.user_id, by=by, at=LATER)
    hand_over(assignment=held, user_id=by.user_id, by=actor_of(colleague), at=LATER + MINUTE)  # type: ignore[arg-type]

    assert network.events(held.lead)[-1].data == {
        "user": str(by.user_id),
        "before": str(colleague.user_id),
    }


def test_changes_nothing_when_the_colleague_has_it_already(
    network: Network, held: Assignment, by: Actor, colleague: Membership
) -> None:
    for minute in (0, 1):
        at = LATER + minute * MINUTE
        hand_over(assignment=held, user_id=colleague.user_id, by=by, at=at)

    assert len(messages(network, "lead_handed_over")) == 1


def test_sends_no_message_to_whoever_takes_it_themselves(
    network: Network, held: Assignment, by: Actor
) -> None:
    assert by.user_id
    hand_over(assignment=held, user_id=by.user_id, by=by, at=LATER)

    assert again(held).user_id == by.user_id
    assert messages(network, "lead_handed_over") == []


def test_goes_to_nobody_who_does_not_work_for_the_partner(
    network: Network, held: Assignment, by: Actor, colleague: Membership
) -> None:
    rival = member(network, "rival@other.example", "PARTNER_REP", network.partner())
    staff = member(network, "staff@maker.example", "DISPATCHER")
    remove_member(membership=colleague, by=network.by, at=NOON)

    refusals = []
    for user_id in (rival.user_id, staff.user_id, colleague.user_id, new_id()):
        with pytest.raises(InvalidInput) as refused:
            hand_over(assignment=held, user_id=user_id, by=by, at=LATER)
        refusals.append((refused.value.field, refused.value.code, str(refused.value)))

    assert len(set(refusals)) == 1
    assert again(held).user_id is None


def test_hands_over_nothing_that_has_ended(
    held: Assignment, by: Actor, colleague: Membership
) -> None:
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=NOON + 2 * MINUTE)

    with pytest.raises(AssignmentEnded):
        hand_over(assignment=held, user_id=colleague.user_id, by=by, at=LATER)


def test_says_nothing_of_a_lead_that_was_closed_meanwhile(
    held: Assignment, by: Actor, colleague: Membership
) -> None:
    hand_over(assignment=held, user_id=colleague.user_id, by=by, at=LATER)
    give_feedback(assignment=held, status="LOST", reason="PRICE", by=by, at=LATER)

    assert mails_at(LATER) == []
