"""The one clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from leadhub.core import clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_is_the_databases_and_not_this_machines() -> None:
    before = clock.now()

    with time_machine.travel(before + timedelta(hours=2), tick=False):
        after = clock.now()

    assert timedelta(0) <= after - before < timedelta(minutes=1)
    assert after.utcoffset() == timedelta(0)


@pytest.mark.django_db
def test_goes_on_within_a_transaction() -> None:
    assert clock.now() < clock.now()


def test_can_be_set_for_a_while() -> None:
    with clock.set_to(NOON):
        with clock.set_to(NOON + timedelta(days=1)):
            inner = clock.now()
        outer = clock.now()

    assert (inner, outer) == (NOON + timedelta(days=1), NOON)
