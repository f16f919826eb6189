"""The directory of partners, and each partner's own page."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from partners import directory
from partners.models import Partner
from partners.network import CertificationDetails
from tests.acting import accepted_lead, again, member
from tests.factories import NOON, Network
from tests.pages.acting import by_script, logged_in
from tests.pages.desks import at_desk, queries_of, read, text_of

TODAY = NOON.date()


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look at noon."""
    with clock.set_to(NOON):
        yield


def places_of(page: str, name: str) -> list[dict[str, Any]]:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page)
    assert found is not None
    places: list[dict[str, Any]] = json.loads(found[1])
    return places


def test_partners_stand_in_a_list_and_on_a_map(network: Network) -> None:
    partner = network.partner(name="Alpha Heating", external_id="A-1")
    accepted_lead(network)

    page = read(at_desk(network), "/partners/")

    assert "1 partner<" in page
    assert f'href="/partners/{partner.id}/">Alpha Heating</a>' in page
    assert "80331 München" in page
    assert re.search(r'data-label="Leads in hand">1<', page)
    assert re.search(r'data-label="Accepted, 90 days"> 1 of 1 <', page)
    (place,) = places_of(page, "partners-map")
    assert (place["label"], place["href"]) == ("Alpha Heating", f"/partners/{partner.id}/")
    assert round(place["lat"], 2) == 48.13


def test_a_search_stands_in_the_address_and_in_its_fields(network: Network) -> None:
    network.partner(name="Alpha Heating")
    network.partner(name="Beta Boilers", status="PAUSED")

    page = read(at_desk(network), "/partners/?q=b&status=PAUSED")

    assert "Beta Boilers" in page
    assert "Alpha Heating" not in page
    assert re.search(r'<input[^>]*name="q"[^>]*value="b"', page)
    assert '<option value="PAUSED" selected>' in page


@pytest.mark.parametrize("query", ["status=UNKNOWN", "area=XX", "cell=x", "page=99", "q=%00"])
def test_a_wish_that_cannot_be_is_passed_over(network: Network, query: str) -> None:
    network.partner(name="Alpha Heating")

    assert "Alpha Heating" in read(at_desk(network), f"/partners/?{query}")


def test_nobody_found_and_nobody_there_are_said_apart(network: Network) -> None:
    client = at_desk(network)

    assert "No partners yet" in read(client, "/partners/")
    assert "No partner is like that" in read(client, "/partners/?q=nobody")


def test_pages_have_25_partners_and_keep_the_search(network: Network) -> None:
    for number in range(26):
        network.partner(name=f"Dealer {number:02}")

    page = read(at_desk(network), "/partners/?q=dealer")

    assert "Dealer 24" in page[: page.index("partners-map")]
    assert page.count('<td role="cell" class="lead-cell">') == 25
    assert 'href="?q=dealer&page=2"' in page
    assert len(places_of(page, "partners-map")) == 26


def test_too_many_for_pins_are_counted_and_lead_to_those_around(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PINS_AT_MOST", 2)
    network.partners(2)
    network.partner(name="Far away", postal_code="10115")
    client = at_desk(network)

    page = read(client, "/partners/?status=ACTIVE")
    place = next(place for place in places_of(page, "partners-map") if "München" in place["label"])
    nearer = read(client, place["href"])

    assert (place["kind"], place["count"], place["label"]) == (
        "cluster",
        "2",
        "2 partners around München",
    )
    assert "Far away" in page
    assert "Far away" not in nearer
    assert "Only a part of the map" in nearer
    assert 'href="?status=ACTIVE"' in nearer


def test_a_script_gets_what_was_found_alone(network: Network) -> None:
    network.partner(name="Alpha Heating")
    client = at_desk(network)

    part = text_of(client.get("/partners/?q=alpha", headers=by_script("/partners/")))

    assert part.startswith('<div id="found"')
    assert "Alpha Heating" in part


def test_only_administrators_are_offered_to_add_partners(network: Network) -> None:
    assert 'href="/partners/new/"' in read(at_desk(network), "/partners/")
    for role in ("DISPATCHER", "ANALYST"):
        assert 'href="/partners/new/"' not in read(at_desk(network, role), "/partners/")


def test_ten_partners_take_no_more_queries_than_one(network: Network) -> None:
    client = at_desk(network)
    network.partner()
    accepted_lead(network)

    one = queries_of(client, "/partners/")
    network.partners(9, certifications=[CertificationDetails("gold")])
    ten = queries_of(client, "/partners/")

    assert one == ten


def test_a_partners_page_says_where_it_works_and_what_it_holds(network: Network) -> None:
    partner = network.partner(
        name="Alpha Heating",
        radius_km=60.0,
        postal_code_areas=("85", "90402-90409"),
        regions=("DE-BE",),
        cap_open=7,
        certifications=[
            CertificationDetails("silver", valid_until=TODAY - timedelta(days=1)),
            CertificationDetails("gold", "heat-pumps", TODAY),
            CertificationDetails("gold", "boilers", TODAY + timedelta(days=100)),
        ],
    )

    page = read(at_desk(network), f"/partners/{partner.id}/")

    assert "Within 60 km of München" in page
    assert "Postal codes 85, 90402-90409" in page
    assert "Berlin" in page
    assert places_of(page, "area-map")[0]["radiusKm"] == 60
    assert "Ended on 1 Mar 2026" in page
    assert "Ends on 2 Mar 2026" in page
    assert "until 10 Jun 2026" in page
    assert re.search(r"Leads in hand at a time</dt>\s*<dd[^>]*>7</dd>", page)


def test_a_partner_without_area_or_product_is_pointed_out(network: Network) -> None:
    partner = network.partner(radius_km=None, product_lines=())

    page = read(at_desk(network), f"/partners/{partner.id}/")

    assert "Nowhere yet" in page
    assert "Nothing yet: without a product line" in page


def test_a_partners_page_shows_its_figures_people_and_leads(
    network: Network, other_network: Network
) -> None:
    partner, other = network.partner(), network.partner(postal_code="10115")
    member(network, "rita@partner.example", "PARTNER_REP", partner)
    mine = accepted_lead(network)

    page = read(at_desk(network), f"/partners/{partner.id}/")

    assert "Rita" in page
    assert "0 of 1 leads" in page
    assert f'href="/leads/{mine.lead_id}/"' in page
    assert f'href="/leads/{mine.lead_id}/"' not in read(at_desk(network), f"/partners/{other.id}/")


def test_ten_leads_of_a_partner_take_no_more_queries_than_one(network: Network) -> None:
    client = at_desk(network)
    partner = network.partner(certifications=[CertificationDetails("gold")])
    member(network, "rep0@partner.example", "PARTNER_REP", partner)
    accepted_lead(network)

    one = queries_of(client, f"/partners/{partner.id}/")
    for number in range(1, 10):
        accepted_lead(network)
        member(network, f"rep{number}@partner.example", "PARTNER_REP", partner)
    ten = queries_of(client, f"/partners/{partner.id}/")

    assert one == ten


def test_a_strangers_partner_is_not_found(network: Network, other_network: Network) -> None:
    stranger = other_network.partner()

    for path in ("", "edit/"):
        assert at_desk(network).get(f"/partners/{stranger.id}/{path}").status_code == 404


def test_a_partner_pauses_and_takes_part_again(network: Network) -> None:
    partner = network.partner()
    client = at_desk(network)

    client.post(f"/partners/{partner.id}/status/", {"status": "PAUSED"})
    paused = read(client, f"/partners/{partner.id}/")
    assert again(partner).status == Partner.Status.PAUSED
    client.post(f"/partners/{partner.id}/status/", {"status": "ACTIVE"})

    assert 'value="ACTIVE"' in paused
    assert again(partner).status == Partner.Status.ACTIVE


def test_nobody_leaves_by_a_click(network: Network) -> None:
    partner = network.partner()

    at_desk(network).post(f"/partners/{partner.id}/status/", {"status": "LEFT"})

    assert again(partner).status == Partner.Status.ACTIVE


@pytest.mark.parametrize("role", ["DISPATCHER", "ANALYST"])
def test_others_than_administrators_read_only(network: Network, role: str) -> None:
    partner = network.partner()
    client = at_desk(network, role)

    page = read(client, f"/partners/{partner.id}/")

    assert "/edit/" not in page
    assert "/status/" not in page
    assert client.get(f"/partners/{partner.id}/edit/").status_code == 404
    assert client.post(f"/partners/{partner.id}/status/", {"status": "PAUSED"}).status_code == 404
    assert again(partner).status == Partner.Status.ACTIVE


def test_partners_do_not_see_each_other(network: Network, client: Client) -> None:
    partner = network.partner()
    rep = member(network, "rep@partner.example", "PARTNER_REP", partner)
    logged_in(client, rep)

    for address in ("/partners/", f"/partners/{partner.id}/", "/partners/new/", "/set-up/"):
        assert client.get(address).status_code == 404


def test_filters_fold_behind_a_button_that_counts_them(network: Network) -> None:
    network.partner()
    client = at_desk(network)

    plain = read(client, "/partners/")
    narrowed = read(client, "/partners/?q=part&status=ACTIVE&product_line=heat-pumps")

    button = r'popovertarget="filter-sheet" aria-haspopup="dialog"[^>]*>.*?Filters(.*?)</button>'
    (without,), (with_count,) = re.findall(button, plain), re.findall(button, narrowed)
    assert not re.search("[0-9]", without)
    assert re.findall(">([0-9]+)<", with_count) == ["2"]


def test_the_search_of_the_directory_stands_in_the_bar_and_belongs_to_the_filters(
    network: Network,
) -> None:
    page = read(at_desk(network), "/partners/?q=hub")

    bar = page[page.index("<header") : page.index("</header>")]
    (field,) = re.findall(r'<input type="search"[^>]*>', bar)
    assert 'name="q"' in field
    assert 'form="filters"' in field
    assert 'value="hub"' in field
