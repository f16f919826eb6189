"""The same seed tells the same story."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from leadhub.core.tenancy.context import system_context
from leadhub.demo.size import Size
from leadhub.demo.world import make_world
from leads.models import LeadEvent, LeadOffer

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SMALL = Size(partners=6, leads=5, days=20)


def _tell() -> tuple[list[Any], list[Any]]:
    """Tell the story, and forget it."""
    with transaction.atomic():
        make_world(size=SMALL, now=NOW, progress=lambda name, done: None, with_helper=False)
        with system_context("test"):
            facts = LeadEvent.objects.order_by(
                "manufacturer__slug", "lead__received_at", "lead__external_id", "sequence"
            )
            offers = LeadOffer.objects.order_by(
                "manufacturer__slug", "lead__external_id", "wave", "rank"
            )
            told = (
                list(facts.values_list("lead__external_id", "type", "partner__name", "at")),
                list(offers.values_list("lead__external_id", "partner__name", "status")),
            )
        transaction.set_rollback(True)
    return told


@pytest.mark.usefixtures("db")
def test_tells_the_same_story_twice() -> None:
    first = _tell()

    second = _tell()

    assert first == second
    assert first[0]
