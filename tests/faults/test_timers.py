"""Deadlines while what minds them is killed, and after the database was away (P3, P4)."""

import signal
import threading
import time

import pytest

from tests.faults.conftest import Figures, Size
from tests.faults.crowds import add_leads
from tests.faults.deadlines import (
    hands,
    killed_by,
    lateness,
    overdue,
    waiting,
    were_all_made_in_time,
)
from tests.faults.installation import Installation
from tests.faults.waiting import wait_until

SWEEPERS = 4
KILLED_EVERY = 0.4  # seconds
LATE_P99, LATE_MAX = 3.0, 10.0  # seconds
WINDOW = 86_400  # seconds
CAUGHT_UP_WITHIN = 30.0  # seconds


def rest(installation: Installation) -> bool:
    """Tell whether nothing is left that a sweep would take soon."""
    soon = "status = 'OFFERED' AND due_at <= now() + interval '10 s'"
    return installation.rows(f"SELECT count(*) FROM leads_lead WHERE {soon}") == [(0,)]


@pytest.mark.promise("P3")
@pytest.mark.timeout(1_800)
def test_deadlines_are_neither_early_nor_lost_while_sweepers_are_killed(
    installation: Installation, size: Size, figures: Figures
) -> None:
    count, over = size.of(short=200, full=10_000), float(size.of(short=4, full=120))
    installation.web()
    network = installation.network(dealers=1, waves=[{"response_window": WINDOW}])
    first = float(size.of(short=4, full=240))
    source = add_leads(installation, network, count, first=first, over=over, window=WINDOW)

    sweepers = hands(installation, "sweep", SWEEPERS, pause=KILLED_EVERY)
    wait_until(lambda: not waiting(installation, source), "all waves to end", patience=600)

    found = lateness(installation, source)
    killed = killed_by(sweepers)
    figures(
        "P3",
        f"{found.ended:,} deadlines over {over:.0f} s, {killed} sweepers killed: {found.early} "
        f"early, 0 lost, {found.twice} twice; late p99 {found.p99:.1f} s, max {found.latest:.1f} s",
    )
    assert were_all_made_in_time(installation, source)
    assert (found.ended, found.early, found.twice) == (count, 0, 0)
    # fewer where they have to wait for a processor, yet enough to see what it does
    assert killed >= over / KILLED_EVERY / 3
    if size.is_full:  # the short form runs beside other tests
        assert found.p99 <= LATE_P99
        assert found.latest <= LATE_MAX


@pytest.mark.promise("P3")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", ["sweep_early", "sweep_what_was_taken"])
def test_finds_sweepers_that_are_early_or_forget_what_they_took(
    own_installation: Installation, size: Size, fault: str
) -> None:
    if fault == "sweep_what_was_taken" and not size.is_full:
        pytest.skip("bin/faults has the time for it")
    installation = own_installation
    installation.web()
    network = installation.network(dealers=1, waves=[{"response_window": WINDOW}])
    # the deadlines that are to be taken too early are far away, however busy the machine is
    first = 600.0 if fault == "sweep_early" else 3.0
    source = add_leads(installation, network, 60, first=first, over=3.0, window=WINDOW)

    # one that is early need not be killed for it
    pause = 0.0 if fault == "sweep_early" else KILLED_EVERY
    hands(installation, fault, SWEEPERS, pause=pause, fault=fault)

    if fault == "sweep_early":
        wait_until(lambda: lateness(installation, source).early, "an early one to be found")
    else:
        wait_until(lambda: rest(installation), "the sweepers to come to the end of what they see")
        assert waiting(installation, source)


@pytest.mark.promise("P4")
@pytest.mark.timeout(900)
def test_what_fell_due_while_the_database_was_away_is_done_soon_after(
    own_installation: Installation, size: Size, figures: Figures
) -> None:
    count, away = size.of(short=60, full=1_000), float(size.of(short=3, full=20))
    own_installation.web()
    network = own_installation.network(dealers=2, waves=[{"response_window": WINDOW}])
    own_installation.timers()
    own_installation.worker()
    own_installation.beat()
    first = float(size.of(short=2, full=40))
    source = add_leads(own_installation, network, count, first=first, over=away + 4, window=WINDOW)

    for _ in range(2):
        own_installation.postgres.end(signal.SIGQUIT)  # an immediate end: it has to recover
        own_installation.postgres.start()
        wait_until(own_installation.answers, "the web server to answer again")
    wait_until(lambda: overdue(own_installation), "something to fall due")
    own_installation.postgres.end()
    threading.Event().wait(away)
    own_installation.postgres.start()
    back_at = time.monotonic()
    was_overdue = overdue(own_installation)
    wait_until(
        lambda: not overdue(own_installation), "all that is overdue to be done", patience=300
    )
    seconds = time.monotonic() - back_at
    wait_until(lambda: not waiting(own_installation, source), "all waves to end", patience=300)

    found = lateness(own_installation, source)
    figures(
        "P4",
        f"2 immediate restarts and {away:.0f} s without a database: {was_overdue:,} overdue "
        f"deadlines and messages done in {seconds:.1f} s; of {found.ended:,} {found.early} early, "
        "0 lost",
    )
    assert was_overdue
    assert not size.is_full or seconds <= CAUGHT_UP_WITHIN
    assert (found.ended, found.early, found.twice) == (2 * count, 0, 0)
    assert own_installation.answers()


@pytest.mark.promise("P4")
@pytest.mark.timeout(300)
def test_finds_hands_that_give_up_when_the_database_goes_away(
    own_installation: Installation, size: Size
) -> None:
    if not size.is_full:
        pytest.skip("bin/faults has the time for it")
    own_installation.web()
    network = own_installation.network(dealers=1, waves=[{"response_window": WINDOW}])
    add_leads(own_installation, network, 20, first=10.0, over=5.0, window=WINDOW)
    hands(own_installation, "sweep", SWEEPERS, pause=0, fault="sweep_and_give_up")

    own_installation.postgres.end()
    threading.Event().wait(KILLED_EVERY * 10)
    own_installation.postgres.start()
    wait_until(lambda: overdue(own_installation), "something to fall due")
    threading.Event().wait(CAUGHT_UP_WITHIN)

    assert overdue(own_installation)
