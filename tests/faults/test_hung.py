"""A broker and a mail server that hang: connections are taken and nobody answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.calling import Caller
from tests.faults.conftest import Figures, Size
from tests.faults.history import History, Outcome
from tests.faults.installation import Installation
from tests.faults.mail_sink import MailSink
from tests.faults.phones import Phone, all_taken, percentile, phones_of
from tests.faults.racing import send_leads, take
from tests.faults.waiting import wait_until

GOAL = 0.5  # seconds, of 95 of 100 taps
# Beside other tests a tap takes longer; one that waits for a broker or a mail server, longer still.
BESIDE_OTHERS = 1.5
DEALERS = 4


def whole_product(installation: Installation, application: str | None = None) -> MailSink:
    """Start everything that runs in production, with a mail server."""
    mail = MailSink(installation)
    installation.web(*([application] if application else []))
    installation.worker()
    installation.beat()
    installation.timers()
    return mail


def accept_at_once(people: list[Callable[[], None]]) -> None:
    """Let everybody tap through what is theirs, all at the same time."""
    with ThreadPoolExecutor(len(people)) as pool:
        for done in [pool.submit(act) for act in people]:
            done.result()


@pytest.mark.promise("P6")
@pytest.mark.timeout(600)
def test_a_hung_broker_and_a_hung_mail_server_delay_no_tap(
    installation: Installation, size: Size, figures: Figures
) -> None:
    mail = whole_product(installation)
    network = installation.network(dealers=DEALERS)
    each = size.of(short=8, full=100)
    leads = send_leads(network, 2 * DEALERS * each)
    wait_until(mail.received, "the first notice, for the mail server to be in use")
    history = History()

    def tap(number: int, phone: Phone) -> Callable[[], None]:
        """Accept leads of its own on the pages, and as many by a program."""

        def act() -> None:
            own = leads[number::DEALERS]
            with Caller(network.port, phone.dealer.key) as program:
                for on_page, by_program in zip(own[::2], own[1::2], strict=True):
                    phone.accept(on_page[phone.dealer.id])
                    take(program, by_program, phone.dealer, history=history)

        return act

    people = [(network, dealer) for dealer in network.dealers]
    with (
        phones_of(installation, people) as phones,
        installation.valkey.hung(),
        mail.part.hung(),
    ):
        accept_at_once([tap(number, phone) for number, phone in enumerate(phones)])

    assert {told.outcome for told in history.told} == {Outcome.WON}
    taps = all_taken(phones, "accept")
    calls = [told.seconds for told in history.told]
    shown, called = percentile(taps, 0.95), percentile(calls, 0.95)
    assert max(shown, called) <= (GOAL if size.is_full else BESIDE_OTHERS)
    figures(
        "P6",
        f"p95 of {len(taps)} taps {shown * 1e3:.0f} ms, of {len(calls)} calls"
        f" {called * 1e3:.0f} ms, with broker and mail server stopped",
    )


@pytest.mark.promise("P6")
@pytest.mark.timeout(300)
def test_notices_an_acceptance_that_tells_the_broker_itself(
    installation: Installation, figures: Figures
) -> None:
    installation.web("tests.faults.talkative:application")
    network = installation.network(dealers=2)
    leads = send_leads(network, 2)
    history = History()

    with installation.valkey.hung(), network.dealer(network.dealers[0]) as program:
        for of_lead in leads:
            take(program, of_lead, network.dealers[0], history=history)

    slowest = max(told.seconds for told in history.told)
    assert slowest > BESIDE_OTHERS
    figures("P6", f"{slowest:.1f} s for one with a planted acceptance that calls the broker itself")
