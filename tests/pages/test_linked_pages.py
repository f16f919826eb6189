"""Links in messages: they open one thing without a log-in, and a tap of the right person acts."""

from typing import Any

import pytest

from leadhub.core.tenancy.context import system_context
from leads.escalation import sweep
from leads.models import LeadFeedback
from partners.models import Membership, Partner, User
from tests.acting import HOUR, MINUTE, facts_of, run_out
from tests.factories import NOON, ContactFactory, Network
from tests.pages.linking import Browser, codes_to, link_to, names_nobody
from tests.pages.phones import (
    CUSTOMER,
    SOON,
    Phone,
    counted,
    hold,
    offer_to,
    person_of,
    read,
    state_in,
    take,
)

EMAIL = "rita@acme.example"


@pytest.fixture
def world(network: Network) -> Network:
    """A network that asks two partners at a time, each for an hour."""
    network.policy({"partners": 2})
    return network


@pytest.fixture
def partner(world: Network) -> Partner:
    """A partner that is asked."""
    return world.partner()


@pytest.fixture
def rival(world: Network, partner: Partner) -> Partner:
    """Another partner that is asked as well."""
    return world.partner()


@pytest.fixture
def rita(world: Network, partner: Partner) -> Membership:
    """Somebody of the partner."""
    return person_of(world, partner, EMAIL)


@pytest.fixture
def offer(world: Network, partner: Partner, rival: Partner, rita: Membership) -> Any:
    """An offer to the partner, of a lead whose customer has a name."""
    return offer_to(world, partner, contact=ContactFactory.build(**CUSTOMER))


@pytest.fixture
def link(world: Network, rita: Membership, offer: Any) -> str:
    """The link in the mail that tells of the offer."""
    return link_to(world, rita, "offer_new")


def path_of(offer: Any, act: str = "") -> str:
    return f"/linked/offers/{offer.id}/" + (f"{act}/" if act else "")


def test_shows_the_offer_without_a_log_in_and_notes_nothing(
    world: Network, offer: Any, link: str
) -> None:
    browser = Browser()
    before = facts_of(world, offer.lead)

    page = read(browser.follow(link))

    assert "Heat pump for a farmhouse" in page
    assert "Accept with a code" in page
    assert names_nobody(page)
    assert facts_of(world, offer.lead) == before


def test_leads_on_to_an_address_without_the_secret_and_tells_it_to_nobody(
    offer: Any, link: str
) -> None:
    response = Browser().get(link)

    assert response.url == path_of(offer)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]


def test_asks_an_unknown_device_for_a_code_before_it_takes_the_lead(
    world: Network, offer: Any, link: str
) -> None:
    browser = Browser()
    browser.follow(link)

    asked = browser.post(path_of(offer, "accept"))

    assert asked.url == "/linked/code/"
    assert "offer.accepted" not in facts_of(world, offer.lead)
    assert EMAIL not in browser.read("/linked/code/")


def test_takes_the_lead_with_the_code_and_shows_the_customer_at_once(
    world: Network, offer: Any, link: str, rita: Membership
) -> None:
    browser = Browser()
    browser.follow(link)
    browser.post(path_of(offer, "accept"))

    taken = browser.post("/linked/code/", code=codes_to(EMAIL)[-1].lower())

    assert facts_of(world, offer.lead).count("offer.accepted") == 1
    assert world.again(offer.lead).partner_id == offer.partner_id
    assert "Erika" in browser.read(taken.url)
    (event,) = [e for e in world.events(offer.lead) if e.type == "offer.accepted"]
    assert event.actor == f"user:{rita.user_id}"


def test_knows_the_device_from_then_on(world: Network, partner: Partner, link: str) -> None:
    browser = Browser().know(link, EMAIL)
    second = offer_to(world, partner)
    with system_context("test"):
        user = User.objects.get(email=EMAIL)
    assert user.proofs_from is None

    with system_context("test"):
        person = user.memberships.get()
    page = read(browser.follow(link_to(world, person, "offer_new", subject=second)))
    taken = browser.post(path_of(second, "accept"))

    assert "You accept as Robin Rep" in page
    assert taken.url.startswith("/linked/leads/")
    assert world.again(second.lead).partner_id == partner.id


def test_answers_the_second_tap_like_the_first(world: Network, offer: Any, link: str) -> None:
    browser = Browser().know(link, EMAIL)

    first, second = (browser.post(path_of(offer, "accept")) for _ in range(2))

    assert first.url == second.url
    assert facts_of(world, offer.lead).count("offer.accepted") == 1


def test_tells_whoever_is_second_at_once(
    world: Network, offer: Any, link: str, rival: Partner
) -> None:
    browser = Browser().know(link, EMAIL)
    take(world, offer, rival)

    lost = browser.post(path_of(offer, "accept"))

    page = browser.read(lost.url)
    assert "Another partner was faster" in page
    assert names_nobody(page)


def test_tells_a_page_that_is_open_when_another_was_faster(
    world: Network, offer: Any, link: str, rival: Partner
) -> None:
    browser = Browser()
    state = state_in(read(browser.follow(link)))
    asks = {"HX-Request": "true", "If-None-Match": state}
    assert browser.get(path_of(offer), headers=asks).status_code == 304

    take(world, offer, rival)

    assert "Another partner was faster" in read(browser.get(path_of(offer), headers=asks))


def test_declines_on_a_known_device(world: Network, offer: Any, link: str) -> None:
    browser = Browser().know(link, EMAIL)

    browser.post(path_of(offer, "decline"), reason="TOO_FAR")

    assert "offer.declined" in facts_of(world, offer.lead)
    assert "Declined" in browser.read(path_of(offer))


def test_leads_whoever_is_logged_in_to_the_page_behind_the_door(
    offer: Any, link: str, rita: Membership
) -> None:
    response = Phone(rita).ask(link)

    assert response.url == f"/offers/{offer.id}/"


@pytest.fixture
def held(world: Network, partner: Partner, rita: Membership) -> Any:
    """A lead in the partner's hands, on which feedback is owed."""
    assignment = hold(world)
    sweep(at=late(assignment))
    return assignment


def late(assignment: Any) -> Any:
    return assignment.feedback_due_at + MINUTE


@pytest.fixture
def reminder(world: Network, rita: Membership, held: Any) -> str:
    """The link in the mail that asks for feedback."""
    return link_to(world, rita, "feedback_overdue", at=late(held))


def statuses_of(held: Any) -> list[str]:
    with system_context("test"):
        found = LeadFeedback.objects.filter(assignment=held).order_by("given_at")
        return list(found.values_list("status", flat=True))


@pytest.mark.parametrize("status", ["REACHED", "APPOINTMENT", "QUOTE_SENT", "NOT_REACHABLE"])
def test_takes_an_answer_in_one_tap_and_shows_no_customer(
    held: Any, reminder: str, status: str
) -> None:
    browser = Browser(at=late(held))
    page = read(browser.follow(reminder))

    answered = browser.post(f"/linked/leads/{held.id}/feedback/", status=status)

    after = browser.read(answered.url)
    assert statuses_of(held) == [status]
    assert "Thank you, noted." in after
    assert names_nobody(page)
    assert names_nobody(after)


def test_takes_a_second_tap_on_the_same_answer_for_one(held: Any, reminder: str) -> None:
    browser = Browser(at=late(held))
    browser.follow(reminder)

    for moment in (0, 1, 6):
        browser.at = late(held) + moment * MINUTE
        browser.post(f"/linked/leads/{held.id}/feedback/", status="REACHED")

    # What is said again minutes later is news.
    assert statuses_of(held) == ["REACHED", "REACHED"]


@pytest.mark.parametrize("status", ["WON", "LOST", "", "REACHED\n"])
def test_closes_no_lead_by_the_link(held: Any, reminder: str, status: str) -> None:
    browser = Browser(at=late(held))
    browser.follow(reminder)

    browser.post(f"/linked/leads/{held.id}/feedback/", status=status, value="1", reason="PRICE")

    assert statuses_of(held) == []


def test_shows_the_customer_after_the_code_and_notes_who_saw_it(
    world: Network, held: Any, reminder: str
) -> None:
    browser = Browser(at=late(held)).know(reminder, EMAIL)

    page = browser.read(f"/linked/leads/{held.id}/")

    assert "Erika" in page
    assert "tel:+498999998123" in page


def test_asks_for_the_same_number_of_rows_whatever_else_is_on_offer(
    world: Network, partner: Partner, offer: Any, link: str
) -> None:
    browser = Browser()
    browser.follow(link)
    with counted() as one:
        browser.get(path_of(offer))

    for _ in range(9):
        offer_to(world, partner)
    with counted() as ten:
        browser.get(path_of(offer))

    assert len(one) == len(ten)


def test_says_that_time_is_up(world: Network, offer: Any, link: str) -> None:
    browser = Browser(at=SOON)
    browser.follow(link)
    run_out(world.again(offer.lead))

    browser.at = NOON + 2 * HOUR

    assert "Time is up" in browser.read(path_of(offer))
