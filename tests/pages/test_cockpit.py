"""The cockpit: figures of a period against targets, the way of leads, and what needs somebody."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from kpis.views.stats import FIVE
from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from leads.feedback import give_feedback, record_contact
from partners.models import Manufacturer
from tests.acting import DAY, HOUR, MINUTE, accepted_lead, holder_of, member
from tests.factories import NOON, Network
from tests.pages.acting import by_script, logged_in
from tests.pages.desks import at_desk, queries_of, read, text_of

LATER = NOON + 2 * HOUR


@pytest.fixture(autouse=True)
def later() -> Any:
    """Look two hours after the leads came in."""
    with clock.set_to(LATER):
        yield


@pytest.fixture
def busy(network: Network) -> Network:
    """Two leads accepted after a minute; the customer of one was reached after 30 more."""
    network.partner()
    reached, _waiting = accepted_lead(network), accepted_lead(network)
    record_contact(
        assignment=reached,
        is_reached=True,
        contacted_at=NOON + 31 * MINUTE,
        by=holder_of(reached),
        at=NOON + 31 * MINUTE,
    )
    return network


def card_of(page: str, code: str) -> str:
    """Cut one figure out of a page, up to the sheet that explains it."""
    start = page.index(f'popovertarget="about-{code}"')
    return page[start : page.index(f'id="about-{code}"', start)]


def chart_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="trend-chart" type="application/json">(.*?)</script>', page)
    assert found is not None
    chart: dict[str, Any] = json.loads(found[1])
    return chart


def test_a_figure_stands_with_its_target_and_what_it_was_counted_from(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/")

    contact = card_of(page, "contact_time")
    assert "30 min" in contact
    assert "Target 1 h reached" in contact
    assert "Median of 1 lead" in contact
    assert "1 still open" in contact


def test_a_missed_target_is_said_in_words(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/")

    feedback = card_of(page, "feedback_rate")
    assert "Target 75 % missed" in feedback
    assert "0 of 2 leads" in feedback


def test_a_higher_rate_than_the_target_reaches_it(busy: Network) -> None:
    with system_context("test"):
        Manufacturer.objects.update(conversion_target=0.5)
    won = accepted_lead(busy)
    give_feedback(
        assignment=won, status="WON", value=Decimal(9_000), by=holder_of(won), at=NOON + 3 * MINUTE
    )

    missed = card_of(read(at_desk(busy), "/cockpit/"), "conversion_rate")
    with system_context("test"):
        Manufacturer.objects.update(conversion_target=0.3)
    reached = card_of(read(at_desk(busy), "/cockpit/"), "conversion_rate")

    assert "1 of 3 leads" in missed
    assert "Target 50 % missed" in missed
    assert "Target 30 % reached" in reached


def test_a_figure_without_a_target_says_so(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/")

    assert "No target set" in card_of(page, "processing_time")


def test_every_figure_explains_itself(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/")

    assert "Picks with at least one feedback, divided by all picks." in page
    assert page.count('popover id="about-') == len(FIVE)


def test_the_period_comes_from_the_address(busy: Network) -> None:
    client = at_desk(busy)

    with clock.set_to(LATER + 40 * DAY):
        short, long = read(client, "/cockpit/"), read(client, "/cockpit/?period=90")

    assert "0 of 0 leads" in card_of(short, "feedback_rate")
    assert "0 of 2 leads" in card_of(long, "feedback_rate")


@pytest.mark.parametrize("query", ["?period=7", "?period=%00", "?figure=unknown", "?figure="])
def test_an_unknown_wish_is_passed_over(busy: Network, query: str) -> None:
    page = read(at_desk(busy), f"/cockpit/{query}")

    assert re.search(r'href="\?period=30(&[^"]*)?" aria-current="true"', page)
    assert re.search(r'id="show-acceptance_time"[^>]*aria-current="true"', page)


def test_the_trend_shows_every_week_and_the_same_numbers_in_its_table(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/?figure=contact_time")

    chart = chart_of(page)
    picks, contact, target = chart["series"]
    assert len(chart["labels"]) == 6
    assert picks["values"] == [0, 0, 0, 0, 0, 2]
    assert contact["values"] == [None, None, None, None, None, 30.0]
    assert set(target["values"]) == {60.0}
    assert {contact["unit"], target["unit"]} == {"min"}
    assert re.search('scope="row"[^>]*>2\N{EN DASH}8 Mar</th>.{0,120}30 min', page)


def test_a_long_trend_begins_with_the_first_week_that_had_leads(network: Network) -> None:
    network.policy({}, max_overdue_feedback=9)
    network.partner()
    for weeks in (20, 1):
        accepted_lead(network, at=NOON - weeks * 7 * DAY)
    client = at_desk(network)

    year = chart_of(read(client, "/cockpit/?period=365"))
    quarter = chart_of(read(client, "/cockpit/?period=90"))

    assert year["series"][0]["values"] == [1, *[0] * 18, 1, 0]
    assert quarter["series"][0]["values"] == [0, 0, 0, 0, 0, 0, 1, 0]


def test_a_script_gets_the_trend_alone(busy: Network) -> None:
    client = at_desk(busy)

    part = text_of(client.get("/cockpit/?figure=feedback_rate", headers=by_script("/cockpit/")))

    assert part.startswith('<section id="trend"')
    assert "Needs attention" not in part
    assert chart_of(part)["series"][1]["unit"] == "%"


def test_going_back_gets_the_whole_page(busy: Network) -> None:
    client = at_desk(busy)
    headers = by_script("/cockpit/", **{"HX-History-Restore-Request": "true"})

    page = text_of(client.get("/cockpit/", headers=headers))

    assert "<html" in page


def test_the_funnel_counts_what_became_of_the_leads(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/")

    funnel = page[page.index("How far leads came") :]
    counts = re.findall(r"<strong[^>]*>(\d+)</strong>", funnel)
    assert counts == ["2", "2", "2", "1", "0", "0"]
    assert "50.0 %" in funnel


def test_what_needs_somebody_is_one_click_from_its_remedy(busy: Network) -> None:
    busy.lead(postal_code="99999")

    page = read(at_desk(busy), "/cockpit/")

    assert re.search(r'href="/leads/\?attention=held".{0,900}>1</span>', page)
    assert re.search(r'href="/leads/\?attention=overdue_contact".{0,900}>1</span>', page)
    assert "attention=returned" not in page


def test_nothing_to_do_is_good_news(network: Network) -> None:
    network.partner()
    done = accepted_lead(network)
    record_contact(
        assignment=done, is_reached=True, contacted_at=LATER, by=holder_of(done), at=LATER
    )

    assert "Nothing needs you right now" in read(at_desk(network), "/cockpit/")


def test_an_empty_manufacturer_is_told_the_first_steps(network: Network) -> None:
    client = at_desk(network)

    before = read(client, "/cockpit/")
    network.partner()
    after = read(client, "/cockpit/")

    assert 'href="/partners/new/"' in before
    assert 'href="/partners/new/"' not in after
    assert "Bring in the first lead" in after


def test_first_steps_offer_nobody_what_they_may_not_do(network: Network) -> None:
    page = read(at_desk(network, "ANALYST"), "/cockpit/")

    assert 'href="/partners/new/"' not in page


def test_the_leads_of_others_are_not_counted(busy: Network, other_network: Network) -> None:
    other_network.partner()
    accepted_lead(other_network)

    page = read(at_desk(busy), "/cockpit/")

    assert "0 of 2 leads" in card_of(page, "feedback_rate")


def test_a_partner_does_not_come_in(busy: Network, client: Client) -> None:
    rep = member(busy, "rep@partner.example", "PARTNER_REP", busy.partner())

    assert logged_in(client, rep).get("/cockpit/").status_code == 404


def test_ten_leads_take_no_more_queries_than_one(network: Network) -> None:
    network.policy({}, max_overdue_feedback=99)
    network.partner()
    client = at_desk(network)
    accepted_lead(network, at=NOON - 9 * DAY)

    one = queries_of(client, "/cockpit/")
    for days in range(9):
        accepted_lead(network, at=NOON - (8 - days) * DAY)
    ten = queries_of(client, "/cockpit/")

    assert one == ten


def test_what_needs_attention_comes_before_the_figures(network: Network) -> None:
    network.lead()

    page = read(at_desk(network), "/cockpit/")

    assert page.index("Needs attention") < page.index("Five figures") < page.index("Week by week")


def test_a_figure_stands_beside_what_it_was_before(network: Network) -> None:
    network.policy({}, max_overdue_feedback=99)
    network.partner()
    for days in range(40, 46):
        reached_after(network, at=NOON - days * DAY, minutes=90)
    for days in range(1, 7):
        reached_after(network, at=NOON - days * DAY, minutes=30)

    page = read(at_desk(network), "/cockpit/")

    contact = card_of(page, "contact_time")
    assert "30 min" in contact
    assert re.search("Better than then:</span> 1 h 30 min", contact)


def test_few_leads_prove_no_change(network: Network) -> None:
    network.policy({}, max_overdue_feedback=99)
    network.partner()
    reached_after(network, at=NOON - 40 * DAY, minutes=90)
    reached_after(network, at=NOON - DAY, minutes=30)

    page = read(at_desk(network), "/cockpit/")

    contact = card_of(page, "contact_time")
    assert "1 h 30 min" in contact
    assert "than then" not in contact


def test_young_leads_are_not_compared_by_their_end(network: Network) -> None:
    network.policy({}, max_overdue_feedback=99)
    network.partner()
    for days in range(40, 46):
        won = accepted_lead(network, at=NOON - days * DAY)
        give_feedback(
            assignment=won,
            status="WON",
            value=Decimal(900),
            by=holder_of(won),
            at=NOON - (days - 1) * DAY,
        )
    for days in range(1, 7):
        accepted_lead(network, at=NOON - days * DAY)

    page = read(at_desk(network), "/cockpit/")

    assert "Too early to compare" in card_of(page, "conversion_rate")
    assert "Worse than then" not in card_of(page, "conversion_rate")


def reached_after(network: Network, *, at: Any, minutes: int) -> None:
    """A lead whose customer was reached so long after it was accepted."""
    taken = accepted_lead(network, at=at)
    reached_at = at + (1 + minutes) * MINUTE
    record_contact(
        assignment=taken,
        is_reached=True,
        contacted_at=reached_at,
        by=holder_of(taken),
        at=reached_at,
    )


def test_the_course_of_a_figure_is_drawn_and_told(network: Network) -> None:
    network.policy({}, max_overdue_feedback=99)
    network.partner()
    for days, minutes in ((20, 50), (13, 20), (6, 30)):
        reached_after(network, at=NOON - days * DAY, minutes=minutes)

    page = read(at_desk(network), "/cockpit/")

    contact = card_of(page, "contact_time")
    assert 'role="img"' in contact
    assert "Time to first contact by week: lowest 20 min, highest 50 min, last 30 min." in contact


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("product_line=heat-pumps", 2),
        ("source=website", 2),
        ("source=fair", 1),
        ("since=2026-03-01&until=2026-03-02", 3),
        ("since=2026-02-01&until=2026-03-01", 0),
    ],
)
def test_filters_and_days_come_from_the_address(busy: Network, query: str, count: int) -> None:
    busy.partner(product_lines=["boilers"])
    accepted_lead(busy, source="fair", product_lines=["boilers"])

    page = read(at_desk(busy), f"/cockpit/?{query}")

    assert f"0 of {count} leads" in card_of(page, "feedback_rate")
    funnel = page[page.index("How far leads came") :]
    assert re.findall(r"<strong[^>]*>(\d+)</strong>", funnel)[2] == str(count)


def test_only_the_leads_of_a_partner_are_counted_if_asked_for(busy: Network) -> None:
    other = busy.partner()

    page = read(at_desk(busy), f"/cockpit/?partner={other.id}")

    assert "0 of 0 leads" in card_of(page, "feedback_rate")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=7", "There is no such period"),
        ("product_line=unknown", "Product line: This network has nothing of that name"),
        ("region=XX", "Region: This network has nothing of that name"),
        ("source=%00", "Source:"),
        ("partner=00000000-0000-4000-8000-000000000000", "Partner: This network has nothing"),
        ("partner=x", "Partner: This network has nothing"),
        ("since=2026-13-01", "From (day): Enter a valid date."),
        ("since=0001-01-01", "Name a year between 2000 and 2199."),
        ("since=2026-03-02&until=2026-03-01", "The first day has to lie before the last."),
        ("since=2010-03-02", "Ask for three years at most."),
        ("until=2026-03-01", "Name the first day, too."),
    ],
)
def test_what_is_not_understood_is_said(busy: Network, query: str, words: str) -> None:
    page = read(at_desk(busy), f"/cockpit/?{query}")

    assert "Not all of this address was understood" in page
    assert words in page
    assert "0 of 2 leads" in card_of(page, "feedback_rate")


def test_what_is_understood_needs_no_words(busy: Network) -> None:
    assert "was understood" not in read(at_desk(busy), "/cockpit/?period=90&source=website")


def test_a_partner_of_another_network_is_unknown(busy: Network, other_network: Network) -> None:
    theirs = other_network.partner()

    page = read(at_desk(busy), f"/cockpit/?partner={theirs.id}")

    assert "Partner: This network has nothing of that name" in page
    assert theirs.name not in page


def test_a_number_leads_to_the_leads_behind_it(busy: Network) -> None:
    client = at_desk(busy)

    contact = card_of(read(client, "/cockpit/?period=90"), "contact_time")
    address = re.search(r'href="(/cockpit/leads/[^"]*)"', contact)
    assert address is not None
    listed = read(client, address[1])

    assert "Behind the number: Time to first contact" in listed
    assert len(re.findall(r'href="/leads/[0-9a-f-]{36}/"', listed)) == 1
    assert "30 min" in listed


@pytest.mark.parametrize(
    ("of", "count"), [("picks", 2), ("feedback_rate", 2), ("won", 0), ("received", 3), ("x", 2)]
)
def test_the_leads_behind_a_number_are_as_many_as_it_says(
    busy: Network, of: str, count: int
) -> None:
    busy.lead(postal_code="99999")

    listed = read(at_desk(busy), f"/cockpit/leads/?of={of}")

    assert len(re.findall(r'href="/leads/[0-9a-f-]{36}/"', listed)) == count
    assert f"{count} lead" in listed


@pytest.mark.parametrize("page", ["0", "x", "-1", "99", "%00", "9" * 30])
def test_any_page_of_the_leads_behind_a_number_is_one_there_is(busy: Network, page: str) -> None:
    assert "30 min" in read(at_desk(busy), f"/cockpit/leads/?page={page}")


def test_the_leads_behind_a_number_are_of_no_other(busy: Network, other_network: Network) -> None:
    other_network.partner()
    accepted_lead(other_network)

    assert "2 leads" in read(at_desk(busy), "/cockpit/leads/?of=picks")


def test_rounds_add_up_to_the_leads_that_found_a_partner(busy: Network) -> None:
    page = read(at_desk(busy), "/cockpit/")

    rounds = page[page.index("How soon leads find a partner") :]
    assert "2 of 2 leads" in rounds
    assert re.search("Round 1</span>.{0,200}100.0 %", rounds)


def test_the_cockpit_asks_so_often_and_no_more(network: Network) -> None:
    network.partner()
    accepted_lead(network)

    assert queries_of(at_desk(network), "/cockpit/") <= 45
