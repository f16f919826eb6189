"""The demo world as a whole: two manufacturers, each made once and found again later."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from uuid import UUID

from django.db import transaction

from leadhub.core.tenancy.context import tenant_context
from leadhub.demo.describing import Description, describe, describe_people
from leadhub.demo.heating import HEATING
from leadhub.demo.helping import Helper
from leadhub.demo.making import make_network
from leadhub.demo.people import People
from leadhub.demo.restoring import restore
from leadhub.demo.size import Size
from leadhub.demo.trades import Trade
from leadhub.demo.windows import WINDOWS
from partners.memberships import manufacturer_by_slug
from partners.models import Manufacturer, Partner
from partners.models.accounts import Role

TRADES = (HEATING, WINDOWS)
# Somebody whose company works for both manufacturers, and who therefore has one inbox for two.
OF_BOTH_NAME, OF_BOTH_EMAIL = "Thomas Reiter", "thomas.reiter@reiter-haus.example"

Progress = Callable[[str, float], None]


def is_complete() -> bool:
    """Tell whether everything has been made already."""
    return all(manufacturer_by_slug(trade.slug) is not None for trade in TRADES)


def make_world(
    *, size: Size, now: datetime, progress: Progress, with_helper: bool
) -> list[Description]:
    """Make what is missing of the demo world, and describe all of it.

    Keys and passwords of what was there already cannot be read again: it gets new ones.

    :param now: when the story ends; the same instant gives the same story.
    :param progress: told a manufacturer's name and which part of the work on it is done.
    :param with_helper: make one manufacturer in a second process; both see committed rows only.
    """
    known = {trade.slug: manufacturer_by_slug(trade.slug) for trade in TRADES}
    missing = [trade for trade in TRADES if known[trade.slug] is None]
    if with_helper and len(missing) == len(TRADES):
        made = _make_both(size, now, progress)
    else:
        made = [_make(trade, size, now, partial(progress, trade.name)) for trade in missing]
    made += [restore(there, at=now) for there in known.values() if there is not None]
    return _add_person_of_both(made)


def make_until_told(
    trade: Trade,
    *,
    size: Size,
    now: datetime,
    progress: Callable[[float], None],
    pipe: Connection,
) -> None:
    """Make a manufacturer, send its description, and commit when the other side says so."""
    with transaction.atomic():
        pipe.send(_make(trade, size, now, progress))
        pipe.recv()


def _make_both(size: Size, now: datetime, progress: Progress) -> list[Description]:
    first, second = TRADES
    with Helper(second, size=size, now=now, progress=partial(progress, second.name)) as helper:

        def listen(done: float) -> None:
            progress(first.name, done)
            helper.listen()

        with transaction.atomic():
            made = [_make(first, size, now, listen), helper.description()]
            helper.commit()
    return made


@transaction.atomic
def _make(
    trade: Trade, size: Size, now: datetime, progress: Callable[[float], None]
) -> Description:
    people = People()
    network = make_network(trade, people, size=size, now=now, progress=progress)
    people.let_in()
    return describe(network, people)


@transaction.atomic
def _add_person_of_both(made: Sequence[Description]) -> list[Description]:
    """Let one person act for the first partner, Munich's, of each manufacturer."""
    people = People()
    described = sorted(made, key=lambda one: [trade.slug for trade in TRADES].index(one["slug"]))
    for one in described:
        manufacturer = manufacturer_by_slug(one["slug"])
        if manufacturer is None:
            raise LookupError(one["slug"])
        munich = one["partners"][0]
        login = people.join(
            manufacturer=manufacturer,
            email=OF_BOTH_EMAIL,
            name=OF_BOTH_NAME,
            role=Role.PARTNER_MANAGER,
            partner=_partner(manufacturer, munich["id"]),
        )
        others = [user for user in munich["users"] if user["email"] != OF_BOTH_EMAIL]
        munich["users"] = [*describe_people([login], people), *others]
    people.let_in()
    return described


def _partner(manufacturer: Manufacturer, partner_id: str) -> Partner:
    with tenant_context(manufacturer.id):
        return Partner.objects.get(id=UUID(partner_id))
