"""Rows of several tables in one statement."""

from datetime import timedelta

import pytest

from leadhub.core.bulk import insert_together
from leadhub.core.models import Delivery, IdempotentAnswer
from tests.factories import NOON


def test_refuses_what_json_cannot_carry() -> None:
    with pytest.raises(TypeError, match="bytes"):
        insert_together([IdempotentAnswer(body=b"x", created_at=NOON)])
    with pytest.raises(TypeError, match="timedelta"):
        insert_together([Delivery(due_at=timedelta(hours=1))])
