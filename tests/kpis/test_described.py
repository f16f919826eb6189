"""Were leads as described: partners' last answers, by source, with how sure one may be."""

from typing import Any

import pytest

from kpis.described import Described, described_by_source
from kpis.intervals import wilson_interval
from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.feedback import give_feedback
from tests.acting import DAY, MINUTE, accepted_lead, holder_of
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, read

pytestmark = pytest.mark.django_db


def answer(network: Network, answers: str = "", **fields: Any) -> None:
    """A lead on which the partner reports so many times: yes, no, or without an answer."""
    assignment = accepted_lead(network, **fields)
    for number, said in enumerate(answers.split()):
        give_feedback(
            assignment=assignment,
            status="REACHED",
            is_as_described={"yes": True, "no": False}.get(said),
            by=holder_of(assignment),
            at=NOON + (5 + number) * MINUTE,
        )


@pytest.fixture
def answered(network: Network) -> Network:
    """Answers about leads of two sources, a test and a lead without feedback."""
    network.partner()
    answer(network, "yes", source="website")
    answer(network, "yes no", source="website")
    answer(network, "-", source="website")
    answer(network, "yes", source="fair")
    answer(network, "yes", source="fair", is_test=True)
    answer(network, source="fair")
    return network


def test_counts_the_last_answer_of_each_pick_by_source(answered: Network) -> None:
    with tenant_context(answered.manufacturer.id):
        rows = described_by_source(answered.manufacturer.id, starts_at=NOON, ends_at=NOON + DAY)
        before = described_by_source(answered.manufacturer.id, starts_at=NOON - DAY, ends_at=NOON)

    assert rows == [Described("website", 3, 1, 1), Described("fair", 1, 1, 0)]
    assert before == []


def test_no_answer_is_no_share() -> None:
    assert Described("fair", 3, 0, 0).share is None
    assert Described("fair", 3, 0, 0).interval is None


def test_the_interval_is_that_of_wilson() -> None:
    """The figures of Brown, Cai and DasGupta's examples: 0 of 10, and 8 of 10."""
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_the_page_and_the_file_tell_the_same(answered: Network) -> None:
    client = at_desk(answered, "ANALYST")

    with clock.set_to(NOON + DAY):
        page = read(client, "/cockpit/as-described/")
        file = client.get("/cockpit/as-described/file/?days=30")

    assert "50" in page
    assert file.content.decode().lstrip("\ufeff").splitlines() == [
        "source,asked,yes,no,share,share_from,share_to",
        "website,3,1,1,0.5,0.0945,0.9055",
        "fair,1,1,0,1.0,0.2065,1.0",
    ]
