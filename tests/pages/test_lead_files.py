"""Photographs and documents of a lead, from the phone and at the desk."""

from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.attachments import add_attachment
from leads.models import Assignment, LeadAttachment, LeadDisclosure
from partners.models import Partner
from tests.acting import holder_of
from tests.core.pictures import CAMERA, photograph
from tests.factories import PDF, Network, count_rows
from tests.pages.desks import at_desk, read
from tests.pages.phones import SOON, Phone, counted, hold, path_of, phone_of


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    """Look a minute after the lead was accepted."""
    with clock.set_to(SOON):
        yield


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner that holds leads."""
    return network.partner()


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    """The phone of somebody of the partner."""
    return phone_of(network, partner)


@pytest.fixture
def held(network: Network, partner: Partner) -> Assignment:
    """A lead that the partner holds."""
    return hold(network)


def picture(name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photograph())


def kept_on(held: Assignment) -> LeadAttachment:
    with tenant_context(held.manufacturer_id):
        return LeadAttachment.objects.get(lead=held.lead_id)


def test_a_photograph_stands_on_the_lead_and_is_looked_at(
    network: Network, held: Assignment, phone: Phone
) -> None:
    answer = phone.send(path_of(held, "files"), photo=picture())

    kept = kept_on(held)
    page = phone.open(path_of(held))
    assert (answer.status_code, answer.headers["Location"]) == (302, path_of(held))
    assert "Stored with the lead." in page
    assert f'src="/files/{kept.id}/?preview"' in page
    opened = [phone.ask(f"/files/{kept.id}/"), phone.ask(f"/files/{kept.id}/?preview")]
    at_the_desk = at_desk(network).get(f"/leads/files/{kept.id}/")
    for one in (*opened, at_the_desk):
        assert one.headers["Content-Type"] == "image/jpeg"
        assert one.headers["Content-Disposition"].startswith("attachment")
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in one.headers["Cache-Control"]
        assert CAMERA.encode() not in one.content
    assert opened[0].content == at_the_desk.content != opened[1].content


def test_several_files_are_added_at_once_and_what_is_wrong_is_said(
    held: Assignment, phone: Phone
) -> None:
    files = [picture(), SimpleUploadedFile("Plan.pdf", PDF), SimpleUploadedFile("x.exe", b"MZ")]

    phone.send(path_of(held, "files"), file=files)

    page = phone.open(path_of(held))
    assert count_rows(LeadAttachment) == 2
    assert "IMG_1.jpg" in page
    assert "Plan.pdf" in page
    assert "x.exe: This is none of the formats that are taken: PDF, JPEG, PNG, WEBP." in page


def test_nothing_chosen_is_said(held: Assignment, phone: Phone) -> None:
    phone.send(path_of(held, "files"))

    assert "Take a photo or choose a file first." in phone.open(path_of(held))


def test_a_file_is_taken_back(held: Assignment, phone: Phone) -> None:
    phone.send(path_of(held, "files"), photo=picture())

    answer = phone.send(f"/files/{kept_on(held).id}/remove/")

    assert (answer.status_code, answer.headers["Location"]) == (302, path_of(held))
    assert count_rows(LeadAttachment) == 0


def test_nobody_elses_phone_finds_it(network: Network, held: Assignment, phone: Phone) -> None:
    phone.send(path_of(held, "files"), photo=picture())
    address = f"/files/{kept_on(held).id}/"
    rival = phone_of(network, network.partner(name="Rival"))

    assert rival.ask(address).status_code == 404
    assert rival.send(f"{address}remove/").status_code == 404
    assert rival.send(path_of(held, "files"), photo=picture()).status_code == 404
    phone.send(path_of(held, "return"), reason="OTHER")
    assert phone.ask(address).status_code == 404
    assert count_rows(LeadAttachment) == 1


def test_the_desk_sees_who_added_what(network: Network, held: Assignment, phone: Phone) -> None:
    phone.send(path_of(held, "files"), photo=picture())

    page = read(at_desk(network), f"/leads/{held.lead_id}/")

    assert "Photos and files" in page
    assert "IMG_1.jpg" in page


def test_looking_at_a_file_is_seeing_the_customers_data(
    network: Network, held: Assignment, phone: Phone
) -> None:
    phone.send(path_of(held, "files"), photo=picture())
    analyst = at_desk(network, "ANALYST")

    analyst.get(f"/leads/files/{kept_on(held).id}/")

    with tenant_context(network.manufacturer.id):
        seen = LeadDisclosure.objects.filter(lead=held.lead_id, partner=None)
        assert seen.count() == 1


def test_asks_the_database_as_often_for_many_as_for_one(held: Assignment, phone: Phone) -> None:
    phone.open(path_of(held))
    counts = []
    for number in range(10):
        content = PDF + str(number).encode()
        add_attachment(
            assignment=held, content=content, file_name="a.pdf", by=holder_of(held), at=SOON
        )
        if number in (0, 9):
            with counted() as queries:
                phone.open(path_of(held))
            counts.append(len(queries))

    assert counts[0] == counts[1]
