"""A partner's figures on its phone."""

from datetime import timedelta

import pytest

from kpis.comparing import FEWEST_LEADS, FEWEST_PARTNERS, compare_due_networks
from leadhub.core.tenancy.context import tenant_context
from leads.feedback import give_feedback
from leads.models import Assignment
from partners.models import Manufacturer, Partner
from tests.acting import DAY, HOUR, accept
from tests.factories import NOON, Network
from tests.pages.phones import Phone, counted, phone_of

LATER = NOON + 2 * DAY


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner of a network that asks all at once."""
    network.policy({"partners": FEWEST_PARTNERS})
    return network.partner()


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    found = phone_of(network, partner)
    found.at = LATER
    return found


def take_leads(network: Network, partner: Partner, *, minutes: int) -> list[Assignment]:
    """Let a partner take some leads, each after so many minutes, and report on them."""
    taken = []
    for _ in range(FEWEST_LEADS):
        offers = network.offers(network.lead())
        (offer,) = [one for one in offers if one.partner_id == partner.id]
        at = NOON + timedelta(minutes=minutes)
        assignment = accept(offer, at=at)
        by = network.actor_for(partner)
        taken.append(give_feedback(assignment=assignment, status="REACHED", by=by, at=at))
    return taken


def test_shows_the_five_figures_with_their_targets(
    network: Network, partner: Partner, phone: Phone
) -> None:
    take_leads(network, partner, minutes=12)

    page = phone.open("/figures/")

    assert "12 min" in page
    assert "Target 1 h" in page
    assert "5 of 5 leads" in page


def test_tells_the_median_of_a_network_that_hides_its_partners(
    network: Network, partner: Partner, phone: Phone
) -> None:
    take_leads(network, partner, minutes=12)
    for _ in range(FEWEST_PARTNERS - 1):
        take_leads(network, network.partner(), minutes=40)
    compare_due_networks(at=LATER)

    page = phone.open("/figures/")

    assert "40 min" in page
    assert "Place" not in page


def test_tells_no_median_of_a_small_network(
    network: Network, partner: Partner, phone: Phone
) -> None:
    take_leads(network, partner, minutes=12)
    take_leads(network, network.partner(), minutes=40)
    compare_due_networks(at=LATER)

    assert "40 min" not in phone.open("/figures/")


def test_shows_the_place_where_the_manufacturer_lets_it_be_seen(
    network: Network, partner: Partner, phone: Phone
) -> None:
    take_leads(network, partner, minutes=12)
    for _ in range(FEWEST_PARTNERS - 1):
        take_leads(network, network.partner(), minutes=40)
    compare_due_networks(at=LATER)
    with tenant_context(network.manufacturer.id):
        Manufacturer.objects.filter(id=network.manufacturer.id).update(shows_rank=True)

    assert "Place 1 of 7" in phone.open("/figures/")


def test_leads_to_what_is_owed_and_says_what_is_locked(
    network: Network, partner: Partner, phone: Phone
) -> None:
    (assignment, *_) = take_leads(network, partner, minutes=12)
    phone.at = NOON + 30 * DAY

    page = phone.open("/figures/")

    assert f"/assignments/{assignment.id}/#report-title" in page
    assert "You owe feedback on 5 leads." in page


def test_knows_no_figures_of_others(network: Network, partner: Partner, phone: Phone) -> None:
    other = network.partner()

    assert phone.ask(f"/figures/?partner={other.id}").status_code == 404
    assert phone.ask("/figures/?partner=x").status_code == 404


def test_asks_the_database_as_often_for_many_leads_as_for_few(
    network: Network, partner: Partner, phone: Phone
) -> None:
    take_leads(network, partner, minutes=12)
    phone.open("/figures/")
    with counted() as few:
        phone.open("/figures/")

    take_leads(network, partner, minutes=12)
    with counted() as many:
        phone.open("/figures/", at=LATER + HOUR)

    assert len(few) == len(many)
