"""A lead that resembles another one of late is held, and people decide what it is."""

from datetime import timedelta
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import LeadNotHeld, reject_lead, release_lead
from leads.erasure import erase_lead
from leads.intake import Contact
from leads.merging import CannotGoOn, merge_lead
from leads.models import Lead, LeadContact
from tests.acting import DAY, MINUTE, facts_of, messages
from tests.factories import NOON, Network

pytestmark = pytest.mark.django_db


def known_as(first: str = "", last: str = "", *, phone: str = "", email: str = "") -> Contact:
    return Contact(first, last, phone=phone, email=email or ("" if phone else f"{first}@x.example"))


ERIKA = known_as("Erika", "Beispiel", phone="+4989123456", email="erika@example.com")


@pytest.fixture
def careful(network: Network) -> Network:
    """A network with a partner that compares the leads of 30 days."""
    network.compare_within(30)
    network.partner()
    return network


def resembles(network: Network, lead: Lead) -> list[dict[str, Any]]:
    held = next(event for event in network.events(lead) if event.type == "lead.held")
    found: list[dict[str, Any]] = held.data["resembles"]
    return found


@pytest.mark.parametrize(
    ("contact", "same"),
    [
        (known_as("Max", "Muster", phone="089 123456"), {"same": ["phone"]}),
        (known_as("Max", "Muster", email="ERIKA@example.com "), {"same": ["email"]}),
        (known_as("Erika", "Beispiel", email="other@example.com"), {"same": [], "name": 1.0}),
        (known_as("Erica", "Beispiel", email="o@example.com"), {"same": [], "name": 0.67}),
        (
            known_as("Erika", "Beispiel", phone="089/123456", email="erika@example.com"),
            {"same": ["phone", "email"], "name": 1.0},
        ),
    ],
)
def test_a_lead_of_the_same_customer_is_held_and_says_why(
    careful: Network, contact: Contact, same: dict[str, Any]
) -> None:
    first = careful.lead(contact=ERIKA)

    second = careful.lead(contact=contact, at=NOON + DAY)

    assert first.status == "OFFERED"
    assert (second.status, second.hold_reason) == ("HELD", "DUPLICATE")
    assert resembles(careful, second) == [{"lead": str(first.id), **same}]
    assert careful.offers(second) == []
    assert messages(careful, "offer_new") == messages(careful, "offer_new")[:1]


@pytest.mark.parametrize(
    "contact",
    [
        known_as("Max", "Muster", email="max@example.com"),
        known_as("Erika", "Mustermann", email="e@example.com"),
        known_as("", "Beispiel", email="b@example.com"),
        known_as("Erika", "Beispiel", phone="+4989999999"),
    ],
)
def test_another_customer_is_routed(careful: Network, contact: Contact) -> None:
    careful.lead(contact=known_as("Hans", "Beispiel", phone="+4989123456"))
    careful.lead(contact=known_as("Erika", "Beispiel"), postal_code="86150")

    lead = careful.lead(contact=contact)

    assert lead.status == "OFFERED"


def test_two_spellings_are_one_name(careful: Network) -> None:
    careful.lead(contact=known_as("Jörg", "Müller", email="a@example.com"))

    lead = careful.lead(contact=known_as("Joerg", "Mueller", email="b@example.com"))

    assert resembles(careful, lead)[0]["name"] == 1.0


def test_what_was_received_before_the_window_is_not_compared(careful: Network) -> None:
    careful.lead(contact=ERIKA)

    in_time = careful.lead(contact=ERIKA, at=NOON + timedelta(days=30))
    too_late = careful.lead(contact=ERIKA, at=NOON + timedelta(days=61))

    assert in_time.status == "HELD"
    assert too_late.status == "OFFERED"


def test_nothing_is_compared_if_the_manufacturer_says_so(careful: Network) -> None:
    careful.compare_within(0)
    careful.lead(contact=ERIKA)

    assert careful.lead(contact=ERIKA).status == "OFFERED"


def test_test_leads_are_compared_with_test_leads_only(careful: Network) -> None:
    careful.lead(contact=ERIKA, is_test=True)

    real = careful.lead(contact=ERIKA)
    test = careful.lead(contact=ERIKA, is_test=True)

    assert real.status == "OFFERED"
    assert test.status == "HELD"
    assert str(real.id) not in str(resembles(careful, test))


def test_other_manufacturers_leads_are_not_compared(
    careful: Network, other_network: Network
) -> None:
    other_network.compare_within(30)
    other_network.partner()
    careful.lead(contact=ERIKA)

    assert other_network.lead(contact=ERIKA).status == "OFFERED"


def test_a_duplicate_without_a_known_place_is_held_as_a_duplicate(careful: Network) -> None:
    careful.lead(contact=ERIKA)

    lead = careful.lead(contact=ERIKA, postal_code="99999")

    assert (lead.status, lead.hold_reason) == ("HELD", "DUPLICATE")


def test_a_duplicate_may_be_released_all_the_same(careful: Network) -> None:
    careful.lead(contact=ERIKA)
    lead = careful.lead(contact=ERIKA)

    release_lead(lead=lead, by=careful.by, at=NOON + MINUTE)

    assert careful.again(lead).status == "OFFERED"


def test_what_a_merged_lead_said_is_kept_on_the_one_that_goes_on(careful: Network) -> None:
    first = careful.lead(contact=ERIKA)
    said = Contact("Erika", "Beispiel", email="erika@example.com", phone="+498954321")
    second = careful.lead(contact=said, wish="Please call after six", at=NOON + DAY)

    merged = merge_lead(lead=second, into_id=first.id, by=careful.by, at=NOON + DAY)
    again = merge_lead(lead=second, into_id=first.id, by=careful.by, at=NOON + DAY)

    assert (merged.status, merged.merged_into_id) == ("MERGED", first.id)
    assert again.last_sequence == careful.again(second).last_sequence
    assert facts_of(careful, second) == ["lead.received", "lead.held", "lead.merged"]
    assert _additions(careful, first) == [
        {
            "lead": str(second.id),
            "at": (NOON + DAY).isoformat(),
            "phone": "+498954321",
            "wish": "Please call after six",
        }
    ]
    assert careful.again(first).status == "OFFERED"


def test_what_was_merged_is_erased_with_either_of_the_two(careful: Network) -> None:
    first = careful.lead(contact=ERIKA)
    second, third = (careful.lead(contact=ERIKA, wish=f"Wish {n}") for n in (2, 3))
    for lead in (second, third):
        merge_lead(lead=lead, into_id=first.id, by=careful.by, at=NOON + MINUTE)

    erase_lead(lead=careful.again(second), by=careful.by, at=NOON + DAY)
    left = _additions(careful, first)
    erase_lead(lead=first, by=careful.by, at=NOON + DAY)

    assert [addition["wish"] for addition in left] == ["Wish 3"]
    with tenant_context(careful.manufacturer.id):
        assert not LeadContact.objects.filter(lead=first).exists()


def test_a_lead_that_was_not_routed_or_is_no_test_as_well_cannot_go_on(careful: Network) -> None:
    first, test = careful.lead(contact=ERIKA), careful.lead(contact=ERIKA, is_test=True)
    erased = careful.lead(contact=known_as("Max", "Muster"))
    erase_lead(lead=erased, by=careful.by, at=NOON)
    held, rejected, merged, lead = (careful.lead(contact=ERIKA) for _ in range(4))
    reject_lead(lead=rejected, by=careful.by, at=NOON)
    merge_lead(lead=merged, into_id=first.id, by=careful.by, at=NOON)

    for target in (held, rejected, merged, test, erased):
        with pytest.raises(CannotGoOn):
            merge_lead(lead=lead, into_id=target.id, by=careful.by, at=NOON)
    assert careful.again(lead).status == "HELD"
    assert _additions(careful, first)[0]["lead"] == str(merged.id)


def test_only_a_held_lead_is_merged_and_only_into_another_of_the_tenant(
    careful: Network, other_network: Network
) -> None:
    other_network.partner()
    foreign = other_network.lead()
    first, other = careful.lead(contact=ERIKA), careful.lead(contact=known_as("Max", "Muster"))
    held = careful.lead(contact=ERIKA)

    with pytest.raises(LeadNotHeld):
        merge_lead(lead=first, into_id=other.id, by=careful.by, at=NOON)
    for target in (held, foreign):
        with pytest.raises(InvalidInput):
            merge_lead(lead=held, into_id=target.id, by=careful.by, at=NOON)


def _additions(network: Network, lead: Lead) -> Any:
    with tenant_context(network.manufacturer.id):
        return LeadContact.objects.get(lead=lead).additions
