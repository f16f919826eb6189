"""Sifting leads: whichever way is taken, the same leads are found, in order, page by page."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads import sifting
from leads.attention import needing_attention
from leads.dispatch import withdraw_lead
from leads.feedback import close_lead, give_feedback, return_lead
from leads.models import Lead, LeadProductLine
from leads.models.leads import CLOSED, IN_HANDS
from leads.sifting import Count, Page, count_by_status, count_leads, count_waiting, read_page
from leads.wanted import Wanted
from partners.models import Partner, ProductLine
from tests.acting import DAY, HOUR, MINUTE, accept, holder_of
from tests.factories import NOON, ContactFactory, Network

pytestmark = pytest.mark.django_db

LATER = NOON + 5 * DAY
STANDINGS: tuple[dict[str, Any], ...] = (
    {},
    {"statuses": ("OFFERED",)},
    {"statuses": ("HELD",), "hold_reason": "DUPLICATE"},
    {"statuses": IN_HANDS},
    {"waits_for": "overdue_contact"},
    {"waits_for": "feedback"},
    {"waits_for": "returned"},
    {"statuses": CLOSED, "closed_from": NOON + 2 * HOUR, "closed_before": LATER},
    {"statuses": ()},
)
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"source": "fair"},
    {"temperature": "HOT"},
    {"source": "website", "temperature": "COLD"},
    {"product_line": "boilers"},
    {"product_line": "heat-pumps", "source": "fair", "temperature": "HOT"},
)
REST: tuple[dict[str, Any], ...] = (
    {},
    {"partners": ("A",)},
    {"partners": ("A", "B")},
    {"partners": ()},
    {"received_from": NOON + 5 * MINUTE, "received_before": NOON + 20 * MINUTE},
    {"postal_code": "80331"},
    {"external_id": "E-7"},
)


@pytest.fixture
def world(network: Network) -> Network:
    """Leads of every kind in every state, and some of another manufacturer alike."""
    _fill(network)
    _fill(Network("initech"))
    return network


@pytest.fixture(params=["as it is", "few are looked through", "every set is too large"])
def bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each way be taken that there is."""
    if request.param == "few are looked through":
        monkeypatch.setattr(sifting, "LOOKED_THROUGH_FIRST", 2)
    if request.param == "every set is too large":
        monkeypatch.setattr(sifting, "LOOKED_THROUGH_FIRST", 2)
        monkeypatch.setattr(sifting, "SET_AT_MOST", 0)


@pytest.mark.usefixtures("bounds")
def test_every_combination_finds_what_a_plain_query_finds(world: Network) -> None:
    with tenant_context(world.manufacturer.id):
        for wanted, expected in _combinations(world):
            newest = read_page(wanted, sorting="newest", limit=100)
            oldest = read_page(wanted, sorting="oldest", limit=100)

            assert list(newest.ids) == expected, wanted
            assert list(oldest.ids) == expected[::-1], wanted
            assert count_leads(wanted, at_most=100) == Count(len(expected)), wanted


@pytest.mark.usefixtures("bounds")
@pytest.mark.parametrize("sorting", ["newest", "oldest", "value", "town", "deadline"])
def test_pages_show_each_lead_once_forwards_and_backwards(world: Network, sorting: str) -> None:
    with tenant_context(world.manufacturer.id):
        wanted = Wanted(manufacturer_id=world.manufacturer.id, at=LATER)
        whole = read_page(wanted, sorting=sorting, limit=100)
        forwards = list(_pages(wanted, sorting))
        backwards = [forwards[-1]]
        while backwards[0].has_previous:
            first = backwards[0].ids[0]
            page = read_page(wanted, sorting=sorting, limit=3, before=first)
            backwards.insert(0, page)

    ids = [lead_id for page in forwards for lead_id in page.ids]
    assert ids == list(whole.ids)
    assert len(set(ids)) == len(ids) > 9
    assert [lead_id for page in backwards for lead_id in page.ids] == ids
    assert all(page.has_next for page in backwards[:-1])
    assert not forwards[-1].has_next


def test_a_lead_that_comes_in_moves_no_page(world: Network) -> None:
    wanted = Wanted(manufacturer_id=world.manufacturer.id, at=LATER)
    with tenant_context(world.manufacturer.id):
        first = read_page(wanted, sorting="newest", limit=3)
        second = read_page(wanted, sorting="newest", limit=3, after=first.ids[-1])

    world.lead(at=LATER)

    with tenant_context(world.manufacturer.id):
        again = read_page(wanted, sorting="newest", limit=3, after=first.ids[-1])
    assert again.ids == second.ids


def test_a_page_behind_a_lead_that_is_not_there_begins_anew(
    world: Network, other_network: Network
) -> None:
    theirs = other_network.lead()
    wanted = Wanted(manufacturer_id=world.manufacturer.id, at=LATER)
    with tenant_context(world.manufacturer.id):
        first = read_page(wanted, sorting="newest", limit=3)
        for sorting in ("newest", "value"):
            page = read_page(wanted, sorting=sorting, limit=3, after=theirs.id)

            assert not page.has_previous
        assert read_page(wanted, sorting="newest", limit=3, after=theirs.id).ids == first.ids


def test_too_many_leads_stay_in_the_order_in_which_they_came(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "SORTED_AT_MOST", 3)
    wanted = Wanted(manufacturer_id=world.manufacturer.id, at=LATER)
    with tenant_context(world.manufacturer.id):
        newest = read_page(wanted, sorting="newest", limit=4)

        assert read_page(wanted, sorting="value", limit=4) == newest


def test_counts_go_no_further_than_their_bound(world: Network) -> None:
    wanted = Wanted(manufacturer_id=world.manufacturer.id, at=LATER)
    fair = Wanted(manufacturer_id=world.manufacturer.id, at=LATER, source="fair")
    with tenant_context(world.manufacturer.id):
        assert count_leads(wanted, at_most=3) == Count(3, is_more=True)
        assert count_by_status(wanted, at_most=1)["OFFERED"] == Count(1, is_more=True)
        assert count_by_status(fair, at_most=1)["WON"] == Count(1)
    assert str(Count(3, is_more=True)) == "3+"


@pytest.mark.parametrize("rest", [*REST, *KINDS])
def test_tabs_count_what_is_in_each_state(world: Network, rest: dict[str, Any]) -> None:
    with tenant_context(world.manufacturer.id):
        of_all = _wanted(world, rest)
        by_status, waiting = count_by_status(of_all), count_waiting(of_all)
        leads = list(_expected(of_all))
        expected: dict[str, int] = {}
        for lead in leads:
            for state in (lead.status, lead.hold_reason):
                if state in ("DUPLICATE", lead.status):
                    expected[state] = expected.get(state, 0) + 1
        found = {
            name: len(_expected(_wanted(world, rest | {"waits_for": name}))) for name in waiting
        }

    counted = {state: count.leads for state, count in by_status.items() if count.leads}
    counted.pop("UNKNOWN_POSTAL_CODE", None)
    assert counted == expected
    assert {name: count.leads for name, count in waiting.items()} == found


def _fill(network: Network) -> None:
    network.policy({"response_window": 864_000}, feedback_due=[DAY.total_seconds()])
    for name in ("A", "B"):
        network.partner(name=name, product_lines=("heat-pumps", "boilers"))
    pumps, boilers, both = ("heat-pumps",), ("boilers",), ("heat-pumps", "boilers")
    kinds = list(product((pumps, boilers, both), ("website", "fair"), ("HOT", "COLD")))
    for number, (lines, source, temperature) in enumerate(kinds):
        at = NOON + number * 2 * MINUTE
        lead = network.lead(
            external_id=f"E-{number}",
            product_lines=lines,
            source=source,
            temperature=temperature,
            postal_code=("80331", "85221")[number % 2],
            expected_value=(number % 4) * 100 or None,
            at=at,
        )
        _go_on(network, lead, number, at=at + MINUTE)
    network.lead(external_id="nowhere", postal_code="99999", at=NOON)
    network.compare_within(30)
    twin = ContactFactory.build(email="twin@example.com")
    for source in ("website", "fair"):
        network.lead(external_id="twin", contact=twin, source=source, at=NOON + HOUR)
    network.compare_within(0)


def _go_on(network: Network, lead: Lead, number: int, *, at: Any) -> None:
    """Let something else become of each lead."""
    if number % 6 == 0:
        return
    if number % 6 == 1:
        withdraw_lead(lead=lead, by=network.by, at=at)
        return
    assignment = accept(network.offers(lead)[0], at=at)
    by = holder_of(assignment)
    if number % 6 == 2:
        give_feedback(assignment=assignment, status="REACHED", by=by, at=at + MINUTE)
    if number % 6 == 3:
        return_lead(assignment=assignment, reason="WRONG_DATA", by=by, at=at + MINUTE)
    if number % 6 == 4:
        close_lead(
            lead=lead,
            outcome="WON",
            value=Decimal(100),
            reason=None,
            by=network.by,
            at=at + 2 * HOUR,
        )


def _combinations(network: Network) -> Iterator[tuple[Wanted, list[Any]]]:
    for standing, kind, rest in product(STANDINGS, KINDS, REST):
        wanted = _wanted(network, {**standing, **kind, **rest})
        yield wanted, [lead.id for lead in _expected(wanted)]


def _wanted(network: Network, told: dict[str, Any]) -> Wanted:
    values = dict(told)
    if "product_line" in values:
        values["product_line"] = ProductLine.objects.get(code=values["product_line"]).id
    if "partners" in values:
        named = Partner.objects.filter(name__in=values["partners"])
        values["partners"] = tuple(named.values_list("id", flat=True))
    return Wanted(manufacturer_id=network.manufacturer.id, at=LATER, **values)


def _expected(wanted: Wanted) -> list[Any]:
    """Find the same without any art."""
    leads = Lead.objects.filter(manufacturer=wanted.manufacturer_id)
    plain = {"source": "source", "temperature": "temperature", "hold_reason": "hold_reason"}
    plain |= {"postal_code": "postal_code", "external_id": "external_id"}
    plain |= {"received_from": "received_at__gte", "received_before": "received_at__lt"}
    for name, lookup in plain.items():
        if getattr(wanted, name):
            leads = leads.filter(**{lookup: getattr(wanted, name)})
    if wanted.statuses is not None:
        leads = leads.filter(status__in=wanted.statuses)
    if wanted.partners is not None:
        leads = leads.filter(partner__in=wanted.partners)
    if wanted.waits_for:
        leads = needing_attention(leads, wanted.waits_for, at=wanted.at)
    if wanted.product_line:
        lines = LeadProductLine.objects.filter(product_line=wanted.product_line)
        leads = leads.filter(id__in=lines.values("lead_id"))
    if wanted.closed_from:
        closed = (wanted.closed_from, (wanted.closed_before or LATER) - timedelta.resolution)
        leads = leads.filter(assignments__closed_at__range=closed)
    return list(leads.order_by("-received_at", "-id"))


def _pages(wanted: Wanted, sorting: str) -> Iterator[Page]:
    page = read_page(wanted, sorting=sorting, limit=3)
    yield page
    while page.has_next:
        page = read_page(wanted, sorting=sorting, limit=3, after=page.ids[-1])
        yield page
