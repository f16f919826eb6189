"""Requests that no page of ours makes are answered, and nothing of them stays behind."""

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import Client

from leads.dispatch import LONGEST_EXTENSION, extend_wave
from partners.models import Membership
from tests.acting import again, facts_of, member
from tests.factories import NOON, Network
from tests.pages.acting import by_script, logged_in


@pytest.fixture
def dispatcher(network: Network) -> Membership:
    """Somebody who may act on leads."""
    return member(network, "dana@acme.example", "ADMIN")


@pytest.mark.parametrize(
    "deadline", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "3000-01-01T00:00:00Z"]
)
def test_no_deadline_lies_further_than_a_year_away(
    client: Client, network: Network, dispatcher: Membership, deadline: str
) -> None:
    network.partner()
    lead = network.lead()
    logged_in(client, dispatcher)

    form = {"respond_by": deadline, "wave": "1"}
    answer = client.post(f"/leads/{lead.id}/extend/", form)

    assert answer.status_code == 422
    assert again(lead).respond_by == lead.respond_by


def test_a_deadline_within_a_year_is_possible(network: Network) -> None:
    network.partner()
    lead = network.lead()

    latest = NOON + LONGEST_EXTENSION
    assert extend_wave(lead=lead, respond_by=latest, by=network.by, at=NOON).respond_by == latest


def test_a_message_does_not_outlive_the_log_in_it_was_for(
    client: Client, network: Network, dispatcher: Membership
) -> None:
    winner = network.partner(name="Winner Heating")
    rep = member(network, "rep@loser.example", "PARTNER_REP", network.partner(name="Loser"))
    lead = network.lead()
    logged_in(client, dispatcher)
    client.post(f"/leads/{lead.id}/assign/", {"partner": str(winner.id)})

    client.post("/log-out/")

    page = logged_in(client, rep).get("/inbox/").content.decode()
    assert "Winner" not in page
    assert "messages" not in client.cookies


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/inbox/", by_script("", **{"HX-Current-URL": "http://["})),
        ("/log-in/", {"Cookie": 'sessionid="a\\000"'}),
        ("/set-up/levels/%00/", {}),
        ("/log-in/", {"Content-Type": "text/plain; charset=unicode_escape"}),
    ],
)
def test_what_no_browser_sends_is_no_failure(
    client: Client, db: None, path: str, headers: dict[str, str]
) -> None:
    assert client.get(path, headers=headers).status_code < 500


@pytest.mark.parametrize(
    "query",
    [
        "received_after=9999-12-31T23:59:59Z",
        "received_after=0001-01-01T00:00:00%2B14:00",
        "received_before=9999-12-31T23:59:59-14:00",
        "partner=01a204b0-6117-7231-9340-005a2bb892d6",
    ],
)
def test_a_board_that_is_asked_for_nonsense_is_shown(
    client: Client, network: Network, dispatcher: Membership, query: str
) -> None:
    network.lead()

    answer = logged_in(client, dispatcher).get(f"/leads/?{query}")

    assert answer.status_code == 200
    assert "None" not in answer.content.decode()


def test_an_inbox_that_was_opened_in_another_age_is_shown(client: Client, network: Network) -> None:
    rep = member(network, "rep@a.example", "PARTNER_REP", network.partner())

    answer = logged_in(client, rep).get("/inbox/?since=0001-01-01T00:00:00%2B14:00")

    assert answer.status_code == 200


def test_a_browser_that_fetches_an_offer_in_advance_has_not_looked_at_it(
    client: Client, network: Network
) -> None:
    rep = member(network, "rep@a.example", "PARTNER_REP", network.partner())
    lead = network.lead()
    (offer,) = network.offers(lead)
    logged_in(client, rep)

    client.get(f"/offers/{offer.id}/", headers={"Sec-Purpose": "prefetch;prerender"})
    assert "offer.viewed" not in facts_of(network, lead)

    client.get(f"/offers/{offer.id}/")
    assert "offer.viewed" in facts_of(network, lead)


def test_pages_beyond_a_thousand_have_plain_numbers() -> None:
    page = Paginator(range(100_000), 25).page(1_500)

    shown = render_to_string("components/pager.html", {"page": page, "query": ""})

    assert "page=1501" in shown
    assert "page=1499" in shown


def test_an_address_longer_than_any_is_told_at_its_field(
    client: Client, network: Network, dispatcher: Membership
) -> None:
    logged_in(client, dispatcher)
    label = "a" * 60
    address = f"{label}@{'.'.join([label] * 4)}.de"

    answer = client.post("/partners/new/", {"external_id": "P-9", "name": "X", "email": address})

    assert answer.status_code == 422


def test_a_forgotten_slash_keeps_what_was_asked_for(client: Client, db: None) -> None:
    assert client.get("/leads?q=a%3Fb").headers["Location"] == "/leads/?q=a%3Fb"
