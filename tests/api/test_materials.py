"""Documents for selling by program: published, found, opened, replaced, withdrawn."""

from base64 import b64encode
from typing import Any

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from partners.materials.publishing import LARGEST_FILE
from partners.models import Material, MaterialOpening, Partner
from tests.api.calling import Api
from tests.api.calls import DOCUMENT, EDITION
from tests.core.pictures import photograph
from tests.factories import NOON, PDF, Network, count_rows


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Call at noon."""
    with clock.set_to(NOON):
        yield


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner that reads."""
    return network.partner()


@pytest.fixture
def reader(network: Network, partner: Partner) -> Api:
    """A program of the partner's."""
    return Api(network.key_for(partner))


def titles(api: Api) -> list[str]:
    return [one["title"] for one in api.get("materials/").json["results"]]


def test_a_document_is_published_and_opened(api: Api, reader: Api, network: Network) -> None:
    made = api.post("materials/", DOCUMENT)

    (found,) = reader.get("materials/").json["results"]
    (version,) = found["versions"]
    opened = reader.get(f"materials/versions/{version['id']}/")
    assert (made.status, made.json["id"]) == (201, found["id"])
    assert (found["kind"], found["product_lines"]) == ("PRICE_LIST", ["heat-pumps"])
    assert (version["format"], version["size"], version["number"]) == ("PDF", len(PDF), 1)
    assert (version["valid_from"], version["valid_until"]) == ("2026-03-02", None)
    assert opened.body == PDF
    assert opened.headers["Content-Type"] == "application/pdf"
    assert opened.headers["Content-Disposition"] == 'attachment; filename="Prices.pdf"'
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in opened.headers["Cache-Control"]
    with tenant_context(network.manufacturer.id):
        (opening,) = MaterialOpening.objects.all()
    assert (opening.found, opening.opened_at) == ("API", NOON)


def test_a_new_version_takes_the_place_of_the_old_one(api: Api, reader: Api) -> None:
    made = api.post("materials/", DOCUMENT).json
    picture = {**EDITION, "content": b64encode(photograph()).decode(), "file_name": "new.png"}

    answer = api.post(f"materials/{made['id']}/versions/", picture)

    assert answer.status == 201
    assert [version["number"] for version in answer.json["versions"]] == [2, 1]
    (version,) = reader.get(f"materials/{made['id']}/").json["versions"]
    assert (version["number"], version["file_name"], version["format"]) == (2, "new.jpg", "JPEG")


def test_a_description_is_changed_and_the_rest_stays(api: Api, reader: Api) -> None:
    made = api.post("materials/", DOCUMENT).json

    answer = api.patch(f"materials/{made['id']}/", {"title": "All prices"})

    assert answer.json == {**made, "title": "All prices"}
    assert titles(reader) == ["All prices"]


def test_a_withdrawn_document_is_gone_for_partners(api: Api, reader: Api) -> None:
    made = api.post("materials/", DOCUMENT).json
    version = made["versions"][0]["id"]

    assert api.call("DELETE", f"materials/{made['id']}/").status == 204

    assert titles(reader) == []
    assert reader.get(f"materials/{made['id']}/").status == 404
    assert reader.get(f"materials/versions/{version}/").status == 404
    assert api.get(f"materials/{made['id']}/").json["withdrawn_at"] == "2026-03-02T12:00:00Z"
    again = api.post(f"materials/{made['id']}/versions/", EDITION)
    assert (again.status, again.code) == (409, "material_withdrawn")


def test_a_version_ends(api: Api, reader: Api) -> None:
    made = api.post("materials/", {**DOCUMENT, "valid_from": "2026-03-01"}).json
    version = made["versions"][0]["id"]

    ended = api.patch(f"materials/versions/{version}/", {"valid_until": "2026-03-01"})
    assert (ended.status, titles(reader)) == (200, [])
    api.patch(f"materials/versions/{version}/", {"valid_until": None})

    assert titles(reader) == ["Prices"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": "no base64!"}, "content"),
        ({"content": b64encode(b"MZ program").decode()}, "content"),
        ({"content": ""}, "content"),
        ({"content": 5}, "content"),
        ({"kind": "NOVEL"}, "kind"),
        ({"language": "xx"}, "language"),
        ({"title": ""}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"product_lines": ["rockets"]}, "product_lines.0"),
        ({"valid_until": "2026-03-01"}, "valid_until"),
        ({"valid_from": "soon"}, "valid_from"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = api.post("materials/", {**DOCUMENT, **changes})

    assert (answer.status, answer.fields) == (400, [field])
    assert count_rows(Material) == 0


def large(size: int) -> dict[str, Any]:
    return {**DOCUMENT, "content": b64encode(PDF.ljust(size, b" ")).decode()}


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}])
def test_a_file_may_be_as_large_as_is_said_and_no_larger(api: Api, headers: dict[str, str]) -> None:
    fits = api.post("materials/", large(LARGEST_FILE), **headers)
    other = dict.fromkeys(headers, "twice")
    too_large = api.post("materials/", large(LARGEST_FILE + 1), **other)

    assert (fits.status, fits.json["versions"][0]["size"]) == (201, LARGEST_FILE)
    assert (too_large.status, too_large.fields) == (400, ["content"])


def test_a_repeated_upload_is_one_document(api: Api) -> None:
    first, again = (api.post("materials/", DOCUMENT, **{"Idempotency-Key": "1"}) for _ in range(2))

    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count_rows(Material) == 1
