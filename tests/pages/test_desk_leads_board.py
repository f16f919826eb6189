"""The board: it lists what is asked for, counts what its tabs would list, and lives in its URL."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadhub.core import clock
from leads import asking, searching, sifting
from leads.intake import Contact
from leads.views import board
from tests.acting import HOUR, MINUTE, accept, accepted_lead
from tests.factories import NOON, Network
from tests.pages.acting import by_script
from tests.pages.desks import at_desk
from tests.pages.reading import rows, words

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_a_manufacturer_without_leads_is_told_where_they_come_from(network: Network) -> None:
    page = words(_board(network))

    assert "No leads yet" in page
    assert "Add the first lead" in page


def test_a_row_says_who_where_what_how_warm_and_where_it_stands(network: Network) -> None:
    network.partner()
    network.lead(
        external_id="CRM-7",
        contact=Contact(first_name="Erika", last_name="Muster", phone="+49 89 1234567"),
        temperature="HOT",
        expected_value=12_500,
    )

    (row,) = rows(_board(network, at=NOON + MINUTE))

    for part in (
        "Erika Muster",
        "CRM-7 · Heat pumps",
        "80331 München",
        "Hot",
        "On offer",
        "12,500",
    ):
        assert part in row
    assert "59 min left" in row


def test_an_overdue_contact_is_marked_with_its_partner(network: Network) -> None:
    network.partner(name="Huber Haustechnik")
    accepted_lead(network)

    (early,) = rows(_board(network, at=NOON + 30 * MINUTE))
    (late,) = rows(_board(network, at=NOON + 2 * HOUR))

    assert "Call due: 31 min left" in early
    assert "Contact overdue" in late
    assert "Huber Haustechnik" in late


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, {"A", "B", "C", "D"}),
        ({"attention": "pick_list"}, {"C"}),
        ({"status": "OPEN"}, {"C"}),
        ({"attention": "held"}, {"D"}),
        ({"attention": "overdue_contact"}, {"B"}),
        ({"attention": "returned"}, set()),
        ({"status": "OFFERED"}, {"A"}),
        ({"status": "IN_HANDS"}, {"B"}),
        ({"temperature": "HOT"}, {"A"}),
        ({"source": "fair"}, {"B"}),
        ({"product_line": "boilers"}, {"C"}),
        ({"period": "today"}, {"B", "C", "D"}),
        ({"period": "week"}, {"A", "B", "C", "D"}),
        ({"partner_name": "hub"}, {"B"}),
        ({"q": "muster münchen"}, {"A"}),
        ({"q": "A muster berlin"}, set()),
        ({"status": "IN_HANDS", "temperature": "HOT"}, set()),
        # What nobody understands narrows nothing.
        ({"status": "NONSENSE", "period": "ever", "partner": "me"}, {"A", "B", "C", "D"}),
        ({"q": "\0"}, {"A", "B", "C", "D"}),
    ],
)
def test_it_lists_what_is_asked_for(
    network: Network, query: dict[str, str], shown: set[str]
) -> None:
    _some_leads(network)

    response = _board(network, at=NOON + 3 * HOUR, **query)

    assert {row.split(" · ")[0].split()[-1] for row in rows(response)} == shown


def test_it_says_that_a_search_found_more_than_it_lists(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    _some_leads(network)
    monkeypatch.setattr(searching, "FOUND_AT_MOST", 2)

    some, few = (words(_board(network, at=NOON, q=q)) for q in ("münchen", "muster"))

    assert "More leads match" in some
    assert "More leads match" not in few


def test_it_says_that_more_partners_are_called_alike_than_are_meant(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    _some_leads(network)
    network.partner(name="Huber Nord")
    monkeypatch.setattr(asking, "PARTNERS_AT_MOST", 1)

    some, one = (words(_board(network, partner_name=name)) for name in ("huber", "huber h"))

    assert "More than 50 partners are called like this." in some
    assert "More than 50 partners" not in one


def test_it_says_that_too_many_leads_are_not_sorted(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    _some_leads(network)
    monkeypatch.setattr(sifting, "SORTED_AT_MOST", 3)

    many, few = (
        words(_board(network, at=NOON, sort="value", **query))
        for query in ({}, {"status": "OFFERED"})
    )

    assert "These are too many leads to be put in this order" in many
    assert "too many leads" not in few


def test_it_counts_no_further_than_anybody_reads(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    _some_leads(network)
    monkeypatch.setattr(board, "COUNTED_AT_MOST", 3)

    assert "More than 3 leads" in words(_board(network, at=NOON))


def test_tabs_count_what_they_would_list_under_the_other_filters(network: Network) -> None:
    _some_leads(network)

    page = words(_board(network, at=NOON + 3 * HOUR, status="WON", period="today"))

    assert "All 3 Pick list 1 Contact overdue 1 Feedback overdue 0 Held for review 1" in page
    assert "Possible duplicates 0 Returns to judge 0" in page
    assert "On offer 0 In hands 1 Won 0 Lost 0 Withdrawn or rejected 0" in page
    assert "Nothing matches" in page


def test_a_reason_for_which_nothing_waits_is_good_news(network: Network) -> None:
    network.lead()

    page = words(_board(network, attention="held"))

    assert "Nothing waits here" in page


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", ["B", "C", "D", "A"]),
        ("oldest", ["A", "D", "C", "B"]),
        ("deadline", ["B", "A"]),
        ("value", ["A", "D"]),
        ("town", ["D"]),
        ("nonsense", ["B", "C", "D", "A"]),
    ],
)
def test_it_sorts_as_asked(network: Network, sort: str, order: list[str]) -> None:
    _some_leads(network)

    response = _board(network, at=NOON + 3 * HOUR, sort=sort)

    numbers = [row.split(" · ")[0].split()[-1] for row in rows(response)]
    assert numbers[: len(order)] == order


def test_it_turns_pages_and_keeps_the_filters(network: Network) -> None:
    leads = [
        network.lead(external_id=f"N{number:02}", temperature="HOT", at=NOON + number * MINUTE)
        for number in range(27)
    ]
    last, behind = leads[24].id, leads[25].id

    first = _board(network, temperature="HOT", sort="oldest")
    second = _board(network, temperature="HOT", sort="oldest", after=str(last))
    back = _board(network, temperature="HOT", sort="oldest", before=str(behind))
    nowhere = _board(network, temperature="HOT", sort="oldest", after="99")

    assert len(rows(first)) == 25
    assert f"?temperature=HOT&amp;sort=oldest&amp;after={last}" in first.content.decode()
    assert [row.split(" · ")[0].split()[-1] for row in rows(second)] == ["N25", "N26"]
    assert f"?temperature=HOT&amp;sort=oldest&amp;before={behind}" in second.content.decode()
    assert rows(back) == rows(nowhere) == rows(first)


def test_more_rows_stand_on_a_page_if_somebody_wants_them(network: Network) -> None:
    for number in range(27):
        network.lead(external_id=f"N{number:02}", at=NOON + number * MINUTE)

    page = _board(network, rows="50")

    assert len(rows(page)) == 27
    assert len(rows(_board(network, rows="7"))) == 25


def test_a_script_gets_the_list_alone_and_the_address_that_shows_it_again(
    network: Network,
) -> None:
    network.lead()
    client = at_desk(network, "DISPATCHER")

    response = client.get(
        "/leads/", {"q": "", "status": "OPEN", "source": ""}, headers=by_script("/leads/")
    )

    assert b"<html" not in response.content
    assert b'id="board"' in response.content
    assert response.headers["HX-Push-Url"] == "/leads/?status=OPEN"


def test_going_back_in_history_gets_the_whole_page(network: Network) -> None:
    headers = by_script("/leads/", **{"HX-History-Restore-Request": "true"})

    response = at_desk(network, "DISPATCHER").get("/leads/", headers=headers)

    assert b"<html" in response.content


def test_what_a_link_brought_along_is_shown_with_a_way_out(network: Network) -> None:
    partner = network.partner(name="Huber Haustechnik")
    accepted_lead(network)

    response = _board(network, partner=str(partner.id), temperature="WARM")

    assert "Remove filter Partner Huber Haustechnik" in words(response)
    assert 'href="/leads/?temperature=WARM" aria-current' in response.content.decode()
    assert len(rows(response)) == 1


def test_it_shows_nothing_of_another_manufacturer(network: Network, other_network: Network) -> None:
    other = other_network.partner(name="Elsewhere")
    other_network.lead(external_id="THEIRS")
    network.lead(external_id="OURS")

    page = words(_board(network, partner=str(other.id))) + words(_board(network))

    assert "OURS" in page
    assert "THEIRS" not in page
    assert "Elsewhere" not in page


def test_an_analyst_reads_and_is_not_invited_to_add(network: Network) -> None:
    network.lead()

    page = words(_board(network, role="ANALYST"))

    assert "New lead" not in page
    assert "1 lead" in page


def test_one_row_costs_as_many_queries_as_ten(network: Network) -> None:
    network.partner()
    client = at_desk(network, "DISPATCHER")
    accepted_lead(network)
    one = _count_queries(client)

    for _ in range(9):
        accept(network.offers(network.lead())[0])
    ten = _count_queries(client)

    assert ten == one
    assert one <= 23


def _board(network: Network, *, at: datetime = NOON, role: str = "DISPATCHER", **query: str) -> Any:
    with clock.set_to(at):
        response = at_desk(network, role).get("/leads/", query)
    assert response.status_code == 200
    return response


def _some_leads(network: Network) -> None:
    """One on offer since yesterday, one accepted, one on the pick list, one held."""
    network.policy({"response_window": 100_000})
    network.partner(name="Huber Haustechnik")
    muster = Contact(first_name="A", last_name="Muster", email="a@example.com")
    network.lead(
        external_id="A", contact=muster, temperature="HOT", at=NOON - DAY, expected_value=900
    )
    network.lead(external_id="D", postal_code="99999", expected_value=100)
    network.lead(external_id="C", product_lines=("boilers",), at=NOON + MINUTE)
    accepted_lead(network, external_id="B", source="fair", at=NOON + 2 * MINUTE)


def _count_queries(client: Any) -> int:
    with (
        clock.set_to(NOON),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        client.get("/leads/")
    return len(queries)
