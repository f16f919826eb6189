"""Notices while those who send them are killed: each arrives, repeats under the same id (P8)."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psutil
import pytest

from tests.faults.conftest import Figures, Size
from tests.faults.crowds import add_leads
from tests.faults.deadlines import hands, killed_by
from tests.faults.installation import Installation
from tests.faults.parts import Part
from tests.faults.waiting import wait_until
from tests.mail_server import MailServer, mail_server

DEALERS = 5
SENDERS = 4
MAILS_PER_LIFE = 25  # that arrive from all of them before one is killed
SHORT_LEASE = 3  # seconds; the product's is a minute
_NOTICES = """
    SELECT count(*) FROM core_delivery d JOIN leads_leadoffer o ON o.id = d.subject_id
    JOIN leads_lead l ON l.id = o.lead_id
    WHERE l.source = %s AND d.kind = 'offer_new' AND d.channel = 'NOTICE'
"""
_MAILS = """
    SELECT d.id, d.done_at IS NOT NULL
    FROM core_delivery d JOIN leads_leadoffer o ON o.id = d.subject_id
    JOIN leads_lead l ON l.id = o.lead_id
    WHERE l.source = %s AND d.kind = 'offer_new' AND d.channel = 'EMAIL'
"""


def arrived(server: MailServer) -> Counter[UUID]:
    """Count how often the mail server was handed each message; an id is the message's own."""
    ids = [str(message["Message-ID"]).strip("<>").partition("@")[0] for message in server.received]
    return Counter(UUID(word) for word in ids)


def people_told(installation: Installation, server: MailServer, count: int, size: Size) -> str:
    """Let notices be due, each of which becomes a mail; returns the source of their leads."""
    installation.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{server.port}"
    if not size.is_full:
        installation.environment["FAULTS_LEASE"] = str(SHORT_LEASE)
    installation.web()
    network = installation.network(dealers=DEALERS, waves=[{"response_window": 86_400}])
    return add_leads(installation, network, count // DEALERS)


@contextmanager
def killing(senders: Part, server: MailServer) -> Iterator[None]:
    """Kill a sender whenever so many mails have arrived, for the time of the block.

    Not by the clock: on a busy machine each would be killed before it sends anything.
    """
    over = threading.Event()

    def kill() -> None:
        process, at_next = psutil.Process(senders.pid), MAILS_PER_LIFE
        while not over.wait(0.01):
            if len(server.received) >= at_next:
                at_next += MAILS_PER_LIFE
                process.send_signal(signal.SIGUSR1)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join()


@pytest.mark.promise("P8")
@pytest.mark.timeout(1_800)
def test_every_notice_is_delivered_and_repeats_keep_their_id_while_senders_are_killed(
    own_installation: Installation, size: Size, figures: Figures
) -> None:
    count = size.of(short=400, full=5_000)
    with mail_server() as server:
        source = people_told(own_installation, server, count, size)
        senders = hands(own_installation, "deliver", SENDERS, pause=0)
        with killing(senders, server):
            wait_until(lambda: len(server.received) > count * 0.8, "most to arrive", patience=900)
        wait_until(
            lambda: (
                len(mails := own_installation.rows(_MAILS, source)) == count
                and all(is_done for _, is_done in mails)
            ),
            lambda: f"all to be done with:\n{senders.log()}",
            patience=900,
        )

        told = arrived(server)
    made = {UUID(str(id_)) for id_, _ in own_installation.rows(_MAILS, source)}
    ((notices,),) = own_installation.rows(_NOTICES, source)
    figures(
        "P8",
        f"{len(made - told.keys())} of {count:,} missing, {killed_by(senders)} senders killed; "
        f"{sum(n > 1 for n in told.values()):,} arrived more than once, each under its own id "
        f"({sum(told.values()):,} mails, {len(told):,} ids)",
    )
    assert notices == count
    assert made == told.keys()
    assert killed_by(senders) >= size.of(short=8, full=100)


@pytest.mark.promise("P8")
@pytest.mark.timeout(600)
def test_finds_the_notices_that_a_sender_writes_off_before_it_sends_them(
    own_installation: Installation, size: Size
) -> None:
    with mail_server() as server:
        source = people_told(own_installation, server, 200, size)
        wait_until(lambda: spread(own_installation, source), "the notices to become mails")
        senders = hands(
            own_installation, "deliver", SENDERS, pause=0, fault="deliver_after_marking"
        )
        with killing(senders, server):
            wait_until(
                lambda: all(is_done for _, is_done in own_installation.rows(_MAILS, source)),
                "all to be written off",
                patience=300,
            )
        own_installation.end_product()

        missing = {UUID(str(id_)) for id_, _ in own_installation.rows(_MAILS, source)}
        missing -= arrived(server).keys()
    assert missing


def spread(installation: Installation, source: str) -> bool:
    """Tell whether all notices became mails, having asked the product to see to it."""
    installation.manage("run_timers", "--once")
    return len(installation.rows(_MAILS, source)) == 200
