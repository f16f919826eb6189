"""Who sees which figures, of which period."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from kpis.declared import CATALOGUE
from kpis.definitions import Dimension
from kpis.periods import Period
from kpis.selectors import Figures, Filters, figures_visible_to, targets_of
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import partner_context, tenant_context
from tests.kpis.worlds import Tenant, World, store, utc

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
NOW = utc("2026-04-01 00:00")


@pytest.fixture
def worked(acme: Tenant, stranger: Tenant) -> Tenant:
    """Two picks by A, one by B; the same again at a stranger."""
    world = World()
    for number, partner in enumerate(("A", "A", "B")):
        world.add_lead(f"L{number}", lines=("heating", "doors") if number else ("heating",))
        world.log(f"L{number}", "lead.picked", utc("2026-03-02 08:00"), partner)
    store(world, acme)
    store(world, stranger)
    return acme


def staff(tenant: Tenant) -> Actor:
    return Actor(tenant.manufacturer.id, "user:1")


def see(actor: Actor, *, filters: Filters | None = None, period: Period = MARCH) -> Figures:
    """Look as an interface does: inside the actor's own context."""
    context = (
        partner_context([actor.partner_id])
        if actor.partner_id
        else tenant_context(actor.manufacturer_id)
    )
    with context:
        return figures_visible_to(
            actor,
            period=period,
            group_by=(Dimension.PARTNER,),
            filters=filters or Filters(),
            at=NOW,
        )


def test_a_manufacturer_sees_all_picks_of_its_own_network(worked: Tenant) -> None:
    figures = see(staff(worked))

    assert figures.total.picks == 3
    assert [row.group[Dimension.PARTNER] for row in figures.rows] == [
        str(worked.partners["A"]),
        str(worked.partners["B"]),
    ]


def test_a_partner_sees_its_own_picks_only(worked: Tenant) -> None:
    figures = see(replace(staff(worked), partner_id=worked.partners["A"]))

    assert figures.total.picks == 2
    assert [row.group[Dimension.PARTNER] for row in figures.rows] == [str(worked.partners["A"])]


def test_a_partner_sees_its_own_picks_only_even_in_a_context_that_shows_more(
    worked: Tenant,
) -> None:
    actor = replace(staff(worked), partner_id=worked.partners["A"])

    with tenant_context(worked.manufacturer.id):
        figures = figures_visible_to(actor, period=MARCH, at=NOW)

    assert figures.total.picks == 2


def test_the_rows_of_others_stay_hidden_even_from_a_forged_actor(
    worked: Tenant, stranger: Tenant
) -> None:
    forged = Actor(worked.manufacturer.id, "key:1", partner_id=worked.partners["B"])

    with partner_context([worked.partners["A"]]):
        figures = figures_visible_to(forged, period=MARCH, at=NOW)

    assert figures.total.picks == 0


@pytest.mark.parametrize(
    ("asking", "wanted"),
    [("A", "B"), ("A", "a stranger's"), ("A", "nobody"), ("", "a stranger's"), ("", "nobody")],
)
def test_a_partner_that_is_not_visible_is_refused_alike(
    worked: Tenant, stranger: Tenant, asking: str, wanted: str
) -> None:
    ids = {**worked.partners, "a stranger's": stranger.partners["A"], "nobody": new_id()}
    actor = replace(staff(worked), partner_id=worked.partners.get(asking))

    with pytest.raises(InvalidInput, match=r"^There is no such partner\.$") as refused:
        see(actor, filters=Filters(partner_id=ids[wanted]))

    assert (refused.value.field, refused.value.code) == ("partner", "unknown")


def test_a_partner_cannot_ask_for_another_even_in_a_context_that_shows_more(
    worked: Tenant,
) -> None:
    actor = replace(staff(worked), partner_id=worked.partners["A"])
    others = Filters(partner_id=worked.partners["B"])

    with tenant_context(worked.manufacturer.id), pytest.raises(InvalidInput):
        figures_visible_to(actor, period=MARCH, filters=others, at=NOW)


def test_filters_narrow_the_picks(worked: Tenant) -> None:
    of_b = see(staff(worked), filters=Filters(partner_id=worked.partners["B"]))
    of_doors = see(staff(worked), filters=Filters(product_line="doors"))
    of_nothing = see(staff(worked), filters=Filters(source="elsewhere"))

    assert (of_b.total.picks, of_doors.total.picks, of_nothing.total.picks) == (1, 2, 0)


def test_a_product_line_that_nobody_knows_is_refused(worked: Tenant) -> None:
    with pytest.raises(InvalidInput, match="There is no such product line"):
        see(staff(worked), filters=Filters(product_line="boats"))


@pytest.mark.parametrize(
    ("starts", "ends", "instants"),
    [
        (date(2026, 3, 29), date(2026, 3, 30), ("2026-03-28 23:00", "2026-03-29 22:00")),
        (date(2026, 10, 25), date(2026, 10, 26), ("2026-10-24 22:00", "2026-10-25 23:00")),
        (
            datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=5))),
            datetime(2026, 3, 1, tzinfo=UTC),
            ("2026-02-28 19:00", "2026-03-01 00:00"),
        ),
    ],
)
def test_dates_begin_in_the_zone_of_the_manufacturer(
    acme: Tenant, starts: date, ends: date, instants: tuple[str, str]
) -> None:
    figures = see(staff(acme), period=Period(starts, ends))

    assert (figures.starts_at, figures.ends_at) == tuple(utc(text) for text in instants)


@pytest.mark.parametrize(
    ("period", "field"),
    [
        (Period(date(2026, 4, 1), date(2026, 4, 1)), "to"),
        (Period(date(2026, 4, 2), date(2026, 4, 1)), "to"),
        (Period(date.min, date(2026, 4, 1)), "from"),
        (Period(date(2026, 4, 1), date.max), "to"),
    ],
)
def test_a_period_that_is_none_is_refused(acme: Tenant, period: Period, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        see(staff(acme), period=period)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "group_by",
    [
        (Dimension.WEEK, Dimension.WEEK),
        (Dimension.WEEK, Dimension.MONTH, Dimension.PARTNER),
    ],
)
def test_more_than_two_different_dimensions_are_refused(
    acme: Tenant, group_by: tuple[Dimension, ...]
) -> None:
    with tenant_context(acme.manufacturer.id), pytest.raises(InvalidInput) as refused:
        figures_visible_to(staff(acme), period=MARCH, group_by=group_by, at=NOW)

    assert refused.value.field == "group_by"


def test_targets_are_those_of_figures_that_exist(acme: Tenant) -> None:
    assert set(targets_of(acme.manufacturer)) <= {figure.code for figure in CATALOGUE}


def test_the_codes_of_figures_are_unique() -> None:
    assert len({figure.code for figure in CATALOGUE}) == len(CATALOGUE)
