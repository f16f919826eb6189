"""Whatever happens to a lead in whatever order, what must hold does hold."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from leads.models.leads import LeadStatus as S
from tests.factories import Network
from tests.lifecycle.machine import NOBODY_KNOWS, LifeOfALead
from tests.lifecycle.rules import FOLLOWS

# The same steps each time: a run in a hurry and a run at leisure judge alike.
STEADY = settings(
    max_examples=170,
    stateful_step_count=48,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# Ways that leads must have gone, lest the machine idles; a step may pass several states.
WAYS = {
    (S.HELD, S.OFFERED),
    (S.HELD, S.MERGED),
    (S.OFFERED, S.OFFERED),
    (S.OFFERED, S.OPEN),
    (S.OFFERED, S.ACCEPTED),
    (S.OFFERED, S.WITHDRAWN),
    (S.OPEN, S.OFFERED),
    (S.OPEN, S.ACCEPTED),
    (S.ACCEPTED, S.CONTACTED),
    (S.ACCEPTED, S.IN_PROGRESS),
    (S.ACCEPTED, S.WON),
    (S.ACCEPTED, S.OFFERED),
    (S.ACCEPTED, S.OPEN),
    (S.IN_PROGRESS, S.WON),
    (S.WON, S.IN_PROGRESS),
}


@pytest.fixture
def four_partners(network: Network) -> None:
    """The partners that the lead is offered to, over and over."""
    reach = {"postal_code_areas": (NOBODY_KNOWS,)}
    LifeOfALead.network = network
    LifeOfALead.partners = [
        *network.partners(2, **reach),
        *network.partners(2, product_lines=("heat-pumps", "boilers"), **reach),
    ]
    LifeOfALead.went = set()


@pytest.mark.usefixtures("four_partners")
@pytest.mark.timeout(400)
def test_holds_what_must_hold_after_every_step() -> None:
    run_state_machine_as_test(LifeOfALead, settings=STEADY)

    assert LifeOfALead.went >= WAYS


def test_knows_what_may_follow_every_state() -> None:
    assert {state for state in FOLLOWS if state is not None} == set(S)
