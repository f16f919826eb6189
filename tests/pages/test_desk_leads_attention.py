"""What waits for a person: each reason by itself, at the very moment it begins, and no longer."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.attention import Attention, attention_counts, needing_attention
from leads.dispatch import judge_return, reject_lead
from leads.feedback import record_contact, return_lead
from leads.models import Assignment, Lead
from leads.selectors import leads_visible_to
from tests.acting import HOUR, MINUTE, accepted_lead, again, holder_of
from tests.factories import NOON, Network

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
LATER = NOON + 3 * HOUR


def test_an_empty_manufacturer_has_nothing_that_waits(network: Network) -> None:
    counts = _counts(network)

    assert counts == dict.fromkeys(Attention.values, 0)


def test_a_lead_without_partners_waits_on_the_pick_list(network: Network) -> None:
    lead = network.lead()

    assert _waiting(network, "pick_list") == {lead.id}


def test_a_lead_with_an_unknown_postal_code_waits_to_be_reviewed(network: Network) -> None:
    lead = network.lead(postal_code="99999")

    assert _waiting(network, "held") == {lead.id}


def test_a_rejected_lead_waits_no_more(network: Network) -> None:
    lead = network.lead(postal_code="99999")

    reject_lead(lead=lead, by=network.by, at=NOON + MINUTE)

    assert _waiting(network, "held") == set()


def test_contact_is_overdue_from_the_end_of_the_window_on(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    due = assignment.accepted_at + HOUR

    assert _waiting(network, "overdue_contact", at=due - SECOND) == set()
    assert _waiting(network, "overdue_contact", at=due) == {assignment.lead_id}


def test_a_customer_who_was_reached_waits_no_more(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)

    _reach(assignment, at=LATER)

    assert _waiting(network, "overdue_contact", at=LATER) == set()


def test_a_lead_on_offer_is_nobodys_overdue_contact(network: Network) -> None:
    network.partner()
    network.lead()

    assert _counts(network, at=LATER) == dict.fromkeys(Attention.values, 0)


def test_a_return_waits_until_it_was_judged(network: Network) -> None:
    network.partner()
    assignment = accepted_lead(network)
    _give_back(assignment, at=LATER)
    lead = again(assignment).lead_id
    before = _waiting(network, "returned")

    judge_return(lead=_lead(network, lead), is_lead_at_fault=True, by=network.by, at=LATER)

    assert before == {lead}
    assert _waiting(network, "returned") == set()


def test_counts_agree_with_lists_and_keep_to_one_manufacturer(
    network: Network, other_network: Network
) -> None:
    network.lead()
    network.lead(postal_code="99999")
    other_network.lead()
    network.partner()
    _give_back(accepted_lead(network), at=NOON + 5 * MINUTE)
    accepted_lead(network, at=NOON)

    counts = _counts(network, at=LATER)

    assert counts == {kind: len(_waiting(network, kind, at=LATER)) for kind in Attention.values}
    # The lead that was given back found nobody else, and is on the pick list again.
    assert counts == {
        "pick_list": 2,
        "overdue_contact": 1,
        "feedback": 0,
        "held": 1,
        "duplicate": 0,
        "returned": 1,
    }


def _counts(network: Network, at: datetime = LATER) -> dict[str, int]:
    with tenant_context(network.manufacturer.id):
        return attention_counts(network.by, at=at)


def _waiting(network: Network, kind: str, at: datetime = LATER) -> set[object]:
    with tenant_context(network.manufacturer.id):
        leads = needing_attention(leads_visible_to(network.by), kind, at=at)
        return set(leads.values_list("id", flat=True))


def _reach(assignment: Assignment, *, at: datetime) -> None:
    record_contact(
        assignment=assignment, is_reached=True, contacted_at=at, by=holder_of(assignment), at=at
    )


def _give_back(assignment: Assignment, *, at: datetime) -> None:
    return_lead(assignment=assignment, reason="WRONG_DATA", by=holder_of(assignment), at=at)


def _lead(network: Network, lead_id: UUID) -> Lead:
    with tenant_context(network.manufacturer.id):
        return Lead.objects.get(id=lead_id)
