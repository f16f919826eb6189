"""Notes on a lead: written once, never changed, forgotten with the customer."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import partner_context, tenant_context
from leads.customer_data import export_customer_data, identify_customer
from leads.dossier import read_dossier
from leads.erasure import erase_lead
from leads.feedback import AssignmentEnded, LeadErased, return_lead
from leads.models import Assignment, LeadNote
from leads.notes import NOTE_AT_MOST, add_note
from leads.timeline import tell
from tests.acting import HOUR, MINUTE, accepted_lead, again, facts_of, holder_of
from tests.factories import NOON, Network

SAID = "Erika has a dog"


@pytest.fixture
def held(network: Network) -> Assignment:
    """A lead in a partner's hands."""
    network.partner()
    return accepted_lead(network)


def write(held: Assignment, text: str = SAID, *, minutes: int = 5) -> LeadNote:
    """Write a note for the partner."""
    at = NOON + timedelta(minutes=minutes)
    return add_note(assignment=held, text=text, by=holder_of(held), at=at)


def test_is_read_by_the_partner_and_the_manufacturer(network: Network, held: Assignment) -> None:
    write(held)

    with partner_context([held.partner_id]):
        assert [note.text for note in LeadNote.objects.all()] == [SAID]
    with tenant_context(held.manufacturer_id):
        told = tell(read_dossier(held.lead_id, actor=network.by))
    assert next(fact for fact in told if fact.kind == "note.added").notes == [SAID]


def test_is_hidden_from_other_partners(network: Network, held: Assignment) -> None:
    write(held)
    other = network.partner()

    with partner_context([other.id]):
        assert LeadNote.objects.count() == 0


def test_leaves_no_word_of_it_in_the_log(network: Network, held: Assignment) -> None:
    note = write(held)

    event = network.events(held.lead)[-1]
    assert (event.type, event.data) == ("note.added", {"note": str(note.id)})


def test_keeps_a_repeated_tap_once(network: Network, held: Assignment) -> None:
    first, again_ = write(held), write(held, f" {SAID}\n", minutes=6)
    other, third = write(held, "Another", minutes=7), write(held, minutes=8)

    assert first.id == again_.id
    assert len({first.id, other.id, third.id}) == 3
    assert facts_of(network, held.lead).count("note.added") == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "required"), ("  \n", "required"), ("x" * (NOTE_AT_MOST + 1), "too_long")],
)
def test_refuses_an_empty_and_an_endless_one(held: Assignment, text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        write(held, text)

    assert (refused.value.field, refused.value.code) == ("text", code)


def test_is_refused_once_the_lead_is_gone(held: Assignment) -> None:
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=NOON + 2 * MINUTE)

    with pytest.raises(AssignmentEnded):
        write(held)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leads_leadnote SET text = 'Erika has a cat'",
        "UPDATE leads_leadnote SET text = '', written_at = now()",
        "DELETE FROM leads_leadnote",
    ],
)
def test_cannot_be_changed(held: Assignment, change: str) -> None:
    note = write(held)

    with (
        tenant_context(held.manufacturer_id),
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
    ):
        connection.cursor().execute(change)
    assert again(note).text == SAID


def test_is_forgotten_with_the_customer(network: Network, held: Assignment) -> None:
    note = write(held)

    erase_lead(lead=held.lead, by=network.by, at=NOON + HOUR)

    assert again(note).text == ""
    with pytest.raises(LeadErased):
        write(held, minutes=70)


def test_is_told_to_the_customer_who_asks(network: Network, held: Assignment) -> None:
    write(held)
    with tenant_context(held.manufacturer_id):
        contact = held.lead.contact
        asked = identify_customer(email=contact.email, phone="", actor=network.by)
        told = export_customer_data(asked, by=network.by, at=NOON + HOUR)

    assert [note["text"] for lead in told["leads"] for note in lead["notes"]] == [SAID]
