"""A partner's leads by what is due, and those that ended lately."""

from datetime import timedelta

import pytest

from leads.feedback import give_feedback, record_contact
from leads.models import Assignment
from partners.models import Partner
from tests.acting import DAY, HOUR, MINUTE, holder_of
from tests.factories import NOON, Network
from tests.pages.phones import (
    SOON,
    Phone,
    counted,
    hold,
    is_whole,
    path_of,
    phone_of,
    read,
    state_in,
)


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner that holds leads."""
    return network.partner(name="Alpha Heating")


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    return phone_of(network, partner)


@pytest.fixture
def held(network: Network, partner: Partner) -> Assignment:
    """A lead that the partner accepted a minute ago."""
    return hold(network)


def group(page: str, name: str) -> str:
    """The part of the list of leads that stands below a heading."""
    return page.partition(f"group-{name}")[2].partition("</section>")[0]


def test_groups_leads_by_what_is_due(network: Network, partner: Partner, phone: Phone) -> None:
    now = NOON + 2 * DAY
    hold(network, at=now, contact={"last_name": "Fresh"})
    tried = hold(network, at=now - HOUR, contact={"last_name": "Tried"})
    reached = hold(network, at=now - HOUR, contact={"last_name": "Reached"})
    silent = hold(network, at=NOON, contact={"last_name": "Silent"})
    going = hold(network, at=NOON, contact={"last_name": "Going"})
    for assignment, is_reached in ((tried, False), (reached, True), (silent, True)):
        at = assignment.accepted_at + MINUTE
        record_contact(
            assignment=assignment, is_reached=is_reached, contacted_at=at,
            by=holder_of(assignment), at=at,
        )  # fmt: skip
    give_feedback(assignment=going, status="QUOTE_SENT", by=holder_of(going), at=NOON + HOUR)

    page = phone.open("/assignments/", at=now)

    calls, reports, rest = (group(page, n) for n in ("phone", "message-square", "hammer"))
    assert "Fresh" in calls
    assert "Tried" in calls
    assert "Silent" in reports
    assert "Feedback due since yesterday" in reports
    assert "Reached" in reports
    assert "Going" in rest
    assert "2 customers are waiting for your call." in page


def test_counts_down_to_the_first_call_and_says_when_it_is_overdue(
    held: Assignment, phone: Phone
) -> None:
    in_time = phone.open("/assignments/", at=NOON + 20 * MINUTE)
    too_late = phone.open("/assignments/", at=NOON + 61 * MINUTE)

    assert "40 min left" in in_time
    assert "Call now: due since" not in in_time
    assert "Call now: due since today, 14:00" in too_late


def test_renews_the_list_by_itself_and_after_a_call_made_from_it(
    held: Assignment, phone: Phone
) -> None:
    state = state_in(phone.open("/assignments/"))

    unchanged = phone.poll("/assignments/", state)
    called = phone.tap(path_of(held, "contact"), target="work", is_reached="no")
    changed = phone.poll("/assignments/", state)
    overdue = phone.poll("/assignments/", state_in(read(changed)), at=NOON + 2 * DAY)

    assert unchanged.status_code == 304
    for answer in (called, changed):
        assert answer.status_code == 200
        assert 'id="work"' in read(answer)
        assert "Not reached, last tried today" in read(answer)
        assert not is_whole(read(answer))
    assert "Feedback due since" in read(overdue)


def test_keeps_what_ended_for_ninety_days(network: Network, phone: Phone) -> None:
    held = hold(network, contact={"last_name": "Longago"})
    give_feedback(assignment=held, status="LOST", reason="PRICE", by=holder_of(held), at=NOON)

    assert "Longago" in phone.open("/assignments/", at=NOON + timedelta(days=89))
    assert "Longago" not in phone.open("/assignments/", at=NOON + timedelta(days=90))


def test_shows_twenty_ended_leads_at_once(network: Network, phone: Phone) -> None:
    for _ in range(21):
        held = hold(network)
        give_feedback(assignment=held, status="LOST", reason="PRICE", by=holder_of(held), at=SOON)

    first, second = phone.open("/assignments/"), phone.open("/assignments/?page=2")

    assert first.count("Erika Beispiel") == 20
    assert second.count("Erika Beispiel") == 1
    assert '<details class="ended card-box" id="ended" open>' in second
    assert '<details class="ended card-box" id="ended" >' in first


def test_asks_the_database_as_often_for_ten_leads_as_for_one(
    network: Network, phone: Phone
) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            hold(network)
            closed = hold(network)
            give_feedback(
                assignment=closed, status="LOST", reason="PRICE", by=holder_of(closed), at=SOON
            )

    fill(1)
    with counted() as for_one:
        phone.open("/assignments/")
    fill(9)
    with counted() as for_ten:
        page = phone.open("/assignments/")

    assert page.count("Erika Beispiel</a>") == 20
    assert len(for_ten) == len(for_one)
