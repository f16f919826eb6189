"""What needs a partner's person now, above what is new: calls to make and feedback to give."""

from datetime import timedelta

import pytest

from leads.feedback import give_feedback, record_contact
from partners.models import Partner
from tests.acting import HOUR, MINUTE
from tests.factories import NOON, Network
from tests.pages.acting import by_script
from tests.pages.phones import SOON, Phone, counted, hold, offer_to, path_of, person_of, phone_of

TITLE = "Needs you now"


@pytest.fixture
def partner(network: Network) -> Partner:
    return network.partner(name="Alpha Heating")


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    return phone_of(network, partner)


def test_is_quiet_where_nothing_is_due(network: Network, partner: Partner, phone: Phone) -> None:
    offer_to(network, partner)

    assert TITLE not in phone.open("/inbox/")


def test_shows_who_waits_for_a_call_and_until_when(
    network: Network, partner: Partner, phone: Phone
) -> None:
    held = hold(network, wish_summary="Roof of a barn")

    page = phone.open("/inbox/")
    late = phone.open("/inbox/", at=NOON + 2 * HOUR)

    assert TITLE in page
    assert f'href="{path_of(held)}"' in page
    assert "Call the customer, by today, 14:00" in page
    assert "Call the customer now: the time for it is over" in late
    assert "Beispiel" not in page + late


@pytest.mark.parametrize("has_reached", [True, False])
def test_is_done_with_a_call_once_somebody_has_tried(
    network: Network, partner: Partner, phone: Phone, *, has_reached: bool
) -> None:
    held = hold(network)

    by = network.actor_for(partner)
    record_contact(assignment=held, is_reached=has_reached, contacted_at=SOON, by=by, at=SOON)

    assert TITLE not in phone.open("/inbox/", at=SOON + MINUTE)


def test_asks_for_feedback_when_it_is_due(network: Network, partner: Partner, phone: Phone) -> None:
    held = hold(network)
    by, late = network.actor_for(partner), NOON + timedelta(days=1, minutes=1)
    record_contact(assignment=held, is_reached=True, contacted_at=SOON, by=by, at=SOON)

    assert "You owe feedback on 1 lead." in phone.open("/inbox/", at=late)
    give_feedback(assignment=held, status="REACHED", by=by, at=late)
    assert "You owe feedback" not in phone.open("/inbox/", at=late + MINUTE)


def test_keeps_an_offer_at_the_thumb_and_says_the_rest_in_a_line(
    network: Network, partner: Partner, phone: Phone
) -> None:
    hold(network)
    offer_to(network, partner)

    page = phone.open("/inbox/")

    assert "1 customer is waiting for your call." in page
    assert "Call the customer" not in page
    assert page.index(TITLE) < page.index("1 enquiry is waiting for your answer.")


def test_is_one_list_over_all_networks(
    network: Network, other_network: Network, partner: Partner
) -> None:
    person_of(network, partner, "robin@both.example")
    both = phone_of(other_network, other_network.partner(), "robin@both.example")
    hold(network, wish_summary="From the one")
    hold(other_network, wish_summary="From the other")

    page = both.open("/inbox/")

    for words in ("From the one", "From the other", "Acme", "Globex"):
        assert words in page


def test_says_nothing_of_what_others_hold(network: Network, partner: Partner, phone: Phone) -> None:
    hold(network)
    other = phone_of(network, network.partner(name="Beta Heating"))

    assert TITLE not in other.open("/inbox/")


def test_renews_itself_alone(network: Network, partner: Partner, phone: Phone) -> None:
    page = phone.open("/inbox/")
    state = page.partition('id="needs"')[2].partition("\\&quot;")[2].partition("\\&quot;")[0]
    same = phone.client.get("/inbox/", headers=asking(state))
    hold(network)

    news = phone.client.get("/inbox/", headers=asking(state))

    assert same.status_code == 304
    assert news.status_code == 200
    assert "<html" not in news.content.decode()
    assert 'id="needs"' in news.content.decode()


def asking(state: str) -> dict[str, str]:
    """The headers of the element that asks by itself."""
    return by_script("/inbox/", **{"HX-Target": "needs", "If-None-Match": f'"{state}"'})


def test_asks_the_database_as_often_for_ten_as_for_one(
    network: Network, partner: Partner, phone: Phone
) -> None:
    at = NOON + timedelta(days=2)
    hold(network)
    with counted() as for_one:
        phone.open("/inbox/", at=at)
    for _ in range(9):
        hold(network)
    with counted() as for_ten:
        page = phone.open("/inbox/", at=at)

    assert "10 leads" in page
    assert len(for_ten) == len(for_one)
