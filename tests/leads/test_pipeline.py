"""What a partner expects of a lead in its hands."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.feedback import AssignmentEnded, return_lead
from leads.models import Assignment
from leads.pipeline import months_from, set_stage
from tests.acting import HOUR, MINUTE, accepted_lead, again, facts_of, holder_of
from tests.factories import NOON, Network

MAY = date(2026, 5, 1)


@pytest.fixture
def held(network: Network) -> Assignment:
    """A lead in a partner's hands."""
    network.partner()
    return accepted_lead(network)


def expect(held: Assignment, **changed: Any) -> Assignment:
    """Say what is expected."""
    said = {"chance": "HIGH", "month": date(2026, 5, 17), "value": Decimal(4800), **changed}
    return set_stage(assignment=held, by=holder_of(held), at=NOON + HOUR, **said)


def test_keeps_the_chance_the_month_and_the_value(network: Network, held: Assignment) -> None:
    expect(held)

    kept = again(held)
    assert (kept.closing_chance, kept.expected_month, kept.expected_value) == ("HIGH", MAY, 4800)
    event = network.events(held.lead)[-1]
    assert (event.type, event.data) == (
        "lead.stage_set",
        {"chance": "HIGH", "month": "2026-05", "value": "4800.00", "currency": held.lead.currency},
    )


def test_needs_no_more_than_the_chance(network: Network, held: Assignment) -> None:
    expect(held)
    expect(held, chance="LOW", month=None, value=None)

    kept = again(held)
    assert (kept.closing_chance, kept.expected_month, kept.expected_value) == ("LOW", None, None)
    assert network.events(held.lead)[-1].data == {"chance": "LOW"}


def test_takes_the_same_tap_twice_as_one(network: Network, held: Assignment) -> None:
    expect(held)
    expect(held)

    assert facts_of(network, held.lead).count("lead.stage_set") == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"month": date(2026, 1, 31)}, "expected_month"),
        ({"month": date(2028, 3, 1)}, "expected_month"),
        ({"value": Decimal(-1)}, "expected_value"),
    ],
)
def test_refuses_what_cannot_be_expected(
    held: Assignment, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        expect(held, **changed)

    assert refused.value.field == field
    assert again(held).closing_chance is None


def test_expects_nothing_of_a_lead_that_is_gone(held: Assignment) -> None:
    return_lead(assignment=held, reason="OTHER", by=holder_of(held), at=NOON + 2 * MINUTE)

    with pytest.raises(AssignmentEnded):
        expect(held)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"expected_month": MAY}, "an_expectation_says_how_likely_it_is"),
        (
            {"closing_chance": "LOW", "expected_month": date(2026, 5, 2)},
            "an_expected_month_is_its_first_day",
        ),
        ({"closing_chance": "LOW", "expected_value": -1}, "an_expected_value_is_no_debt"),
    ],
)
def test_is_never_stored_by_half(
    held: Assignment, changed: dict[str, Any], constraint: str
) -> None:
    with (
        tenant_context(held.manufacturer_id),
        pytest.raises(DatabaseError, match=constraint),
        transaction.atomic(),
    ):
        Assignment.objects.filter(id=held.id).update(**changed)


def test_lists_months_over_the_turn_of_the_year() -> None:
    assert months_from(date(2026, 11, 30), 3) == [
        date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1),
    ]  # fmt: skip
