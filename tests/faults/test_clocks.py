"""Application servers whose clocks are two hours wrong: deadlines are the database's (P7)."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import Figures, Size
from tests.faults.crowds import add_leads
from tests.faults.deadlines import hands, lateness, waiting, were_all_made_in_time
from tests.faults.installation import Installation
from tests.faults.waiting import wait_until

WINDOW = 86_400  # seconds
AHEAD, BEHIND = "+2h", "-2h"
LATE_AT_MOST = 10.0  # seconds


def wrong_clock(offset: str) -> dict[str, str]:
    """Return what makes a program believe another time; what it counts by goes on as it is."""
    spec = importlib.util.find_spec("libfaketime")
    assert spec is not None
    assert spec.origin is not None
    library = Path(spec.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    assert library.exists(), "the package libfaketime has brought no library"
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": offset,
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@pytest.mark.promise("P7")
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("clock_of_web", "clock_of_hands"), [(AHEAD, BEHIND), (BEHIND, AHEAD)])
def test_a_wrong_clock_moves_no_deadline(
    own_installation: Installation,
    size: Size,
    figures: Figures,
    clock_of_web: str,
    clock_of_hands: str,
) -> None:
    if clock_of_web == BEHIND and not size.is_full:
        pytest.skip("bin/faults has the time for it")
    windows = size.of(short=3, full=20)
    installation = own_installation
    installation.environment |= wrong_clock(clock_of_web)
    installation.web()
    network = installation.network(dealers=2, waves=[{"response_window": windows}])
    installation.environment |= wrong_clock(clock_of_hands)
    installation.timers()
    if size.is_full:
        installation.worker()
        installation.beat()

    ((before,),) = installation.rows("SELECT clock_timestamp()")
    with network.desk() as desk:
        leads = [network.lead(desk) for _ in range(size.of(short=10, full=200))]
    ((after,),) = installation.rows("SELECT clock_timestamp()")
    wait_until(lambda: not waiting(installation, "faults"), "all waves to end", patience=300)

    offers = installation.rows("SELECT offered_at, respond_by FROM leads_leadoffer")
    found = lateness(installation, "faults")
    moved = [
        (offered_at, respond_by)
        for offered_at, respond_by in offers
        if respond_by - offered_at != timedelta(seconds=windows)
        or not before <= offered_at <= after
    ]
    figures(
        "P7",
        f"web {clock_of_web}, worker and timers {clock_of_hands}: {len(moved)} of "
        f"{len(offers):,} deadlines moved, {found.early} acted upon early, latest "
        f"{found.latest:.1f} s after",
    )
    assert moved == []
    assert (found.ended, found.early, found.twice) == (2 * len(leads), 0, 0)
    assert not size.is_full or found.latest <= LATE_AT_MOST


@pytest.mark.promise("P7")
@pytest.mark.timeout(300)
def test_finds_a_sweeper_that_believes_its_own_clock(own_installation: Installation) -> None:
    own_installation.web()
    network = own_installation.network(dealers=1, waves=[{"response_window": WINDOW}])
    source = add_leads(own_installation, network, 4, first=600.0, window=WINDOW)
    own_installation.environment |= wrong_clock(AHEAD)

    hands(own_installation, "sweep", 1, pause=0, fault="sweep_by_own_clock")

    wait_until(lambda: lateness(own_installation, source).early, "an early one to be found")
    assert were_all_made_in_time(own_installation, source)
