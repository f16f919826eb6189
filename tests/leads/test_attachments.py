"""Files on a lead: for whoever added them while the lead is theirs, and gone with the lead."""

import pytest

from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.tenancy.context import partner_context, tenant_context
from leads.attachments import (
    NotInHands,
    TooManyAttachments,
    add_attachment,
    attachments_of,
    attachments_visible_to,
    remove_attachment,
)
from leads.dispatch import reroute_lead
from leads.erasure import erase_lead
from leads.feedback import give_feedback, return_lead
from leads.models import Assignment, LeadAttachment
from tests.acting import MINUTE, accept, accepted_lead, again, holder_of
from tests.core.pictures import CAMERA, photograph
from tests.factories import NOON, PDF, Network, count_rows

LATER = NOON + 5 * MINUTE


@pytest.fixture
def held(network: Network) -> Assignment:
    """A lead in the hands of one of two partners."""
    network.policy({"partners": 2})
    network.partners(2)
    return accepted_lead(network)


def add(assignment: Assignment, content: bytes = PDF, name: str = "Plan.pdf") -> LeadAttachment:
    return add_attachment(
        assignment=assignment, content=content, file_name=name, by=holder_of(assignment), at=LATER
    )


def seen_by(assignment: Assignment) -> int:
    """Count what the partner of an assignment is shown, by access functions and by the database."""
    actor = holder_of(assignment)
    with partner_context([assignment.partner_id]):
        rows = LeadAttachment.objects.count()
        read = attachments_visible_to(actor).count()
        listed = len(attachments_of(assignment))
    assert rows == read
    assert listed in (rows, 0)
    return rows


def test_keeps_a_photograph_without_where_it_was_taken(held: Assignment) -> None:
    kept = add(held, photograph("PNG"), "IMG_1.png")

    stored = again(kept)
    assert (stored.format, stored.file_name) == ("JPEG", "IMG_1.jpg")
    assert stored.size == len(stored.content)
    assert CAMERA.encode() not in bytes(stored.content)
    assert 0 < len(stored.preview) < len(stored.content) + 1_000


def test_keeps_a_document_as_it_is(held: Assignment) -> None:
    stored = again(add(held, PDF, "../Plan.PDF"))

    assert (bytes(stored.content), bytes(stored.preview)) == (PDF, b"")
    assert (stored.format, stored.file_name) == ("PDF", "Plan.pdf")


def test_takes_the_same_file_once(held: Assignment) -> None:
    first, second = add(held, photograph()), add(held, photograph())

    assert first.id == second.id
    assert count_rows(LeadAttachment) == 1


@pytest.mark.parametrize("content", [b"", b"MZ", photograph()[:300], b"<svg/>"])
def test_keeps_nothing_of_what_it_refuses(held: Assignment, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        add(held, content)

    assert count_rows(LeadAttachment) == 0


def test_takes_so_many_and_no_more(held: Assignment) -> None:
    for number in range(30):
        add(held, PDF + str(number).encode())

    with pytest.raises(TooManyAttachments):
        add(held, PDF + b"one more")


def test_shows_them_to_the_holder_and_the_manufacturer_only(
    network: Network, held: Assignment
) -> None:
    add(held)

    assert seen_by(held) == 1
    rivals = [offer for offer in network.offers(held.lead) if offer.partner_id != held.partner_id]
    assert rivals
    for rival in rivals:
        with partner_context([rival.partner_id]):
            assert LeadAttachment.objects.count() == 0
    with tenant_context(network.manufacturer.id):
        assert attachments_visible_to(network.by, lead=held.lead).count() == 1


def test_shows_the_next_partner_nothing_of_the_former_nor_the_former_anything_more(
    network: Network, held: Assignment
) -> None:
    add(held)

    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=LATER)
    network.partner()
    reroute_lead(lead=network.again(held.lead), by=network.by, at=LATER)
    offers = [o for o in network.offers(held.lead) if o.status == "OPEN"]
    following = accept(offers[-1], at=LATER)

    assert following.partner_id != held.partner_id
    assert seen_by(held) == seen_by(following) == 0
    with pytest.raises(NotInHands):
        add(held, PDF + b"late")
    add(following)
    assert seen_by(following) == 1


def test_shows_them_when_the_lead_is_closed_and_takes_no_more(held: Assignment) -> None:
    add(held)

    give_feedback(assignment=held, status="LOST", reason="PRICE", by=holder_of(held), at=LATER)

    assert seen_by(held) == 1
    with pytest.raises(NotInHands):
        add(held, PDF + b"late")


def test_is_gone_with_the_lead(network: Network, held: Assignment) -> None:
    add(held)
    add(held, photograph())

    erase_lead(lead=held.lead, by=network.by, at=LATER)

    assert count_rows(LeadAttachment) == 0
    with pytest.raises(NotInHands):
        add(held)


def test_whoever_added_a_file_takes_it_back(network: Network, held: Assignment) -> None:
    kept = add(held)

    with pytest.raises(NotVisible):
        remove_attachment(attachment=kept, by=network.by)
    assert remove_attachment(attachment=kept, by=holder_of(held))
    assert not remove_attachment(attachment=kept, by=holder_of(held))

    assert count_rows(LeadAttachment) == 0


def test_holds_no_file_of_somebody_elses_lead(network: Network, held: Assignment) -> None:
    rival = next(o for o in network.offers(held.lead) if o.partner_id != held.partner_id)

    with pytest.raises(NotInHands):
        add_attachment(
            assignment=held, content=PDF, file_name="x.pdf", by=holder_of(rival), at=LATER
        )
