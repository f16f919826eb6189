"""By when a partner is to call and to report, and how an amount is written."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from leadhub.core.pages.amounts import parse_amount
from leads.terms import Terms
from tests.acting import DAY, HOUR
from tests.factories import NOON

THRICE = Terms(feedback_due=(DAY, 3 * DAY, 7 * DAY), feedback_repeat=timedelta(days=7))
ONCE = Terms()


@pytest.mark.parametrize(
    ("terms", "given", "due"),
    [
        (ONCE, None, DAY),
        (ONCE, HOUR, HOUR + 7 * DAY),
        (ONCE, DAY, DAY + 7 * DAY),
        (ONCE, 2 * DAY, 9 * DAY),
        (ONCE, 20 * DAY, 27 * DAY),
        (THRICE, None, DAY),
        (THRICE, HOUR, 3 * DAY),
        (THRICE, DAY, 3 * DAY),
        (THRICE, 2 * DAY, 7 * DAY),
        (THRICE, 4 * DAY, 11 * DAY),
        (THRICE, 8 * DAY, 15 * DAY),
        (Terms(feedback_due=()), None, 7 * DAY),
    ],
)
def test_asks_for_the_next_report(terms: Terms, given: timedelta | None, due: timedelta) -> None:
    last: datetime | None = None if given is None else NOON + given

    assert terms.feedback_by(NOON, last) == NOON + due


def test_asks_for_a_call_within_the_window() -> None:
    assert Terms(contact_window=2 * HOUR).contact_by(NOON) == NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("12500", "12500"), ("12.500", "12500"), ("12,500", "12500"), ("12 500 EUR", "12500")),
        *(("12.500,50", "12500.50"), ("12,500.50", "12500.50"), ("12500,5", "12500.5")),
        *(("1.234.567,89", "1234567.89"), ("1,234,567.89", "1234567.89"), ("12,5", "12.5")),
        *(("12'500.00", "12500"), ("€ 12.500,-", "12500"), ("12.500,\u2013", "12500")),
        *(
            ("CHF 3\u2019000.\u2013", "3000"),
            ("12\u00a0500\u202f€", "12500"),
            ("0,50", "0.50"),
            ("5.", "5"),
        ),
    ],
)
def test_reads_amounts_as_germans_and_britons_write_them(written: str, amount: str) -> None:
    assert parse_amount(written) == Decimal(amount)


@pytest.mark.parametrize(
    "written",
    [
        *("", "-", "much", "-5", "1e5", "12.50.0", "1,2,3", "1.23.456", "12,500,00", "12.345,678"),
        *("1.2345", "1234.567", "0.500", "12500,500", "5.,", "٣٤", "NaN", "1" * 41, "12\x0034"),
    ],
)
def test_refuses_what_may_mean_two_amounts_or_none(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_amount(written)
