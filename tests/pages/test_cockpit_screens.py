"""The screens of the cockpit behind the first: regions and products, partners, turnover, files."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpis.definitions import Dimension
from kpis.network import network_visible_to, placement_visible_to
from kpis.periods import Period
from kpis.selectors import figures_visible_to
from leadhub.core import clock
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.feedback import give_feedback
from leads.models import Assignment
from partners.models import Manufacturer, Partner
from tests.acting import DAY, HOUR, MINUTE, accept, accepted_lead, holder_of, member
from tests.factories import NOON, Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk, queries_of, read

LATER = NOON + 2 * HOUR
SCREENS = ("/cockpit/regions/", "/cockpit/partners/", "/cockpit/turnover/", "/cockpit/leads/")
NONE = "\N{EN DASH}"
TABLES = ("weeks", "partners", "regions", "lines", "turnover", "sources")
PERIOD = Period(date(2026, 2, 1), date(2026, 3, 3))


@pytest.fixture(autouse=True)
def later() -> Any:
    """Look two hours after the leads came in."""
    with clock.set_to(LATER):
        yield


@pytest.fixture
def busy(network: Network) -> Network:
    """A good partner with six wins of 1,000, one with six losses, one with a single win."""
    network.policy({}, max_overdue_feedback=99)
    for name, outcomes in (("Good", "W" * 6), ("Poor", "L" * 6), ("Small", "W")):
        partner = network.partner(name=name)
        for number, outcome in enumerate(outcomes):
            taken = accepted_lead(network, at=NOON - (10 - number) * DAY)
            end(taken, is_won=outcome == "W")
        with system_context("test"):
            Partner.objects.filter(id=partner.id).update(status="PAUSED")
    return network


def end(taken: Assignment, *, is_won: bool) -> None:
    """Close a lead an hour after it was accepted."""
    how: dict[str, Any] = {"status": "LOST", "reason": "PRICE"}
    if is_won:
        how = {"status": "WON", "value": Decimal(1_000)}
    give_feedback(assignment=taken, by=holder_of(taken), at=taken.accepted_at + HOUR, **how)


def cells_of(page: str, caption: str) -> list[list[str]]:
    """Read a table as rows of words."""
    start = page.index("</caption>", page.index(f'<caption class="sr-only">{caption}'))
    body = page[start : page.index("</table>", start)]
    rows = re.findall(r'<tr role="row">(.*?)</tr>', body)
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]
        for row in rows
        if (found := re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row))
    ]


def lines_of(network: Network, table: str, query: str = "") -> list[dict[str, str]]:
    """Read a file of the cockpit."""
    response = at_desk(network).get(f"/cockpit/file/?table={table}{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_partners_stand_in_order_and_few_leads_have_no_rank(busy: Network) -> None:
    rows = cells_of(read(at_desk(busy), "/cockpit/partners/"), "Partners by Conversion rate")

    assert [row[:2] for row in rows[1:]] == [
        ["\N{EN DASH}", "The whole network"],
        ["1", "Good clearly above the network"],
        ["2", "Poor clearly below the network"],
        ["too few", "Small"],
    ]
    assert rows[2][-1] == "100.0 % 60 to 100 %"
    assert rows[3][-1] == "0.0 % 0 to 40 %"


def test_the_order_may_be_that_of_another_figure(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/partners/?by=acceptance_time")

    assert "Partners by Time to acceptance" in page
    assert re.search(r'href="\?period=30&by=acceptance_time" aria-current="true"', page)


@pytest.mark.parametrize("query", ["by=x", "by=", "page=9", "page=%00", "by=%00"])
def test_an_unknown_order_is_the_usual_one(busy: Network, query: str) -> None:
    assert "Partners by Conversion rate" in read(at_desk(busy), f"/cockpit/partners/?{query}")


def test_the_figures_of_partners_are_those_of_the_engine(busy: Network) -> None:
    with tenant_context(busy.manufacturer.id):
        figures = figures_visible_to(
            busy.by, period=PERIOD, group_by=(Dimension.PARTNER,), at=LATER
        )

    lines = lines_of(busy, "partners")

    assert len(lines) == len(figures.rows) == 3
    told = {(int(line["leads_accepted"]), float(line["conversion_rate"])) for line in lines}
    assert told == {(row.picks, row.ratios["conversion_rate"].value) for row in figures.rows}
    assert {line["revenue"] for line in lines} == {"6000.00", "0.00", "1000.00"}


def test_what_separates_the_best_needs_many_partners(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/partners/")

    assert "This needs 12 partners with a rank; in these days there are 2." in page


def test_what_separates_the_best_is_told_with_its_doubt(network: Network) -> None:
    network.policy({}, max_overdue_feedback=99)
    for number in range(12):
        partner = network.partner(name=f"Partner {number}")
        for day in range(5):
            lead = network.lead(at=NOON - (9 - day) * DAY)
            minutes = 2 if number < 3 else 40
            taken = accept(network.offers(lead)[0], at=lead.received_at + minutes * MINUTE)
            end(taken, is_won=number < 3)
        with system_context("test"):
            Partner.objects.filter(id=partner.id).update(status="PAUSED")

    rows = cells_of(
        read(at_desk(network), "/cockpit/partners/"),
        "What separates the best quarter from the rest",
    )

    assert rows[1] == [
        "Time to acceptance",
        "2 min",
        "40 min",
        "{0}38 min {0}38 min to {0}38 min".format("\N{MINUS SIGN}"),
        "yes, this matters",
    ]
    assert rows[-1][-1] == "no, it may be chance"


def test_regions_tell_what_became_of_their_leads(busy: Network) -> None:
    busy.lead(postal_code="20095")
    with tenant_context(busy.manufacturer.id):
        placement = placement_visible_to(
            busy.by, period=PERIOD, group_by=(Dimension.REGION,), at=LATER
        )

    rows = cells_of(read(at_desk(busy), "/cockpit/regions/"), "Regions in numbers")

    leads = {row.group[Dimension.REGION]: row.counts for row in placement.rows}
    assert leads["DE-BY"]["new_leads"] == 13
    assert rows[1] == ["Bavaria", "13", "0", "100.0 % 13 of 13", "53.8 % 7 of 13", "€7,000"]
    assert rows[2] == ["Hamburg", "1", "1", "0 to 80 % 0 of 1", NONE, NONE]
    assert leads["DE-HH"]["unserved_leads"] == 1


def test_a_region_without_a_partner_is_marked_on_the_map(busy: Network) -> None:
    busy.lead(postal_code="20095")

    page = read(at_desk(busy), "/cockpit/regions/")

    assert "<title>Hamburg: nobody could be asked for 1 lead</title>" in page
    address = re.search(r'href="(/cockpit/leads/[^"]*of=unserved)"', page)
    assert address is not None
    listed = read(at_desk(busy), address[1])
    assert len(re.findall(r'href="/leads/[0-9a-f-]{36}/"', listed)) == 1
    assert "20095" in listed


@pytest.mark.parametrize("measure", ["leads", "placement", "conversion", "x", "%00"])
def test_the_map_shades_by_what_is_chosen(busy: Network, measure: str) -> None:
    page = read(at_desk(busy), f"/cockpit/regions/?map={measure}")

    assert page.count("land-shade-4") == 1


def test_what_sells_best_where_is_marked_unless_few_prove_it(busy: Network) -> None:
    with system_context("test"):
        Partner.objects.filter(manufacturer=busy.manufacturer).update(status="ACTIVE")
    busy.partner(product_lines=["boilers"])
    end(accepted_lead(busy, product_lines=["boilers"], at=NOON - DAY), is_won=True)

    page = read(at_desk(busy), "/cockpit/regions/")

    rows = cells_of(page, "Turnover by region and product line")
    assert rows[0] == ["Region", "Boilers", "Heat pumps"]
    assert rows[1] == ["Bavaria", "€1,000 1 of 1 won", "best here: €7,000 7 of 13 won"]


def test_a_rate_of_few_is_not_told_as_one(busy: Network) -> None:
    busy.partner(product_lines=["boilers"])
    end(accepted_lead(busy, product_lines=["boilers"], at=NOON - DAY), is_won=True)

    page = read(at_desk(busy), "/cockpit/regions/?sold=conversion")

    rows = cells_of(page, "Conversion rate by region and product line")
    assert rows[1][1] == "too few 1 of 1 won"


def test_expected_turnover_stands_by_month_and_partner(network: Network) -> None:
    network.policy({}, max_overdue_feedback=99)
    network.partner(name="Hopeful")
    soon, vague = (
        accepted_lead(network, expected_value=Decimal(value)) for value in (4_000, 1_000)
    )
    with system_context("test"):
        Assignment.objects.filter(id=soon.id).update(
            closing_chance="HIGH", expected_month=date(2026, 4, 1)
        )
        Assignment.objects.filter(id=vague.id).update(closing_chance="LOW")

    page = read(at_desk(network), "/cockpit/turnover/")

    rows = cells_of(page, "Expected turnover by partner and month")
    assert rows[0] == ["Partner", "Value in hands", "Expected", "April 2026", "No month named"]
    assert rows[1] == ["Hopeful", "€5,000", "€3,100", "€3,000", "€100"]
    with tenant_context(network.manufacturer.id):
        prospects = network_visible_to(network.by, period=PERIOD, at=LATER).prospects
    assert prospects.expected == 3_100
    assert lines_of(network, "turnover")[0]["2026-04"] == "3000.00"


def test_a_month_gone_by_is_overdue(busy: Network) -> None:
    busy.partner()
    late = accepted_lead(busy, expected_value=Decimal(4_000))
    with system_context("test"):
        Assignment.objects.filter(id=late.id).update(
            closing_chance="HIGH", expected_month=date(2026, 2, 1)
        )

    assert re.search("February 2026.{0,400}overdue", read(at_desk(busy), "/cockpit/turnover/"))


def test_sources_tell_what_they_brought(busy: Network) -> None:
    rows = cells_of(read(at_desk(busy), "/cockpit/turnover/"), "What the sources brought")

    assert rows[1] == ["Website", "13", "53.8 % 7 of 13", "€7,000", "€538"]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_had_as_a_file(busy: Network, table: str) -> None:
    response = at_desk(busy).get(f"/cockpit/file/?table={table}&period=90")

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"cockpit-{table}-2026-03-02.csv" in response.headers["Content-Disposition"]
    assert response.content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("table", ["", "x", "%00", "../weeks"])
def test_there_is_no_other_file(busy: Network, table: str) -> None:
    assert at_desk(busy).get(f"/cockpit/file/?table={table}").status_code == 404


def test_a_file_starts_no_formula(busy: Network) -> None:
    busy.partner(name="=1+1")
    accepted_lead(busy)

    assert "'=1+1" in {line["partner"] for line in lines_of(busy, "partners")}


def test_a_file_has_the_filters_of_the_page(busy: Network) -> None:
    assert lines_of(busy, "sources", "&source=website") != []
    assert lines_of(busy, "sources", "&since=2026-01-01&until=2026-01-31") == []


@pytest.mark.parametrize("address", SCREENS)
def test_an_empty_period_says_what_to_do(network: Network, address: str) -> None:
    assert re.search("No lead|Nothing expected", read(at_desk(network), address))


@pytest.mark.parametrize("address", SCREENS)
def test_a_screen_keeps_what_was_asked_for(busy: Network, address: str) -> None:
    page = read(at_desk(busy), f"{address}?period=90&source=website")

    assert "Source: Website" in page
    if "leads" not in address:
        assert 'href="/cockpit/?period=90&source=website"' in page


@pytest.mark.parametrize("address", [*SCREENS, *(f"/cockpit/file/?table={t}" for t in TABLES)])
def test_screens_tell_nothing_of_another_network(
    busy: Network, other_network: Network, address: str
) -> None:
    theirs = other_network.partner(name="Secret partner")
    accepted_lead(other_network, source="secret-source", expected_value=Decimal(77_777))

    seen = at_desk(busy).get(address).content.decode()

    assert "Secret" not in seen
    assert "secret-source" not in seen
    assert str(theirs.id) not in seen
    assert "77,777" not in seen
    assert "77777" not in seen


@pytest.mark.parametrize("address", [*SCREENS, "/cockpit/file/?table=weeks"])
@pytest.mark.parametrize("role", ["ADMIN", "DISPATCHER", "ANALYST"])
def test_all_of_the_manufacturers_people_may_look(busy: Network, address: str, role: str) -> None:
    assert at_desk(busy, role).get(address).status_code == 200


@pytest.mark.parametrize("address", [*SCREENS, "/cockpit/file/?table=weeks"])
def test_partners_stay_outside(busy: Network, client: Any, address: str) -> None:
    rep = member(busy, "rep@partner.example", "PARTNER_REP", busy.partner())

    assert logged_in(client, rep).get(address).status_code == 404


@pytest.mark.parametrize("address", SCREENS)
def test_more_leads_and_partners_take_no_more_queries(network: Network, address: str) -> None:
    network.policy({}, max_overdue_feedback=99)
    network.partner()
    client = at_desk(network)
    end(accepted_lead(network, at=NOON - 9 * DAY), is_won=True)

    read(client, address)
    one = queries_of(client, address)
    for number in range(5):
        network.partner(name=f"Partner {number}")
        end(accepted_lead(network, at=NOON - (8 - number) * DAY), is_won=True)
    many = queries_of(client, address)

    assert one == many <= 40


def test_a_partner_that_left_still_has_its_figures(busy: Network) -> None:
    with system_context("test"):
        Partner.objects.filter(name="Good").update(status="LEFT")
        Manufacturer.objects.update(conversion_target=0.9)

    assert "Good" in read(at_desk(busy), "/cockpit/partners/")


def test_an_older_period_tells_nothing_of_today(busy: Network) -> None:
    with clock.set_to(LATER + timedelta(days=60)):
        assert "No leads in these days" in read(at_desk(busy), "/cockpit/regions/")
