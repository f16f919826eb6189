"""Likely duplicates at the desk: side by side with what they resemble, and decided one by one."""

import re

import pytest
from django.test import Client

from leads.intake import Contact
from leads.models import Lead
from tests.acting import accept, member
from tests.factories import Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk, queries_of, read, text_of

pytestmark = pytest.mark.django_db

PAGE = "/leads/duplicates/"
ERIKA = Contact("Erika", "Beispiel", email="erika@example.com", phone="+4989123456")


@pytest.fixture
def careful(network: Network) -> Network:
    """A network with a partner that compares the leads of 30 days."""
    network.compare_within(30)
    network.partner()
    return network


def two_alike(network: Network, number: int = 0) -> tuple[Lead, Lead]:
    """A lead that was routed, and one of the same customer."""
    contact = Contact(f"Kim{number * 7}", "Muster", phone=f"+4989200{number:03}")
    again = Contact("Robin", "Anders", phone=contact.phone, email=f"robin{number}@example.com")
    return network.lead(contact=contact), network.lead(contact=again, wish="Call me after six")


def test_shows_why_two_leads_look_alike(careful: Network) -> None:
    careful.lead(contact=ERIKA)
    careful.lead(contact=ERIKA)
    careful.lead(contact=Contact("Erica", "Beispiel", email="e@example.com"))

    page = read(at_desk(careful, "DISPATCHER"), PAGE)

    assert page.count("Same phone") == page.count("Same e-mail address") == 1
    assert page.count("Same name in the same place") == 1
    assert page.count("Name 67 % alike in the same place") == 2
    assert page.count("This one is held as well: release it first, then merge.") == 1
    assert page.count("Merge into this one") == 2


def test_a_merge_leads_back_to_the_list_and_keeps_what_was_said(careful: Network) -> None:
    first, second = two_alike(careful)
    client = at_desk(careful, "DISPATCHER")

    answer = client.post(
        f"/leads/{second.id}/merge/", {"into": str(first.id), "back": "duplicates"}, follow=True
    )

    page = text_of(answer)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "The lead was merged: the other one goes on for both." in page
    assert "No lead is held as a possible duplicate." in page
    of_first = read(client, f"/leads/{first.id}/")
    assert "Call me after six" in of_first
    assert f"/leads/{second.id}/" in of_first
    assert f"/leads/{first.id}/" in read(client, f"/leads/{second.id}/")


def test_a_duplicate_is_merged_on_its_own_page_too(careful: Network) -> None:
    first, second = two_alike(careful)
    client = at_desk(careful, "DISPATCHER")

    page = read(client, f"/leads/{second.id}/")
    lacking = client.post(f"/leads/{second.id}/merge/", {})
    client.post(f"/leads/{second.id}/merge/", {"into": str(first.id)})

    assert re.search(rf'name="into" value="{first.id}"', page)
    assert lacking.status_code == 422
    assert "Choose the lead that goes on." in text_of(lacking)
    assert careful.again(second).status == "MERGED"


def test_a_release_and_a_rejection_lead_back_to_the_list(careful: Network) -> None:
    _, second = two_alike(careful)
    _, fourth = two_alike(careful, 1)
    client = at_desk(careful, "DISPATCHER")
    back = {"back": "duplicates", "country": "DE", "as_it_is": "on"}

    released = client.post(f"/leads/{second.id}/release/", back)
    rejected = client.post(f"/leads/{fourth.id}/reject/", back)

    assert [released.headers["Location"], rejected.headers["Location"]] == [PAGE, PAGE]
    assert careful.again(second).status == "OFFERED"
    assert careful.again(fourth).status == "REJECTED"


def test_the_partner_that_has_the_lead_reads_what_the_duplicate_said(network: Network) -> None:
    careful = network
    careful.compare_within(30)
    partner = careful.partner()
    first, second = two_alike(careful)
    assignment = accept(careful.offers(first)[0])
    at_desk(careful, "DISPATCHER").post(f"/leads/{second.id}/merge/", {"into": str(first.id)})
    someone = member(careful, "kim@partner.example", "PARTNER_REP", partner)

    page = read(logged_in(Client(), someone), f"/assignments/{assignment.id}/")

    assert "Call me after six" in page
    assert "robin0@example.com" in page
    assert f"/leads/{second.id}/" not in page


def test_an_administrator_says_how_far_back_leads_are_compared(careful: Network) -> None:
    admin, dispatcher = at_desk(careful), at_desk(careful, "DISPATCHER")

    wrong = admin.post(f"{PAGE}compared/", {"days": "400"})
    right = admin.post(f"{PAGE}compared/", {"days": "0"}, follow=True)

    assert wrong.status_code == 422
    assert "New leads are not compared with others at the moment." in text_of(right)
    assert "What is compared" not in read(dispatcher, PAGE)


def test_asks_the_database_no_more_for_ten_pairs_than_for_one(careful: Network) -> None:
    client = at_desk(careful, "DISPATCHER")
    two_alike(careful)
    read(client, PAGE)
    one = queries_of(client, PAGE)

    for number in range(1, 10):
        two_alike(careful, number)
    read(client, PAGE)

    assert queries_of(client, PAGE) == one


def test_duplicates_wait_on_the_board_and_in_the_cockpit(careful: Network) -> None:
    _, second = two_alike(careful)
    client = at_desk(careful)

    board = read(client, "/leads/?attention=duplicate")
    cockpit = read(client, "/cockpit/")

    assert f"/leads/{second.id}/" in board
    assert PAGE in board
    assert "They resemble other leads." in cockpit
