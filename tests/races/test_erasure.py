"""Erasure beside other work on the same lead: one after the other, and nothing is left over."""

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import reject_lead
from leads.erasure import erase_lead, erase_overdue
from leads.models import Lead, LeadContact
from partners.tenants import change_retention
from tests.acting import DAY, HOUR, MINUTE, accept, facts_of, messages
from tests.factories import NOON, Network
from tests.races.holding import Meeting, failures, hold_lock


@pytest.fixture
def world(committed: None) -> Network:
    """A committed network."""
    return Network("acme")


def test_erases_a_lead_once_when_two_do_it_at_the_same_time(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partner()
    lead = world.lead()
    accept(world.offers(lead)[0])
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    results = meeting.race(
        *[lambda: erase_lead(lead=lead, by=world.by, at=NOON + HOUR) for _ in range(2)]
    )

    assert failures(results) == []
    assert facts_of(world, lead).count("lead.erased") == 2
    assert len(messages(world, "lead_erased")) == 1


def test_tells_a_partner_that_accepts_at_the_same_time(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second finds the lead erased, or is told; nobody keeps a contact unasked."""
    world.partner()
    lead = world.lead()
    (offer,) = world.offers(lead)
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    meeting.race(
        lambda: accept(offer, at=NOON + MINUTE),
        lambda: erase_lead(lead=lead, by=world.by, at=NOON + MINUTE),
    )

    told = len(messages(world, "lead_erased"))
    assert told == len(world.assignments(lead))
    assert world.again(lead).status == ("ACCEPTED" if told else "WITHDRAWN")
    with tenant_context(world.manufacturer.id):
        assert not LeadContact.objects.filter(lead=lead).exists()


def test_passes_over_a_lead_that_somebody_works_on(world: Network) -> None:
    change_retention(months=1, by=world.by)
    busy, free = world.lead(postal_code="99999"), world.lead(postal_code="99999")
    for lead in (busy, free):
        reject_lead(lead=lead, by=world.by, at=NOON)
    meeting = Meeting(1)

    with tenant_context(world.manufacturer.id):
        Lead.objects.select_for_update().get(id=busy.id)
        (result,) = meeting.race(lambda: erase_overdue(at=NOON + 90 * DAY))

    assert result == 1
    assert world.again(free).erased_at is not None
    assert world.again(busy).erased_at is None
