"""Fast on a phone, with many tenants and a long past behind them."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.conftest import Figures, Size
from tests.faults.installation import Installation
from tests.faults.networks import Network
from tests.faults.phones import Phone, all_taken, percentile, phones_of
from tests.faults.proxy import Proxy
from tests.faults.racing import send_leads

# Seconds, of 95 of 100 answers.
ACCEPT, INBOX = 0.3, 0.4
PARTNERS = 50
# Phones that wait for an answer at any moment.
AT_ONCE = 4


def populated(installation: Installation, *, tenants: int, leads: int) -> list[Network]:
    """Fill an installation; every tenant has one more dealer, of whom somebody has a phone."""
    said = installation.python("tests.faults.populating", *map(str, (tenants, PARTNERS, leads)))
    networks = []
    for slug, key in json.loads(said.splitlines()[-1]).items():
        network = Network(slug, key, port=installation.web_port)
        network.set_up(dealers=1, waves=[{"partners": 10}])
        networks.append(network)
    return networks


def tap_through(phone: Phone, leads: list[dict[str, str]]) -> None:
    """Look at the inbox, open an offer, take it, again and again."""
    for of_lead in leads:
        phone.open("inbox", "/inbox/")
        phone.accept(of_lead[phone.dealer.id])
    phone.open("inbox", "/inbox/")


@pytest.mark.promise("P19")
@pytest.mark.timeout(3_000)
def test_is_fast_on_a_phone(own_installation: Installation, size: Size, figures: Figures) -> None:
    tenants, leads = size.of(short=2, full=50), size.of(short=200, full=100_000)
    own_installation.web()
    own_installation.worker()
    own_installation.beat()
    own_installation.timers()
    networks = populated(own_installation, tenants=tenants, leads=leads)
    own = [send_leads(network, size.of(short=3, full=10), desks=1) for network in networks]
    people = [(network, network.dealers[0]) for network in networks]

    with phones_of(own_installation, people) as phones, ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(tap_through, phones, own))

    accept = percentile(all_taken(phones, "accept"), 0.95)
    inbox = percentile(all_taken(phones, "inbox"), 0.95)
    ((stored,),) = own_installation.rows("SELECT count(*) FROM leads_lead")
    if size.is_full:
        assert accept <= ACCEPT
        assert inbox <= INBOX
    figures(
        "P19",
        f"accept p95 {accept * 1e3:.0f} ms, inbox p95 {inbox * 1e3:.0f} ms: {tenants} tenants of"
        f" {PARTNERS} partners, {stored:,} leads, {AT_ONCE} phones waiting at any moment",
    )


@pytest.mark.promise("P19")
@pytest.mark.timeout(600)
def test_notices_a_database_that_is_far_away(installation: Installation, figures: Figures) -> None:
    database = installation.services.postgres
    assert database is not None
    with Proxy(database.port) as wire:
        there = installation.settings["DATABASE_URL"]
        installation.environment["DATABASE_URL"] = there.replace(
            f":{database.port}/", f":{wire.port}/"
        )
        web = installation.web()
        network = installation.network(dealers=1)
        leads = send_leads(network, 2)
        with phones_of(installation, [(network, network.dealers[0])]) as phones:
            wire.delay = 0.03
            tap_through(phones[0], leads)
        web.end()

    accept = percentile(all_taken(phones, "accept"), 0.95)
    assert accept > ACCEPT
    figures("P19", f"{accept * 1e3:.0f} ms to accept with a planted 60 ms to the database and back")
