"""Redis is emptied, killed, and away for minutes: no deadline and no message minds (P5)."""

import threading

import pytest
import redis

from tests.faults.conftest import Figures, Size
from tests.faults.crowds import add_leads
from tests.faults.deadlines import lateness, overdue, waiting, were_all_made_in_time
from tests.faults.installation import Installation
from tests.faults.networks import Network
from tests.faults.waiting import wait_until

WINDOW = 86_400  # seconds
LATE_AT_MOST = 10.0  # seconds, as without any fault
LONG_ENOUGH = 30.0  # seconds in which whoever minds deadlines would have come to them


def empty(installation: Installation) -> int:
    """Delete all that Redis holds; returns how many keys there were."""
    assert installation.services.valkey
    with redis.Redis.from_url(installation.services.valkey.url) as client:
        keys = int(client.dbsize())
        client.flushall()
    return keys


def send_some(network: Network) -> list[str]:
    """Send a few leads; returns their ids."""
    with network.desk() as desk:
        return [network.lead(desk)["id"] for _ in range(5)]


@pytest.mark.promise("P5")
@pytest.mark.timeout(900)
def test_losing_all_of_redis_loses_nothing_and_its_absence_stops_no_escalation(
    own_installation: Installation, size: Size, figures: Figures
) -> None:
    count, away = size.of(short=60, full=2_400), float(size.of(short=4, full=120))
    own_installation.web()
    network = own_installation.network(dealers=2, waves=[{"response_window": WINDOW}])
    for part in (own_installation.timers, own_installation.worker, own_installation.beat):
        part()
    source = add_leads(
        own_installation,
        network,
        count,
        first=float(size.of(short=2, full=60)),
        over=away + 2,
        window=WINDOW,
    )

    wait_until(lambda: lateness(own_installation, source).ended, "the first wave to end")
    empty(own_installation)
    own_installation.valkey.kill()
    sent = send_some(network)
    threading.Event().wait(away)
    sent += send_some(network)
    before = lateness(own_installation, source)
    own_installation.valkey.start()
    empty(own_installation)
    wait_until(lambda: not waiting(own_installation, source), "all waves to end", patience=300)
    wait_until(lambda: not overdue(own_installation), "all messages to leave", patience=300)

    found = lateness(own_installation, source)
    figures(
        "P5",
        f"FLUSHALL, kill -9 and {away:.0f} s without a broker: 0 of {found.ended:,} deadlines "
        f"lost, {before.ended:,} acted upon meanwhile, late p99 {found.p99:.1f} s, max "
        f"{found.latest:.1f} s; {len(sent)} leads taken meanwhile, 0 lost",
    )
    assert were_all_made_in_time(own_installation, source)
    assert (found.ended, found.early, found.twice) == (2 * count, 0, 0)
    assert before.ended > count
    assert not size.is_full or found.latest <= LATE_AT_MOST
    there = {str(row[0]) for row in own_installation.rows("SELECT id FROM leads_lead")}
    assert set(sent) <= there
    assert own_installation.answers()


@pytest.mark.promise("P5")
@pytest.mark.timeout(300)
def test_finds_an_installation_that_only_celery_minds(
    own_installation: Installation, size: Size
) -> None:
    if not size.is_full:
        pytest.skip("bin/faults has the time for it")
    own_installation.web()
    network = own_installation.network(dealers=2, waves=[{"response_window": WINDOW}])
    own_installation.worker()
    own_installation.beat()
    source = add_leads(own_installation, network, 60, first=3.0, over=10.0, window=WINDOW)
    wait_until(lambda: lateness(own_installation, source).ended, "Celery to end the first wave")

    own_installation.valkey.kill()
    wait_until(lambda: overdue(own_installation), "something to fall due")
    threading.Event().wait(LONG_ENOUGH)

    assert overdue(own_installation)
    assert waiting(own_installation, source)
