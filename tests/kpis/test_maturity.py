"""When picks are old enough to say how many are won."""

from datetime import timedelta

from kpis.maturity import calculate_maturity, maturity_of
from leadhub.core.tenancy.context import partner_context
from tests.kpis.worlds import Tenant, World, store, utc

AT = utc("2026-06-01 00:00")


def closed_after(tenant: Tenant, *days: int, accepted: str = "2026-03-02 08:00") -> None:
    """Store picks that were closed after so many days."""
    world = World()
    for number, length in enumerate(days):
        world.add_lead(str(number))
        world.log(str(number), "lead.picked", utc(accepted), "A")
        world.log(str(number), "lead.lost", utc(accepted) + timedelta(days=length), "A")
    store(world, tenant)


def test_it_is_the_time_in_which_nine_of_ten_were_closed(acme: Tenant) -> None:
    closed_after(acme, *range(1, 12))
    closed_after(acme, 60, accepted="2025-05-01 00:00")

    assert calculate_maturity(acme.manufacturer.id, at=AT) == timedelta(days=10)


def test_without_a_closed_pick_none_is_mature(acme: Tenant, stranger: Tenant) -> None:
    closed_after(stranger, 5)

    assert calculate_maturity(acme.manufacturer.id, at=AT) is None


def test_it_is_that_of_the_manufacturer_whoever_asks(acme: Tenant) -> None:
    closed_after(acme, 5)

    with partner_context([acme.partners["B"]]):
        assert maturity_of(acme.manufacturer.id, at=AT) == timedelta(days=5)
