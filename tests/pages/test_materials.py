"""Documents at the desk and in a partner's library."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from partners.materials.publishing import Edition, add_material, add_version
from partners.models import Material, MaterialOpening, MaterialVersion, Partner
from tests.factories import NOON, PDF, Network, count_rows
from tests.pages.desks import at_desk, queries_of, read, text_of
from tests.pages.phones import SOON, Phone, counted, hold, path_of, phone_of

DESK = "/set-up/materials/"
SENT = {"title": "Prices 2026", "kind": "PRICE_LIST", "language": "de"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """Look at noon."""
    with clock.set_to(SOON):
        yield


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner with a phone."""
    return network.partner()


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner, who reads English."""
    return phone_of(network, partner)


@pytest.fixture
def desk(network: Network) -> Client:
    """The desk of an administrator."""
    return at_desk(network)


def pdf(content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile("Preise.pdf", content)


def publish(network: Network, title: str, *lines: str, **changes: Any) -> Material:
    known: dict[str, Any] = {"language": "de", "valid_from": NOON.date(), **changes}
    return add_material(
        title=title,
        kind="BROCHURE",
        product_lines=lines,
        edition=Edition(PDF, "Preise.pdf", **known),
        by=network.by,
        at=NOON,
    )


def version_of(material: Material) -> MaterialVersion:
    with tenant_context(material.manufacturer_id):
        return MaterialVersion.objects.filter(material=material).order_by("-number")[0]


def test_a_document_is_published_and_stands_in_the_library(desk: Client, phone: Phone) -> None:
    assert "No documents yet" in read(desk, DESK)

    response = desk.post(f"{DESK}new/", {**SENT, "product_lines": ["heat-pumps"], "file": pdf()})

    assert response.status_code == 302
    assert "Prices 2026" in read(desk, DESK)
    assert "Holds today" in read(desk, response.headers["Location"])
    library = phone.open("/materials/")
    assert "Prices 2026" in library
    assert "Price list · PDF · 1 KB · German" in " ".join(library.split())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file": pdf(b"MZ program")}, "This is none of the formats that are taken"),
        ({"file": ""}, "Please fill this in."),
        ({"valid_until": "2026-03-01"}, "The last day must not lie before the first."),
        ({"title": ""}, "Please fill this in."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    desk: Client, changes: dict[str, Any], said: str
) -> None:
    response = desk.post(f"{DESK}new/", {**SENT, "file": pdf(), **changes})

    assert response.status_code == 422
    assert said in text_of(response)
    assert count_rows(Material) == 0


def test_a_form_larger_than_any_file_is_refused_unread(desk: Client) -> None:
    response = desk.post(f"{DESK}new/", {"file": "x"}, CONTENT_LENGTH=str(10**9))

    assert response.status_code == 413


def test_the_desk_sees_how_often_a_version_was_opened(
    network: Network, desk: Client, phone: Phone
) -> None:
    material = publish(network, "Prices")
    version = version_of(material)
    assert "Not opened by any partner yet" in read(desk, f"{DESK}{material.id}/")

    phone.ask(f"/materials/{version.id}/")
    answer = phone.ask(f"/materials/{version.id}/")
    desk.get(f"{DESK}versions/{version.id}/")

    assert answer.content == PDF
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Preise.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Opened 2 times, by 1 partner" in read(desk, f"{DESK}{material.id}/")


def test_a_withdrawn_document_vanishes(network: Network, desk: Client, phone: Phone) -> None:
    material = publish(network, "Prices")
    version = version_of(material)

    desk.post(f"{DESK}{material.id}/withdraw/")

    assert "Prices" not in phone.open("/materials/")
    assert phone.ask(f"/materials/{version.id}/").status_code == 404
    assert "Withdrawn" in read(desk, DESK)


def test_the_library_is_searched_by_words_and_by_line(
    network: Network, partner: Partner, phone: Phone
) -> None:
    publish(network, "Pumps of the year", "heat-pumps")
    publish(network, "Boilers of the year", "boilers")

    def titles(query: str) -> set[str]:
        page = phone.open(f"/materials/?{query}")
        return {title for title in ("Pumps", "Boilers") if f"{title} of the year" in page}

    assert titles("") == {"Pumps", "Boilers"}
    assert titles("q=year+pumps") == {"Pumps"}
    assert titles("line=boilers") == {"Boilers"}
    assert titles("line=unknown") == {"Pumps", "Boilers"}
    assert titles("q=" + "x" * 500) == {"Pumps", "Boilers"}
    assert "Nothing found" in phone.open("/materials/?q=windows")


def test_the_latest_of_the_leads_lines_stands_on_its_page(
    network: Network, partner: Partner, phone: Phone
) -> None:
    pumps = publish(network, "Pumps", "heat-pumps")
    publish(network, "Boilers", "boilers")
    publish(network, "Everything")
    publish(network, "Next year", valid_from=NOON.date() + timedelta(days=9))
    english = Edition(PDF, "Prices.pdf", "en", NOON.date())
    add_version(material=pumps, edition=english, by=network.by, at=NOON)
    held = hold(network)

    page = phone.open(path_of(held))

    titles = ("Pumps", "Boilers", "Everything", "Next year")
    assert [title for title in titles if title in page] == ["Pumps", "Everything"]
    with tenant_context(network.manufacturer.id):
        version = MaterialVersion.objects.get(material=pumps, language="en")
    address = f"/materials/{version.id}/?from=lead"
    assert address in page
    phone.ask(address)
    with tenant_context(network.manufacturer.id):
        assert MaterialOpening.objects.get().found == "LEAD"


def test_asks_the_database_as_often_for_many_as_for_one(
    network: Network, desk: Client, partner: Partner, phone: Phone
) -> None:
    held = hold(network)
    phone.open(path_of(held))
    counts = []
    for number in range(10):
        publish(network, f"Document {number}", "heat-pumps")
        if number in (0, 9):
            with counted() as library:
                phone.open("/materials/")
            with counted() as lead:
                phone.open(path_of(held))
            counts.append((queries_of(desk, DESK), len(library), len(lead)))

    assert counts[0] == counts[1]
