"""Setting up: partners, product lines and levels in plain forms that lose nothing."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from partners.models import CertificationLevel, Partner, ProductLine
from partners.network import CertificationDetails, PartnerDetails, details_of
from tests.acting import again
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, form_of, queries_of, read, text_of

NEW = {
    "external_id": "P-77",
    "name": "Alpha Heating",
    "status": "ACTIVE",
    "language": "en",
    "email": "alpha@example.com",
    "country": "DE",
    "postal_code": "80331",
    "radius_km": "40",
    "postal_code_areas": "85\r\n90402-90409, AT:10",
    "product_lines": ["heat-pumps", "boilers"],
    "cap_open": "5",
    "weight": "70",
}
ONE_LEVEL = {
    "certifications-0-level": "gold",
    "certifications-0-product_line": "boilers",
    "certifications-0-valid_until": "2027-03-31",
}


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look at noon."""
    with clock.set_to(NOON):
        yield


def rows(total: int, initial: int = 0) -> dict[str, str]:
    """Say how many rows of certifications a form has."""
    return {
        "certifications-TOTAL_FORMS": str(total),
        "certifications-INITIAL_FORMS": str(initial),
    }


def details(partner: Partner) -> PartnerDetails:
    with tenant_context(partner.manufacturer_id):
        return details_of(Partner.objects.get(id=partner.id))


def partners_of(network: Network) -> list[Partner]:
    with tenant_context(network.manufacturer.id):
        return list(Partner.objects.order_by("external_id"))


def add(network: Network, sent: Mapping[str, Any], client: Client | None = None) -> Any:
    return (client or at_desk(network)).post("/partners/new/", sent)


def test_a_partner_is_added_whole(network: Network) -> None:
    response = add(network, {**NEW, **rows(2), **ONE_LEVEL})

    (partner,) = partners_of(network)
    assert response.headers["Location"] == f"/partners/{partner.id}/"
    found = details(partner)
    assert (found.external_id, found.name, found.city) == ("P-77", "Alpha Heating", "München")
    assert (found.radius_km, found.cap_open, found.cap_per_day, found.weight) == (40, 5, None, 70)
    assert set(found.postal_code_areas) == {"85", "90402-90409", "AT:10"}
    assert set(found.product_lines) == {"heat-pumps", "boilers"}
    assert found.certifications == [CertificationDetails("gold", "boilers", date(2027, 3, 31))]


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": ""}, "id_name", "fill this in"),
        ({"postal_code": "99999"}, "id_postal_code", "unknown"),
        ({"phone": "123"}, "id_phone", "No phone can have this number"),
        ({"postal_code_areas": "80 9-1"}, "id_postal_code_areas", "9-1:"),
        ({"latitude": "48"}, "id_longitude", "both coordinates"),
        ({"weight": "101"}, "id_weight", "100"),
        ({"email": "x"}, "id_email", "valid"),
        (
            {"certifications-1-product_line": "boilers"},
            "id_certifications-1-level",
            "Choose a level",
        ),
        ({"certifications-0-valid_until": "soon"}, "id_certifications-0-valid_until", "date"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    network: Network, wrong: dict[str, str], field: str, words: str
) -> None:
    response = add(network, {**NEW, **rows(2), **ONE_LEVEL, **wrong})

    page = text_of(response)
    assert response.status_code == 422
    assert "Nothing was saved yet" in page
    assert re.search(rf'id="{field}_error".{{0,600}}{words}', page), words
    assert partners_of(network) == []
    again_sent = form_of(page)
    assert again_sent["email"] == wrong.get("email", NEW["email"])
    assert again_sent["certifications-0-level"] == "gold"
    assert set(again_sent["product_lines"]) == {"heat-pumps", "boilers"}


def test_a_number_that_is_in_use_is_refused(network: Network) -> None:
    network.partner(external_id="P-77", name="Before")

    response = add(network, {**NEW, **rows(0)})

    assert response.status_code == 422
    assert re.search(r'id="id_external_id_error".{0,600}change that one', text_of(response))
    assert [partner.name for partner in partners_of(network)] == ["Before"]


def test_saving_a_form_as_it_is_changes_nothing(network: Network) -> None:
    partner = network.partner(
        latitude=48.2,
        longitude=11.7,
        radius_km=42.5,
        postal_code_areas=("85", "90402-90409"),
        regions=("DE-BE", "AT-9"),
        product_lines=("boilers", "heat-pumps"),
        certifications=[
            CertificationDetails("silver"),
            CertificationDetails("gold", "boilers", date(2027, 3, 31)),
        ],
        phone="+498999998123",
        cap_per_week=9,
        weight=20,
    )
    before = details(partner)
    client = at_desk(network)

    sent = form_of(read(client, f"/partners/{partner.id}/edit/"))
    response = client.post(f"/partners/{partner.id}/edit/", sent)

    assert response.status_code == 302, text_of(response)
    assert details(partner) == before


def test_who_saves_second_is_told_and_nothing_is_lost_unseen(network: Network) -> None:
    partner = network.partner(name="Before")
    address = f"/partners/{partner.id}/edit/"
    client = at_desk(network)
    sent = form_of(read(client, address))

    client.post(address, {**sent, "weight": "90"})
    late = client.post(address, {**sent, "name": "After"})

    assert late.status_code == 422
    assert "Somebody else changed this partner" in text_of(late)
    assert (again(partner).name, again(partner).weight) == ("Before", 90)
    client.post(address, form_of(text_of(late)))
    assert again(partner).name == "After"


def test_who_corrects_a_field_first_is_told_all_the_same(network: Network) -> None:
    partner = network.partner(name="Before")
    address = f"/partners/{partner.id}/edit/"
    client = at_desk(network)
    sent = form_of(read(client, address))

    client.post(address, {**sent, "weight": "90"})
    wrong = client.post(address, {**sent, "weight": "101"})
    late = client.post(address, {**form_of(text_of(wrong)), "weight": "10"})

    assert (wrong.status_code, late.status_code) == (422, 422)
    assert "Somebody else changed this partner" in text_of(late)
    assert again(partner).weight == 90


def test_a_partner_that_moves_is_found_at_its_new_place(network: Network) -> None:
    partner = network.partner(latitude=48.2, longitude=11.7)
    client = at_desk(network)

    sent = form_of(read(client, f"/partners/{partner.id}/edit/"))
    client.post(f"/partners/{partner.id}/edit/", {**sent, "postal_code": "10115"})

    moved = again(partner)
    assert (moved.city, round(moved.latitude, 1)) == ("Berlin", 52.5)


def test_coordinates_that_follow_from_the_postal_code_are_not_asked_for_again(
    network: Network,
) -> None:
    partner = network.partner()

    sent = form_of(read(at_desk(network), f"/partners/{partner.id}/edit/"))

    assert (sent["latitude"], sent["longitude"]) == ("", "")


def test_levels_are_taken_away_and_added_in_rows(network: Network) -> None:
    partner = network.partner(
        certifications=[CertificationDetails("silver"), CertificationDetails("gold", "boilers")]
    )
    client = at_desk(network)

    sent = form_of(read(client, f"/partners/{partner.id}/edit/"))
    changed = {
        "certifications-0-level": "",
        "certifications-2-level": "gold",
        "certifications-2-product_line": "heat-pumps",
    }
    client.post(f"/partners/{partner.id}/edit/", {**sent, **changed})

    assert sent["certifications-TOTAL_FORMS"] == "4"
    assert details(partner).certifications == [
        CertificationDetails("gold", "boilers"),
        CertificationDetails("gold", "heat-pumps"),
    ]


def test_a_region_that_has_no_name_here_is_kept(network: Network) -> None:
    partner = network.partner(regions=("FR-67",))
    client = at_desk(network)

    sent = form_of(read(client, f"/partners/{partner.id}/edit/"))
    client.post(f"/partners/{partner.id}/edit/", {**sent, "regions": [sent["regions"], "DE-BE"]})

    assert set(details(partner).regions) == {"FR-67", "DE-BE"}


def test_product_lines_are_added_and_renamed(network: Network) -> None:
    client = at_desk(network)

    client.post("/set-up/add-product-line/", {"name": "Windows", "code": "windows"})
    client.post("/set-up/product-lines/boilers/", {"name": "Gas boilers"})

    page = read(client, "/set-up/")
    assert "Windows" in page
    assert "Gas boilers" in page
    with tenant_context(network.manufacturer.id):
        assert ProductLine.objects.get(code="boilers").name == "Gas boilers"


def test_levels_are_added_and_moved(network: Network) -> None:
    client = at_desk(network)

    client.post("/set-up/add-level/", {"name": "Platinum", "code": "platinum", "rank": "5"})
    client.post("/set-up/levels/silver/", {"name": "Silver", "rank": "9"})

    page = read(client, "/set-up/")
    with tenant_context(network.manufacturer.id):
        ranks = dict(CertificationLevel.objects.values_list("code", "rank"))
    assert ranks == {"silver": 9, "gold": 2, "platinum": 5}
    assert page.index("Silver") < page.index("Platinum") < page.index("Gold")


def test_a_rank_that_another_level_has_is_warned_of_once(network: Network) -> None:
    client = at_desk(network)
    sent = {"name": "Bronze", "code": "bronze", "rank": "2"}

    warned = text_of(client.post("/set-up/add-level/", sent))
    changed = client.post("/set-up/add-level/", {**form_of(warned), "rank": "1"})
    meant = client.post("/set-up/add-level/", form_of(warned))
    renamed = client.post("/set-up/levels/bronze/", {"name": "Bronze+", "rank": "2"})

    assert re.search(r'id="id_rank_error".{0,600}“Gold” has this rank too', warned)
    assert changed.status_code == 422
    assert "“Silver” has this rank too" in text_of(changed)
    assert (meant.status_code, renamed.status_code) == (302, 302)
    with tenant_context(network.manufacturer.id):
        level = CertificationLevel.objects.get(code="bronze")
    assert (level.name, level.rank) == ("Bronze+", 2)


@pytest.mark.parametrize(
    ("address", "sent", "field"),
    [
        ("add-product-line/", {"name": "Other", "code": "boilers"}, "id_code"),
        ("add-product-line/", {"name": "Other", "code": "with space"}, "id_code"),
        ("add-product-line/", {"name": "", "code": "other"}, "id_name"),
        ("add-level/", {"name": "Other", "code": "gold", "rank": "3"}, "id_code"),
        ("add-level/", {"name": "Other", "code": "other", "rank": "high"}, "id_rank"),
        ("levels/gold/", {"name": "Gold", "rank": "5000"}, "id_rank"),
    ],
)
def test_words_that_cannot_be_are_refused_at_their_field(
    network: Network, address: str, sent: dict[str, str], field: str
) -> None:
    response = at_desk(network).post(f"/set-up/{address}", sent)

    assert response.status_code == 422
    assert f'id="{field}_error"' in text_of(response)
    with tenant_context(network.manufacturer.id):
        assert ProductLine.objects.get(code="boilers").name == "Boilers"
        assert CertificationLevel.objects.get(code="gold").rank == 2


@pytest.mark.parametrize("path", ["product-lines/none/", "levels/none/"])
def test_what_is_not_there_is_not_found(network: Network, path: str) -> None:
    assert at_desk(network).get(f"/set-up/{path}").status_code == 404


@pytest.mark.parametrize("role", ["DISPATCHER", "ANALYST"])
def test_others_than_administrators_set_nothing_up(network: Network, role: str) -> None:
    client = at_desk(network, role)

    page = read(client, "/set-up/")

    assert "Your administrators change what stands here." in page
    assert "add-product-line" not in page
    for path in (
        "/partners/new/",
        "/set-up/add-product-line/",
        "/set-up/add-level/",
        "/set-up/product-lines/boilers/",
        "/set-up/levels/gold/",
    ):
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "x", "code": "x", "rank": "1"}).status_code == 404


def test_ten_lines_take_no_more_queries_than_one(network: Network) -> None:
    client = at_desk(network)
    few = queries_of(client, "/set-up/")
    for number in range(10):
        client.post("/set-up/add-product-line/", {"name": f"L{number}", "code": f"l{number}"})

    read(client, "/set-up/")
    assert queries_of(client, "/set-up/") == few
