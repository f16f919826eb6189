"""Two pushes of one customer at the same moment: one is routed, the other held."""

from collections.abc import Sequence

import pytest

from leads.intake import Contact
from tests.factories import Network
from tests.races.holding import Meeting, failures, hold_at

PHONE, EMAIL = "+4989123456", "erika@example.com"


@pytest.fixture
def world(committed: None) -> Network:
    """A committed network that compares the leads of 30 days."""
    network = Network("acme", duplicate_days=30)
    network.partner()
    return network


def race(world: Network, patch: pytest.MonkeyPatch, contacts: Sequence[Contact]) -> list[str]:
    """Push leads of these customers at once, and tell what became of them."""
    meeting = Meeting(len(contacts), in_order=False)
    hold_at(patch, meeting, "leads.intake.read_setup")

    results = meeting.race(
        *[lambda contact=contact: world.lead(contact=contact) for contact in contacts]
    )

    assert failures(results) == []
    return sorted(world.again(lead).status for lead in results)


@pytest.mark.parametrize(
    "contacts",
    [
        [Contact("Erika", "Beispiel", phone=PHONE), Contact("E.", "B.", phone=PHONE)],
        [Contact("Erika", "Beispiel", email=EMAIL), Contact("E.", "B.", email=EMAIL)],
    ],
)
def test_of_two_pushes_of_one_customer_at_once_the_second_is_held(
    world: Network, monkeypatch: pytest.MonkeyPatch, contacts: Sequence[Contact]
) -> None:
    assert race(world, monkeypatch, contacts) == ["HELD", "OFFERED"]


def test_four_at_once_that_share_a_phone_or_an_address_lock_nobody_out(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = Contact("Erika", "Beispiel", phone=PHONE, email=EMAIL)
    contacts = [both, Contact(phone=PHONE), Contact(email=EMAIL), both]

    statuses = race(world, monkeypatch, contacts)

    # those with the phone alone and the address alone have nothing in common
    assert statuses.count("OFFERED") in (1, 2)
    assert set(statuses) == {"HELD", "OFFERED"}


def test_without_their_turns_both_would_be_routed(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_turns = "SELECT turn FROM unnest(%s::bigint[]) AS turn"
    monkeypatch.setattr("leads.setups.WAIT_FOR_TURNS", no_turns)
    contacts = [Contact("Erika", "Beispiel", phone=PHONE), Contact("E.", "B.", phone=PHONE)]

    assert race(world, monkeypatch, contacts) == ["OFFERED", "OFFERED"]
