"""How one manufacturer of the demo world is made, in one transaction: all of it or nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import tenant_context
from leadhub.demo.chance import dice
from leadhub.demo.customers import Customers
from leadhub.demo.hours import arrivals
from leadhub.demo.network import PAUSED_SHARE, Network, add_partners, found_network
from leadhub.demo.people import People
from leadhub.demo.places import Atlas
from leadhub.demo.present import enquiries_of_now
from leadhub.demo.size import Size
from leadhub.demo.story import Story
from leadhub.demo.timeline import Timeline
from leadhub.demo.trades import Trade
from leads import notifications
from leads.models import LeadOffer

# Setting up the partners counts for so much of the work.
SET_UP = 0.1

Progress = Callable[[float], None]


def make_network(
    trade: Trade, people: People, *, size: Size, now: datetime, progress: Progress
) -> Network:
    """Make a manufacturer with its network and all that happened there until now.

    :param progress: told which part of the work is done, from 0 to 1.
    """
    atlas = Atlas()
    began_at = now - timedelta(days=size.days + 21)
    network = found_network(trade, people, at=began_at)
    with tenant_context(network.manufacturer.id):
        add_partners(
            network,
            people,
            atlas,
            count=size.partners,
            at=began_at + timedelta(days=7),
            now=now,
            progress=lambda done: progress(done * SET_UP),
        )
        _tell_story(network, atlas, size, now, progress)
        _send_no_past_messages(network, now)
    return network


def _tell_story(
    network: Network, atlas: Atlas, size: Size, now: datetime, progress: Progress
) -> None:
    slug, span = network.trade.slug, timedelta(days=size.days)
    since = now - span
    timeline = Timeline(until=now)
    story = Story(network, timeline)
    customers = Customers(network, atlas, dice(slug, "customers"))
    instants = arrivals(dice(slug, "arrivals"), since=since, until=now, count=size.leads)
    for number, at in enumerate(instants, start=1):
        story.expect(customers.enquire(number, at))
    throw = dice(slug, "present")
    for enquiry in enquiries_of_now(
        customers, network, throw, now=now, first_number=size.leads + 1
    ):
        story.expect(enquiry)
    others = [member for member in network.members if not member.is_well_known]
    for member in throw.sample(others, round(len(others) * PAUSED_SHARE)):
        story.expect_pause(member, now - throw.uniform(0.05, 0.6) * span)
    planning = Planning()

    def after(at: datetime) -> None:
        planning.note_action()
        progress(SET_UP + (1 - SET_UP) * ((at - since) / span))

    timeline.run(after)


class Planning:
    """Has the database plan its statements anew while the tables grow.

    A plan that is kept was made for nearly empty tables; outside of a transaction as long as this
    one, the statistics that are gathered in the background would see to it.
    """

    def __init__(self) -> None:
        self._actions = 0

    def note_action(self) -> None:
        """Count something that happened; plans are dropped after 1, 2, 4, 8 ... of them."""
        self._actions += 1
        if self._actions & (self._actions - 1) == 0:
            with connection.cursor() as cursor:
                cursor.execute("DISCARD PLANS")


def _send_no_past_messages(network: Network, now: datetime) -> None:
    """Take every message of the past as sent, but those about offers that are open right now."""
    still_open = LeadOffer.objects.open().filter(manufacturer=network.manufacturer)
    Delivery.objects.pending().filter(manufacturer_id=network.manufacturer.id).exclude(
        kind=notifications.OFFER_NEW, subject_id__in=still_open.values("id")
    ).update(done_at=now)
