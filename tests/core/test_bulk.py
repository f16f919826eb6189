"""Rows of several tables in one statement."""

from datetime import timedelta

import pytest

from leadhub.core.bulk import insert_together, new_row, read_row
from leadhub.core.ids import new_id
from leadhub.core.models import Delivery
from leads.models import LeadOffer
from tests.factories import NOON


def test_makes_a_row_as_calling_the_model_does() -> None:
    values = {"wave": 1, "rank": 2, "offered_at": NOON, "respond_by": NOON}

    made, called = new_row(LeadOffer, **values), LeadOffer(**values)

    assert made._state.adding
    assert made.id != called.id
    unlike = {"_state", "id"}
    assert {name: value for name, value in vars(made).items() if name not in unlike} == {
        name: value for name, value in vars(called).items() if name not in unlike
    }


def test_reads_a_row_as_from_db_does() -> None:
    values = {"id": new_id(), "status": "OPEN", "offered_at": NOON}
    names = [field.attname for field in LeadOffer._meta.concrete_fields]
    row = [values.get(name) for name in names]

    read, usual = read_row(LeadOffer, names, row), LeadOffer.from_db("default", names, row)

    assert read == usual
    assert {name: getattr(read, name) for name in names} == dict(zip(names, row, strict=True))
    assert vars(read._state) == vars(usual._state)


def test_refuses_a_column_that_is_not_there() -> None:
    with pytest.raises(TypeError, match="colour"):
        new_row(Delivery, colour="green")


def test_refuses_what_json_cannot_carry() -> None:
    with pytest.raises(TypeError, match="timedelta"):
        insert_together([new_row(Delivery, due_at=timedelta(hours=1))])
