"""Why a partner did not get leads: counted from decisions, for itself and for its manufacturer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import partner_context, system_context, tenant_context
from leads.missed_months import count_due_months, first_of, month_of, read_missed
from leads.models import MissedMonth
from partners.models import Partner, User
from partners.network import CertificationDetails
from tests.acting import HOUR, MINUTE, accept, decline, member, run_out
from tests.factories import NOON, Network
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk, queries_of
from tests.pages.reading import words

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
MARCH = date(2026, 3, 1)


def test_a_partner_reads_what_kept_leads_away_and_what_would_have_changed_it(
    network: Network,
) -> None:
    network.policy({})
    far = network.partner(name="Far", postal_code="86150", radius_km=40.0)
    network.partner(name="Near", certifications=(CertificationDetails("gold"),))
    for _ in range(3):
        network.lead()
    network.lead(required_certification="gold")

    page = words(_own_page(network, far))

    assert "Not asked about 4 leads" in page
    assert "Outside your service area 4" in page
    assert "You lacked the certificate required 1" in page
    assert "Radius of 60 km instead of 40 km 3 more" in page
    assert "Near" not in page
    assert "Munich" not in page
    assert "München" not in page


def test_it_counts_what_became_of_the_offers_in_the_same_month(network: Network) -> None:
    network.policy({"partners": 2})
    mine, other = network.partner(name="Mine"), network.partner(name="Other")
    lost, declined, expired, accepted = (network.lead() for _ in range(4))
    accept(_offer(network, lost, other), at=NOON + MINUTE)
    decline(_offer(network, declined, mine), at=NOON + MINUTE)
    accept(_offer(network, accepted, mine), at=NOON + MINUTE)
    run_out(expired)

    page = words(_own_page(network, mine))

    assert "Offered 4" in page
    assert "Accepted 1" in page
    assert "Declined 1" in page
    assert "Ran out without an answer 1" in page
    assert "Lost the race: somebody else was faster 1" in page
    assert "Other" not in page


def test_who_missed_nothing_is_told_so(network: Network) -> None:
    partner = network.partner()
    network.lead()

    page = words(_own_page(network, partner))

    assert "You were considered for every lead" in page
    assert "What would have changed it" not in page


def test_a_month_that_was_not_counted_yet_says_so(network: Network) -> None:
    partner = network.partner()

    page = words(_read_own(network, partner))

    assert "Not counted yet" in page
    assert "considered for every lead" not in page


def test_test_leads_are_in_no_count(network: Network) -> None:
    partner = network.partner(postal_code="20095")
    network.partner()
    network.lead(is_test=True)
    network.lead()

    assert "Not asked about 1 lead" in words(_own_page(network, partner))


def test_a_lead_that_no_radius_of_the_partner_would_have_reached_says_so(network: Network) -> None:
    network.policy({"radius_km": 20})
    partner = network.partner(postal_code="86150", radius_km=80.0)
    network.partner()
    network.lead()

    page = words(_own_page(network, partner))

    assert "In your service area, but nearer partners were asked first 1" in page
    assert "What would have changed it" not in page


def test_counting_again_counts_the_same_and_what_came_since(network: Network) -> None:
    partner = network.partner(postal_code="86150", radius_km=40.0)
    network.partner()
    network.lead()
    _count(LATER)
    first = _row(network, partner)

    _count(LATER + HOUR)
    again = _row(network, partner)
    network.lead(at=NOON + MINUTE)
    _count(LATER + 2 * HOUR)

    assert (first.missed, first.gates) == (again.missed, again.gates) == (1, {"outside_area": 1})
    assert again.counted_at > first.counted_at
    assert _row(network, partner).missed == 2


def test_a_month_is_counted_once_an_hour_and_no_more_when_it_is_over(network: Network) -> None:
    network.partner()
    network.lead()

    assert count_due_months(at=LATER) == 1
    assert count_due_months(at=LATER + HOUR / 2) == 0
    assert count_due_months(at=datetime(2026, 4, 9, tzinfo=UTC)) == 2
    assert count_due_months(at=datetime(2026, 4, 10, tzinfo=UTC)) == 1


def test_months_lie_in_the_manufacturers_time_zone() -> None:
    assert month_of(datetime(2026, 2, 28, 23, 30, tzinfo=UTC), BERLIN) == MARCH
    assert [first_of(MARCH, back=back) for back in (-10, 0, 3, 12)] == [
        date(2027, 1, 1),
        MARCH,
        date(2025, 12, 1),
        date(2025, 3, 1),
    ]


def test_twelve_months_back_can_be_chosen_and_no_other(network: Network) -> None:
    partner = network.partner()
    client = _client(network, partner)

    with clock.set_to(LATER):
        known = client.get("/missed-leads/", {"month": "2025-03"})
        unknown = client.get("/missed-leads/", {"month": "1999-13"})

    assert len(known.context["months"]) == 13
    assert known.context["first"] == date(2025, 3, 1)
    assert "That month cannot be shown" not in words(known)
    assert "That month cannot be shown; choose one of these. This is March 2026." in words(unknown)


@pytest.mark.parametrize("partner_id", ["nonsense", "0198c0de-0000-7000-8000-000000000000"])
def test_a_partner_that_is_not_ones_own_is_not_found(network: Network, partner_id: str) -> None:
    client = _client(network, network.partner())

    assert client.get("/missed-leads/", {"partner": partner_id}).status_code == 404


def test_a_partner_cannot_ask_for_another(network: Network, other_network: Network) -> None:
    mine, rival = network.partner(), network.partner()
    client = _client(network, mine)

    for other in (rival, other_network.partner()):
        assert client.get("/missed-leads/", {"partner": str(other.id)}).status_code == 404
        assert client.get(f"/partners/{other.id}/missed-leads/").status_code == 404


def test_the_database_shows_a_partner_its_own_counts_only(network: Network) -> None:
    mine, _rival = network.partner(postal_code="20095"), network.partner(postal_code="10115")
    network.lead()
    _count(LATER)

    with partner_context([mine.id]):
        seen = set(MissedMonth.objects.values_list("partner_id", flat=True))

    assert seen == {mine.id}


def test_somebody_of_several_partners_chooses_for_which(
    network: Network, other_network: Network
) -> None:
    mine = network.partner(name="Huber South")
    theirs = other_network.partner(name="Huber North", postal_code="20095")
    other_network.lead()
    client = _client(network, mine)
    member(other_network, "rep@example.com", "PARTNER_REP", theirs)
    _count(LATER)

    with clock.set_to(LATER):
        page = words(client.get("/missed-leads/", {"partner": str(theirs.id)}))

    assert "Huber South" in page
    assert "Not asked about 1 lead" in page


@pytest.mark.parametrize("role", ["ADMIN", "DISPATCHER", "ANALYST"])
def test_the_manufacturer_reads_the_same_of_one_partner(network: Network, role: str) -> None:
    partner = network.partner(name="Far", postal_code="86150", radius_km=40.0)
    network.lead()
    _count(LATER)

    with clock.set_to(LATER):
        response = at_desk(network, role).get(f"/partners/{partner.id}/missed-leads/")

    assert "Outside the service area 1" in words(response)
    assert "Radius of 60 km instead of 40 km 1 more" in words(response)


def test_a_partner_of_another_manufacturer_is_not_found_at_the_desk(
    network: Network, other_network: Network
) -> None:
    other = other_network.partner()

    assert at_desk(network).get(f"/partners/{other.id}/missed-leads/").status_code == 404


def test_many_reasons_cost_as_many_queries_as_few(network: Network) -> None:
    partner = network.partner(postal_code="86150", radius_km=40.0)
    client = _client(network, partner)
    network.lead()
    _count(LATER)
    with clock.set_to(LATER):
        few = queries_of(client, "/missed-leads/")
    for level in ("silver", "gold"):
        network.lead(required_certification=level)
    network.lead(product_lines=("boilers",))
    network.partners(9)
    _count(LATER + HOUR)

    with clock.set_to(LATER + HOUR):
        assert queries_of(client, "/missed-leads/") == few


def test_it_is_reached_from_the_account_and_from_an_empty_inbox(network: Network) -> None:
    client = _client(network, network.partner())

    for page in ("/account/", "/inbox/"):
        assert 'href="/missed-leads/"' in client.get(page).content.decode()


def test_a_caller_that_reads_for_the_desk_gets_nothing_of_other_tenants(
    network: Network, other_network: Network
) -> None:
    other = other_network.partner(postal_code="20095")
    other_network.lead()
    _count(LATER)

    with tenant_context(network.manufacturer.id):
        missed = read_missed(network.by, other.id, MARCH, zone=BERLIN, at=LATER)

    assert (missed.counted_at, missed.missed) == (None, 0)


def _own_page(network: Network, partner: Partner) -> Any:
    _count(LATER)
    return _read_own(network, partner)


def _read_own(network: Network, partner: Partner) -> Any:
    with clock.set_to(LATER):
        response = _client(network, partner).get("/missed-leads/")
    assert response.status_code == 200
    return response


def _client(network: Network, partner: Partner) -> Client:
    membership = member(network, "rep@example.com", "PARTNER_REP", partner)
    with system_context("test"):
        User.objects.filter(id=membership.user_id).update(language="en")
    return logged_in(Client(), membership)


def _count(at: datetime) -> None:
    count_due_months(at=at)


def _row(network: Network, partner: Partner) -> MissedMonth:
    with tenant_context(network.manufacturer.id):
        return MissedMonth.objects.get(partner=partner, month=MARCH)


def _offer(network: Network, lead: Any, partner: Partner) -> Any:
    return next(offer for offer in network.offers(lead) if offer.partner_id == partner.id)
