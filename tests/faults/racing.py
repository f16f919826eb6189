"""Dealers that take leads at once, and repeat what was not answered until they know."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.faults.calling import Caller
from tests.faults.history import History, Outcome, Told
from tests.faults.installation import Installation
from tests.faults.networks import Dealer, Network

_MOST_REPEATS = 100


def race_for(
    network: Network,
    offers: Sequence[dict[str, str]],
    *,
    history: History,
    port: int,
    repeats_of_winner: int = 1,
) -> None:
    """Let every dealer take each lead, one lead after the other, all dealers at the same moment.

    :param offers: of each lead the id of the offer, by dealer; ``"lead"`` is the lead's own.
    :param port: of the web server, or of a proxy before it.
    :param repeats_of_winner: how often whoever won takes the lead again.
    """
    line = threading.Barrier(len(network.dealers))

    def take_part(dealer: Dealer) -> None:
        try:
            with Caller(port, dealer.key) as caller:
                for of_lead in offers:
                    line.wait(timeout=120)
                    told = take(caller, of_lead, dealer, history=history)
                    if told.outcome == Outcome.WON:
                        for _ in range(repeats_of_winner):
                            take(caller, of_lead, dealer, history=history)
        except BaseException:
            line.abort()  # the others need not wait for this one
            raise

    with ThreadPoolExecutor(len(network.dealers)) as pool:
        for done in [pool.submit(take_part, dealer) for dealer in network.dealers]:
            done.result()


def take(caller: Caller, of_lead: dict[str, str], dealer: Dealer, *, history: History) -> Told:
    """Take a lead, again and again until an answer comes."""

    def ask() -> Told:
        path = f"offers/{of_lead[dealer.id]}/accept/"
        return history.ask(of_lead["lead"], dealer.id, lambda: caller.try_to("POST", path))

    told = ask()
    for _ in range(_MOST_REPEATS):
        if told.outcome != Outcome.UNKNOWN:
            break
        told = ask()
    return told


def send_leads(network: Network, count: int, *, desks: int = 4) -> list[dict[str, str]]:
    """Send so many leads; returns the offers of each as ``race_for`` takes them."""

    def send(share: int) -> list[dict[str, str]]:
        with network.desk() as desk:
            return [_offers_of(network.lead(desk)) for _ in range(share)]

    shares = [count // desks + (number < count % desks) for number in range(desks)]
    with ThreadPoolExecutor(desks) as pool:
        return [offers for sent in pool.map(send, shares) for offers in sent]


def _offers_of(lead: dict[str, object]) -> dict[str, str]:
    offers = lead["offers"]
    assert isinstance(offers, list)
    assert lead["status"] == "OFFERED", lead
    return {"lead": str(lead["id"]), **{offer["partner"]: offer["id"] for offer in offers}}


def holders_in(installation: Installation, leads: Iterable[str]) -> dict[str, set[str]]:
    """Read who holds each lead by its assignments, its accepted offers and the lead itself."""
    found: dict[str, set[str]] = {}
    rows = installation.rows(
        """
        SELECT lead_id, partner_id FROM leads_assignment WHERE closed_at IS NULL
        UNION SELECT lead_id, partner_id FROM leads_leadoffer WHERE status = 'ACCEPTED'
        UNION SELECT id, partner_id FROM leads_lead WHERE partner_id IS NOT NULL
        """
    )
    wanted = set(leads)
    for lead, partner in rows:
        if str(lead) in wanted:
            found.setdefault(str(lead), set()).add(str(partner))
    return found
