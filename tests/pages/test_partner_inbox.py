"""The inbox: what is offered now, live, and answered with one tap."""

from datetime import timedelta

import pytest

from leads.dispatch import assign_lead, withdraw_lead
from leads.feedback import record_contact
from partners.models import Partner
from tests.acting import HOUR, MINUTE, accept, again, member, run_out
from tests.factories import NOON, ContactFactory, Network
from tests.pages.acting import logged_in
from tests.pages.phones import (
    SOON,
    Phone,
    counted,
    is_whole,
    offer_to,
    person_of,
    phone_of,
    read,
    state_in,
    take,
)

SECOND = timedelta(seconds=1)


@pytest.fixture
def world(network: Network) -> Network:
    """A network that asks two partners at a time, each for an hour."""
    network.policy({"partners": 2})
    return network


@pytest.fixture
def partner(world: Network) -> Partner:
    """A partner that is asked."""
    return world.partner(name="Alpha Heating")


@pytest.fixture
def rival(world: Network, partner: Partner) -> Partner:
    """Another partner that is asked as well."""
    return world.partner(name="Rival Heating")


@pytest.fixture
def phone(world: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    return phone_of(world, partner)


def test_shows_what_a_partner_decides_by(world: Network, partner: Partner, phone: Phone) -> None:
    offer_to(world, partner, product_lines=("heat-pumps",), postal_code="85221")

    page = phone.open("/inbox/")

    for fact in (
        *("Hot", "Asked for a quote", "Heat pump for a farmhouse", "Heat pumps"),
        *("85221 Dachau", "18 km", "€18,000", "59 min left", "Accept", "Decline"),
    ):
        assert fact in page


@pytest.mark.parametrize("path", ["/inbox/", "/offers/{}/"])
def test_names_no_customer_before_acceptance(
    world: Network, partner: Partner, phone: Phone, path: str
) -> None:
    contact = ContactFactory.build(
        first_name="Canary", last_name="Kanarienvogel", company="Cage Inc", email="canary@cage.com",
        phone="+498999998123", street="Käfigweg 7",
    )  # fmt: skip
    offer = offer_to(world, partner, contact=contact, wish="I sing")

    page = phone.open(path.format(offer.id))

    assert "Heat pump for a farmhouse" in page
    for secret in ("Canary", "Kanarienvogel", "Cage", "99998123", "Käfigweg", "I sing"):
        assert secret not in page


def test_says_nothing_of_other_partners(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    take(world, offer, rival)

    for page in (phone.open("/inbox/"), phone.open(f"/offers/{offer.id}/")):
        assert "Another partner was faster" in page
        assert "Rival" not in page
        assert str(rival.id) not in page


def test_puts_the_offer_first_that_ends_first(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer_to(world, partner, wish_summary="Ends second", at=NOON + MINUTE)
    offer_to(world, partner, wish_summary="Ends first", at=NOON)

    page = phone.open("/inbox/", at=NOON + 2 * MINUTE)

    assert page.index("Ends first") < page.index("Ends second")
    assert "2 enquiries are waiting" in page


def test_is_one_inbox_over_all_networks(
    world: Network, other_network: Network, partner: Partner
) -> None:
    elsewhere = other_network.partner()
    person_of(world, partner, "robin@both.example")
    both = phone_of(other_network, elsewhere, "robin@both.example")
    offer_to(world, partner, wish_summary="From the one")
    other_network.lead(wish_summary="From the other")

    page = both.open("/inbox/")

    assert "From the one" in page
    assert "From the other" in page
    assert "Acme" in page
    assert "Globex" in page


def test_does_not_name_the_only_manufacturer(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer_to(world, partner)

    assert "Acme" not in phone.open("/inbox/")


def test_says_for_which_partner_where_somebody_has_two_in_one_network(
    world: Network, partner: Partner
) -> None:
    second = world.partner(name="Beta Heating")
    person_of(world, partner, "robin@both.example")
    both = phone_of(world, second, "robin@both.example")
    lead = world.lead()

    page = both.open("/inbox/")

    assert "for Alpha Heating" in page
    assert "for Beta Heating" in page
    accept(world.offers(lead)[0], at=SOON)
    page = both.open("/inbox/")
    assert "Another partner was faster" not in page
    assert page.count("This lead is yours") == 1


def test_answers_a_poll_with_304_while_nothing_changes(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer_to(world, partner)
    state = state_in(phone.open("/inbox/"))

    response = phone.poll("/inbox/", state, at=SOON + 30 * MINUTE)

    assert response.status_code == 304
    assert response.content == b""
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("because", ["new", "taken", "assigned", "withdrawn", "time"])
def test_answers_a_poll_with_the_news(
    world: Network, partner: Partner, rival: Partner, phone: Phone, because: str
) -> None:
    offer = offer_to(world, partner)
    state, later = state_in(phone.open("/inbox/")), SOON + MINUTE
    if because == "new":
        offer_to(world, partner, wish_summary="Another one")
    elif because == "taken":
        take(world, offer, rival)
    elif because == "assigned":
        assign_lead(lead=offer.lead, partner=rival, by=world.by, at=SOON)
    elif because == "withdrawn":
        withdraw_lead(lead=offer.lead, by=world.by, at=SOON)
    else:
        later = offer.respond_by

    response = phone.poll("/inbox/", state, at=later)

    assert response.status_code == 200
    page = read(response)
    assert not is_whole(page)
    assert state_in(page) != state
    said = {
        "new": "Another one",
        "taken": "Another partner was faster",
        "assigned": "Another partner was faster",
        "withdrawn": "The manufacturer has withdrawn",
        "time": "Time is up, still free",
    }
    assert said[because] in page


def test_is_not_stirred_by_what_the_winner_does(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    take(world, offer, rival)
    state = state_in(phone.open("/inbox/"))
    (held,) = world.assignments(offer.lead)
    record_contact(
        assignment=held, is_reached=True, contacted_at=SOON, by=world.actor_for(rival), at=SOON
    )

    assert phone.poll("/inbox/", state).status_code == 304


def test_keeps_the_place_of_what_was_open_when_the_page_was_opened(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    first = offer_to(world, partner, wish_summary="First one")
    offer_to(world, partner, wish_summary="Second one", at=NOON + SECOND)
    page = phone.open("/inbox/")
    take(world, first, rival, at=SOON + SECOND)

    news = read(phone.poll("/inbox/", state_in(page), at=SOON + 2 * SECOND, since=SOON.isoformat()))
    opened_anew = phone.open("/inbox/", at=SOON + 2 * SECOND)

    assert news.index("First one") < news.index("Second one")
    assert opened_anew.index("Second one") < opened_anew.index("First one")


def test_tells_of_a_lost_offer_for_ten_minutes(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    take(world, offer, rival)

    assert "Another partner was faster" in phone.open("/inbox/", at=SOON + 9 * MINUTE)
    assert "Another partner was faster" not in phone.open("/inbox/", at=SOON + 10 * MINUTE)


def test_offers_still_what_ran_out_and_nobody_has(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer = offer_to(world, partner)
    run_out(again(offer.lead))

    page = phone.open("/inbox/", at=NOON + 3 * HOUR)
    response = phone.tap(f"/offers/{offer.id}/accept/", at=NOON + 3 * HOUR)

    assert "Time is up, still free" in page
    assert "Accept now" in page
    assert f"decline-{offer.id}" not in page
    assert "/assignments/" in response.headers["HX-Redirect"]


def test_does_not_offer_what_ran_out_where_late_answers_do_not_count(
    network: Network, world: Network, partner: Partner, phone: Phone
) -> None:
    world.policy({"partners": 2}, late_answers=False)
    offer = offer_to(world, partner)
    run_out(again(offer.lead))

    page = phone.open("/inbox/", at=NOON + HOUR + MINUTE)

    assert "The time to answer this one is over" in page
    assert "Accept" not in page


def test_hides_an_offer_during_the_head_start_of_another(network: Network) -> None:
    network.policy({"partners": 2, "head_start": 600})
    near = network.partner()
    far = network.partner(postal_code="85221")
    network.lead(wish_summary="For the near one first")

    assert "For the near one first" in phone_of(network, near).open("/inbox/")
    behind = phone_of(network, far)
    assert "For the near one first" not in behind.open("/inbox/")
    assert "For the near one first" in behind.open("/inbox/", at=NOON + 10 * MINUTE)


def test_invites_to_the_pick_list_when_all_is_quiet(
    world: Network, partner: Partner, phone: Phone
) -> None:
    assert "All quiet" in phone.open("/inbox/")
    assert "leads on the pick list" not in phone.open("/inbox/")

    for _ in range(2):
        offer = offer_to(world, partner)
        run_out(again(offer.lead))

    # what ran out is told for a day; later the pick list is all there is
    page = phone.open("/inbox/", at=NOON + 30 * HOUR)
    assert "All quiet" in page
    assert "2 leads on the pick list" in page


@pytest.mark.parametrize(
    "path", ["/inbox/", "/assignments/", "/pick-list/", "/offers/{}/", "/assignments/{}/"]
)
def test_is_not_for_the_manufacturers_people(world: Network, partner: Partner, path: str) -> None:
    offer = offer_to(world, partner)
    desk = logged_in(phone_of(world, partner).client, member(world, "a@acme.example", "ADMIN"))

    assert desk.get(path.format(offer.id)).status_code == 404


def test_sends_a_poll_without_a_session_to_log_in(
    world: Network, partner: Partner, phone: Phone
) -> None:
    state = state_in(phone.open("/inbox/"))
    phone.client.cookies.clear()

    response = phone.poll("/inbox/", state)

    assert response.headers["HX-Redirect"] == "/log-in/?next=%2Finbox%2F"


@pytest.mark.parametrize("since", ["yesterday", "2026-03-02", "9999-99-99T00:00:00+00:00", ""])
def test_takes_nonsense_for_no_time_at_all(
    world: Network, partner: Partner, phone: Phone, since: str
) -> None:
    offer_to(world, partner)

    response = phone.poll("/inbox/", '"nothing"', since=since)

    assert response.status_code == 200


def test_asks_the_database_as_often_for_ten_offers_as_for_one(
    world: Network, partner: Partner, rival: Partner, phone: Phone
) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            offer_to(world, partner, product_lines=("heat-pumps",))
            take(world, offer_to(world, partner), rival)
            run_out(again(offer_to(world, partner).lead), at=NOON + HOUR)

    fill(1)
    with counted() as for_one:
        page = phone.open("/inbox/")
    fill(9)
    with counted() as for_ten:
        full = phone.open("/inbox/")

    assert page.count("<article") == 3
    assert full.count("<article") == 30
    assert len(for_ten) == len(for_one)


def test_asks_little_of_the_database_for_a_poll(
    world: Network, partner: Partner, phone: Phone
) -> None:
    offer_to(world, partner)
    state = state_in(phone.open("/inbox/"))

    with counted() as polled:
        phone.poll("/inbox/", state)

    offers_read = [query for query in polled if "leads_leadoffer" in query["sql"]]
    assert len(offers_read) == 1
    assert not [query for query in polled if "INSERT" in query["sql"] or "UPDATE" in query["sql"]]
