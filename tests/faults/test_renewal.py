"""A deploy while people tap: the web server is renewed, and nobody notices."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.faults.calling import Caller
from tests.faults.conftest import Figures, Size
from tests.faults.installation import Installation
from tests.faults.networks import Dealer, Network
from tests.faults.waiting import wait_until
from tests.faults.whole import Whole, whole_of

DEALERS = 6
RENEWED = "leadhub is renewed"


@dataclass
class Taps:
    """What came of the requests of many people.

    :ivar acknowledged: the leads that were answered as received, and those answered as accepted.
    """

    count: int = 0
    failed: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tap(self, caller: Caller, method: str, path: str, body: object = None) -> object:
        """Ask once; ``None`` when that failed."""
        answer = caller.try_to(method, path, body)
        with self.lock:
            self.count += 1
            if answer is None or answer.status >= 300:
                self.failed.append(f"{method} {path}: {answer}")
                return None
        return answer.json


def tap_on(taps: Taps, network: Network, dealer: Dealer, is_over: Callable[[], bool]) -> None:
    """Send a lead, look at the offers, accept it: by kept connections and by fresh ones in turn."""
    for number in itertools.count():
        if is_over():
            return
        is_fresh = number % 2 == 0
        with (
            Caller(network.port, network.key, is_fresh=is_fresh) as desk,
            Caller(network.port, dealer.key, is_fresh=is_fresh) as phone,
        ):
            for _ in range(5):
                lead_by_lead(taps, network, dealer, (desk, phone))


def lead_by_lead(
    taps: Taps, network: Network, dealer: Dealer, callers: tuple[Caller, Caller]
) -> None:
    desk, phone = callers
    lead = taps.tap(desk, "POST", "leads/", network.enquiry())
    if not isinstance(lead, dict):
        return
    with taps.lock:
        taps.acknowledged.add(lead["id"])
    taps.tap(phone, "GET", "offers/?page_size=5")
    mine = next(offer["id"] for offer in lead["offers"] if offer["partner"] == dealer.id)
    if taps.tap(phone, "POST", f"offers/{mine}/accept/"):
        with taps.lock:
            taps.accepted.add(lead["id"])


def tap_through(network: Network, *, at_least: int, happens: Callable[[], None]) -> Taps:
    """Let people tap while something happens, and until they have tapped often enough."""
    taps = Taps()
    is_over = threading.Event()
    with ThreadPoolExecutor(DEALERS) as pool:
        people = [
            pool.submit(tap_on, taps, network, dealer, is_over.is_set) for dealer in network.dealers
        ]
        try:
            wait_until(lambda: taps.count > 3 * DEALERS, "the first taps")
            happens()
            wait_until(lambda: taps.count >= at_least, "more taps", patience=900)
        finally:
            is_over.set()
        for done in people:
            done.result()
    return taps


def renew(whole: Whole) -> None:
    """Have it renewed, and see the old web server leave."""
    (before,) = whole.web_servers()
    renewals = whole.count_of(RENEWED) + 1
    whole.hang_up()
    whole.wait_until_it_says(RENEWED, times=renewals)
    wait_until(lambda: before not in whole.web_servers(), "the old web server to leave")
    assert len(whole.web_servers()) == 1


def kill_web_server(whole: Whole) -> None:
    """What a deploy would be that renews nothing: the web server is killed and started again."""
    (before,) = whole.web_servers()
    for process in [*before.children(), before]:
        process.kill()
    wait_until(lambda: before not in whole.web_servers() != [], "another web server")


def counted(installation: Installation, sql: str, ids: set[str]) -> int:
    ((found,),) = installation.rows(sql, list(ids))
    assert isinstance(found, int)
    return found


@dataclass(frozen=True)
class Site:
    """The whole product, running, with a tenant."""

    installation: Installation
    whole: Whole
    network: Network


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Installation() as installation, whole_of(installation) as whole:
        yield Site(installation, whole, installation.network(dealers=DEALERS))
        installation.check_invariants()


@pytest.mark.promise("P21")
@pytest.mark.timeout(1_800)
def test_a_deploy_loses_no_tap(site: Site, size: Size, figures: Figures) -> None:
    taps = tap_through(
        site.network,
        at_least=size.of(short=200, full=10_000),
        happens=lambda: renew(site.whole),
    )

    assert taps.failed == []
    received = "SELECT count(*) FROM leads_lead WHERE id = ANY(%s::uuid[])"
    accepted = f"{received} AND status = 'ACCEPTED'"
    assert counted(site.installation, received, taps.acknowledged) == len(taps.acknowledged)
    assert counted(site.installation, accepted, taps.accepted) == len(taps.accepted)
    figures("P21", f"0 failed of {taps.count:,} requests across a reload")


@pytest.mark.promise("P21")
@pytest.mark.timeout(600)
def test_notices_the_taps_that_a_killed_web_server_loses(site: Site, figures: Figures) -> None:
    taps = tap_through(site.network, at_least=100, happens=lambda: kill_web_server(site.whole))

    assert taps.failed
    figures("P21", f"{len(taps.failed)} of {taps.count:,} with the web server killed instead")
