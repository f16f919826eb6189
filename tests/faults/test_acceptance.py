"""Many dealers, one lead: who takes it over HTTP at the same moment, and what they are told."""

import pytest

from tests.faults.conftest import Figures, Size
from tests.faults.history import History
from tests.faults.installation import Installation
from tests.faults.proxy import Proxy
from tests.faults.racing import holders_in, race_for, send_leads

DEALERS = 20
# Of the module with the fault, which cannot be imported where nothing is to be patched.
NAIVE = "tests.faults.naive:application"
BACKSTOPS = (
    *("one_accepted_offer_per_lead", "one_open_assignment_per_lead"),
    "one_event_per_sequence",
)


def problems_of(history: History, installation: Installation) -> list[str]:
    """What cannot be true of a history, beside what stands in the database."""
    return history.problems(holders_in(installation, {told.lead for told in history.told}))


@pytest.mark.promise("P1")
@pytest.mark.timeout(1_800)
def test_a_lead_never_has_two_winners(
    installation: Installation, size: Size, figures: Figures
) -> None:
    installation.web()
    network = installation.network(dealers=DEALERS)
    leads = send_leads(network, size.of(short=8, full=2_000))
    history = History()

    race_for(network, leads, history=history, port=network.port)

    assert problems_of(history, installation) == []
    assert len(history.winners()) == len(leads)
    assert history.double_winners() == []
    figures("P1", f"0 double winners of {len(leads):,} leads that {DEALERS} dealers raced for")


@pytest.mark.promise("P1")
@pytest.mark.timeout(600)
def test_finds_the_winners_of_an_acceptance_that_reads_and_then_writes(
    own_installation: Installation, size: Size, figures: Figures
) -> None:
    own_installation.web(NAIVE)
    for name in BACKSTOPS:
        drop(own_installation, name)
    network = own_installation.network(dealers=DEALERS)
    # every race of these ends in deadlocks, and takes seconds
    leads = send_leads(network, size.of(short=4, full=12))
    history = History()

    race_for(network, leads, history=history, port=network.port)

    assert history.double_winners()
    assert problems_of(history, own_installation)
    doubles = len(history.double_winners())
    figures("P1", f"{doubles} of {len(leads)} with a planted acceptance that reads, then writes")


def drop(installation: Installation, name: str) -> None:
    """Take away what the database itself would refuse, be it a constraint or an index."""
    ((kind, table),) = installation.rows(
        """
        SELECT coalesce(c.contype, 'i')::text, i.indrelid::regclass::text
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
        WHERE i.indexrelid = %s::regclass
        """,
        name,
    )
    if kind == "u":
        installation.change(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    else:
        installation.change(f"DROP INDEX {name}")


@pytest.mark.promise("P2")
@pytest.mark.timeout(1_800)
def test_the_winners_repeat_gets_the_same_answer_when_answers_are_lost(
    installation: Installation, size: Size, figures: Figures
) -> None:
    installation.web()
    network = installation.network(dealers=5)
    leads = send_leads(network, size.of(short=12, full=1_000))
    history = History()

    with Proxy(network.port) as proxy:
        proxy.drops = 0.3
        race_for(network, leads, history=history, port=proxy.port, repeats_of_winner=3)

    assert problems_of(history, installation) == []
    assert len(history.winners()) == len(leads)
    assert proxy.dropped > proxy.answers / 5
    share = 100 * proxy.dropped / proxy.answers
    figures(
        "P2",
        f"100 % of the repeats of {len(leads):,} winners got the same body, with"
        f" {share:.0f} % of {proxy.answers:,} answers dropped",
    )


@pytest.mark.promise("P2")
@pytest.mark.timeout(600)
def test_finds_a_repeat_that_is_refused(installation: Installation, figures: Figures) -> None:
    installation.web("tests.faults.unrepeatable:application")
    network = installation.network(dealers=2)
    leads = send_leads(network, 5)
    history = History()

    with Proxy(network.port) as proxy:
        proxy.drops = 0.3
        race_for(network, leads, history=history, port=proxy.port)

    problems = problems_of(history, installation)
    assert any("and won" in problem for problem in problems), problems
    figures("P2", f"{len(problems)} contradictions with a planted acceptance that refuses repeats")
