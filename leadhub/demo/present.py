"""The present as the demo world shows it: leads of the last hours, whatever the hour is."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from leadhub.demo.chance import Dice
from leadhub.demo.customers import Customers, Enquiry, Fate
from leadhub.demo.network import Member, Network

# How many minutes ago leads came in, by what is to be seen of them now.
NOW = {
    Fate.UNANSWERED: (2, 6, 14, 25, 41, 65, 98, 160, 250, 340, 470, 600),
    Fate.JUST_ACCEPTED: (24, 33, 48, 57),
    Fate.WAITS_FOR_CONTACT: (150, 320, 700, 1_300),
    Fate.REFUSED_BY_ALL: (90, 400, 950, 1_500),
    Fate.LEFT_HELD: (75, 640),
}


def enquiries_of_now(
    customers: Customers, network: Network, throw: Dice, *, now: datetime, first_number: int
) -> Iterator[Enquiry]:
    """Make the enquiries by which somebody who opens the demo finds work to do.

    The newest of each kind are for Munich and Hamburg, where people look first.
    """
    number = first_number
    for fate, minutes_ago in NOW.items():
        homes = _homes(network, throw, len(minutes_ago))
        for minutes, home in zip(minutes_ago, homes, strict=True):
            at = now - timedelta(minutes=minutes, seconds=throw.randrange(60))
            yield customers.enquire(number, at, fate=fate, home=home)
            number += 1


def _homes(network: Network, throw: Dice, count: int) -> list[Member]:
    known = [member for member in network.members if member.is_well_known]
    others = [member for member in network.members if not member.is_well_known] or known
    return [*known, *throw.choices(others, k=count)][:count]
