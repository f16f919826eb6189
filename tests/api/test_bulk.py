"""Many leads in one request: each by itself, in order."""

import pytest

from leads.models import Lead
from tests.api.calling import Api, lead_body
from tests.factories import Network, count_rows


def test_one_bad_lead_spoils_no_other_and_the_order_stays(api: Api, network: Network) -> None:
    network.partner()
    api.post("leads/", lead_body(external_id="known"))
    leads = [
        lead_body(external_id="first"),
        lead_body(external_id="second", country="XX"),
        lead_body(external_id="known"),
        "no lead",
        lead_body(external_id="first"),
        lead_body(external_id="third", product_lines=["rockets"]),
        lead_body(external_id="last", postal_code="00000"),
    ]

    answer = api.post("leads/bulk/", {"leads": leads})

    assert answer.status == 200
    results = answer.json["results"]
    assert [result["status"] for result in results] == [201, 400, 200, 400, 200, 400, 201]
    assert results[0]["lead"]["status"] == "OFFERED"
    assert results[4]["lead"]["id"] == results[0]["lead"]["id"]
    assert results[6]["lead"]["hold_reason"] == "UNKNOWN_POSTAL_CODE"
    assert [error["field"] for error in results[1]["errors"]] == ["country"]
    assert [error["field"] for error in results[3]["errors"]] == ["body"]
    assert [error["field"] for error in results[5]["errors"]] == ["product_lines.0"]
    assert count_rows(Lead) == 3


def test_a_bare_list_will_do(api: Api) -> None:
    assert api.post("leads/bulk/", [lead_body()]).json["results"][0]["status"] == 201


@pytest.mark.parametrize("body", [{}, [], {"leads": {}}, {"leads": [{}] * 1_001}, "x", None])
def test_what_is_no_list_of_leads_is_refused(api: Api, body: object) -> None:
    answer = api.post("leads/bulk/", body)

    assert (answer.status, answer.fields) == (400, ["leads"])


def test_more_than_a_megabyte_of_leads_fits(api: Api) -> None:
    leads = [lead_body(external_id=str(n), wish="x" * 9_000, country="XX") for n in range(130)]

    answer = api.post("leads/bulk/", {"leads": leads})

    assert answer.status == 200
    assert {result["status"] for result in answer.json["results"]} == {400}


def test_the_same_bulk_request_is_replayed(api: Api) -> None:
    key = {"Idempotency-Key": "bulk"}

    first = api.post("leads/bulk/", [lead_body()], **key)
    second = api.post("leads/bulk/", [lead_body()], **key)

    assert second.body == first.body
    assert second.headers["Idempotent-Replayed"] == "true"
