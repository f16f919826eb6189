"""Messages that reached nobody: shown with the reason, and sent again."""

from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads.models import LeadOffer
from tests.acting import HOUR, accept, again
from tests.factories import NOON, Network
from tests.messaging import deliver, letters, spread
from tests.pages.desks import at_desk, queries_of, read

PAGE = "/set-up/messages/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look at noon."""
    with clock.set_to(NOON):
        yield


@pytest.fixture
def desk(network: Network) -> Client:
    return at_desk(network, "DISPATCHER")


def given_up(network: Network, count: int = 1, **fields: Any) -> list[Delivery]:
    """Let messages have been refused for good."""
    network.policy({"partners": count})
    network.partners(count)
    network.lead()
    messages = spread(network, "offer_new")
    with system_context("test"):
        Delivery.objects.filter(id__in=[one.id for one in messages]).update(
            **{"failed_at": NOON, "last_error": "recipient_refused:550", "attempts": 1, **fields}
        )
    return messages


def test_says_that_everything_was_delivered(desk: Client) -> None:
    assert "Everything was delivered" in read(desk, PAGE)


def test_shows_what_reached_nobody_and_why(network: Network, desk: Client) -> None:
    given_up(network)

    page = read(desk, PAGE)

    assert "New offer" in page
    assert "does not know or accept this address" in page
    assert "answer 550" in page
    assert "1 attempt" in page


def test_sends_one_again_under_its_old_id(network: Network, desk: Client) -> None:
    first, second = given_up(network, 2)

    desk.post(f"{PAGE}{first.id}/again/")
    sent = deliver(NOON)

    assert sent == 1
    assert again(first).done_at == NOON
    assert again(second).failed_at == NOON


def test_sends_all_again(network: Network, desk: Client) -> None:
    given_up(network, 3)

    answer = desk.post(f"{PAGE}again/", follow=True)

    assert "3 messages are on their way again." in answer.content.decode()
    assert deliver(NOON) == 3
    assert all(one.done_at for one in letters(network, "offer_new"))


def test_sends_nobody_what_is_needed_no_more(network: Network, desk: Client) -> None:
    (message,) = given_up(network)
    accept(offer_of(message))

    desk.post(f"{PAGE}again/")
    deliver(NOON + HOUR)

    assert again(message).skipped == "offer_closed"


def offer_of(message: Delivery) -> LeadOffer:
    with system_context("test"):
        return LeadOffer.objects.get(id=message.subject_id)


def test_knows_nothing_of_another_network(
    network: Network, other_network: Network, desk: Client
) -> None:
    (foreign,) = given_up(other_network)

    answer = desk.post(f"{PAGE}{foreign.id}/again/")
    desk.post(f"{PAGE}again/")

    assert answer.status_code == 404
    assert "Everything was delivered" in read(desk, PAGE)
    assert again(foreign).failed_at == NOON


def test_asks_as_often_for_ten_as_for_one(network: Network, desk: Client) -> None:
    given_up(network, 10)
    with system_context("test"):
        ids = list(Delivery.objects.given_up().values_list("id", flat=True))
        Delivery.objects.filter(id__in=ids[1:]).update(failed_at=None)
    one = queries_of(desk, PAGE)
    with system_context("test"):
        Delivery.objects.filter(id__in=ids).update(failed_at=NOON)

    assert queries_of(desk, PAGE) == one
