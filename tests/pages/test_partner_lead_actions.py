"""What a partner can do with one lead: what comes first, and what is done already."""

import re
from datetime import datetime

import pytest

from leads.feedback import give_feedback, record_contact
from leads.models import Assignment
from partners.models import Partner
from tests.acting import DAY, HOUR, MINUTE, holder_of
from tests.factories import NOON, Network
from tests.pages.phones import SOON, Phone, hold, path_of, phone_of


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


def call(held: Assignment, *, at: datetime, is_reached: bool = False) -> None:
    """Call the customer."""
    by = holder_of(held)
    record_contact(assignment=held, is_reached=is_reached, contacted_at=at, by=by, at=at)


def bar_of(page: str) -> str:
    """The bar at the thumb."""
    return page.partition('class="thumb-bar"')[2]


def tile(page: str, name: str) -> str:
    """A button by which an outcome is reported."""
    found = re.search(rf'<button[^>]*id="report-{name}".*?</button>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_says_on_the_button_what_was_reported_and_when(held: Assignment, phone: Phone) -> None:
    before = phone.open(path_of(held))
    for status, at in (("APPOINTMENT", SOON), ("QUOTE_SENT", SOON), ("APPOINTMENT", SOON + HOUR)):
        give_feedback(assignment=held, status=status, by=holder_of(held), at=at)

    page = phone.open(path_of(held), at=SOON + DAY)

    assert tile(before, "appointment") == "Appointment"
    assert tile(page, "appointment") == "Appointment reported yesterday, 14:01"
    assert tile(page, "quote") == "Quote sent reported yesterday, 13:01"


def test_says_which_buttons_end_a_lead(held: Assignment, phone: Phone) -> None:
    page = phone.open(path_of(held))

    assert tile(page, "won") == "Report as won"
    assert tile(page, "lost") == "Report as lost"
    assert re.search(r"Report as won\s*</button>\s*</form>", page)


def test_calls_first_when_the_contact_is_overdue(held: Assignment, phone: Phone) -> None:
    for at in (NOON + DAY + HOUR, NOON + 9 * DAY):
        bar = bar_of(phone.open(path_of(held), at=at))

        assert "btn-primary" in bar
        assert re.search(r"\bCall\s*</a>", bar)
        assert "Reached" not in bar


def test_calls_again_before_it_reports_when_nobody_answered(held: Assignment, phone: Phone) -> None:
    call(held, at=SOON)

    page = phone.open(path_of(held), at=NOON + 2 * DAY)

    assert "Feedback due since" in page
    assert "btn-primary" in bar_of(page)
    assert "Reached" not in bar_of(page)
    assert tile(page, "unreachable") == "Report as not reachable"


def test_asks_right_after_a_call_whether_it_was_answered(held: Assignment, phone: Phone) -> None:
    call(held, at=SOON)

    page = phone.open(path_of(held), at=SOON + MINUTE)

    assert "Reached" in bar_of(page)
    assert page.count("Not reached") == 1
    assert tile(page, "unreachable") == ""


def test_asks_only_once_whether_the_customer_was_reached(held: Assignment, phone: Phone) -> None:
    page = phone.open(path_of(held))

    assert page.count("Not reached") == 1
    assert "not reachable" not in page
    assert tile(page, "talking") == ""


def test_asks_no_more_for_the_call_once_the_customer_was_reached(
    held: Assignment, phone: Phone
) -> None:
    call(held, at=SOON, is_reached=True)

    page = phone.open(path_of(held), at=SOON + MINUTE)

    assert "btn-outline" in bar_of(page)
    assert tile(page, "talking") == "Still talking"
    assert tile(page, "unreachable") == ""
