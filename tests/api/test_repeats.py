"""``Idempotency-Key``: the same request again gets the first answer again, and acts once."""

from datetime import datetime, timedelta

import pytest
from django.db import connections

from leadhub.core import clock
from leadhub.core.api.idempotency import Repeatable
from leadhub.core.models import IdempotentAnswer
from leadhub.core.tenancy.context import tenant_context
from leads.models import Lead, LeadOffer
from partners.keys import issue_key
from partners.models import ApiKey
from tests.api.calling import Api, lead_body
from tests.factories import NOON, Network, count_rows

KEY = {"Idempotency-Key": "7f1c"}


def test_the_same_request_replays_the_first_answer(api: Api, network: Network) -> None:
    network.partner()
    first = api.post("leads/", lead_body(), **KEY)
    api.post(f"leads/{first.json['id']}/withdraw/")

    second = api.post("leads/", lead_body(), **KEY)

    assert (first.status, second.status) == (201, 201)
    assert second.body == first.body
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert count_rows(Lead) == 1


def test_another_body_with_the_same_key_is_refused(api: Api) -> None:
    api.post("leads/", lead_body(), **KEY)

    answer = api.post("leads/", lead_body(external_id="CRM-2"), **KEY)

    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert count_rows(Lead) == 1


def test_another_address_with_the_same_key_is_refused(api: Api) -> None:
    lead_id = api.post("leads/", lead_body(), **KEY).json["id"]

    assert api.post(f"leads/{lead_id}/withdraw/", **KEY).status == 422


def test_a_key_of_one_program_is_none_of_anothers(
    api: Api, other_api: Api, network: Network
) -> None:
    api.post("leads/", lead_body(), **KEY)

    assert other_api.post("leads/", lead_body(external_id="X"), **KEY).status == 201


def test_a_key_of_one_program_is_none_of_another_ones_of_the_same_manufacturer(
    api: Api, network: Network
) -> None:
    second = Api(issue_key(name="second", by=network.by, at=NOON))
    first = api.post("leads/", lead_body(), **KEY)

    same = second.post("leads/", lead_body(), **KEY)

    assert (first.status, same.status) == (201, 200)
    assert "Idempotent-Replayed" not in same.headers


def test_a_partners_answer_is_replayed_to_no_other_partner(network: Network) -> None:
    program, offer = _offered(network)
    rival = Api(network.key_for(network.partner(postal_code="20095", regions=())))
    accepted = program.post(f"offers/{offer.id}/accept/", **KEY)

    answer = rival.post(f"offers/{offer.id}/accept/", **KEY)

    assert (accepted.status, answer.status) == (200, 404)
    assert b"erika@example.com" not in answer.body


def test_a_refused_request_may_be_corrected_under_the_same_key(api: Api) -> None:
    refused = api.post("leads/", lead_body(country="XX"), **KEY)
    corrected = api.post("leads/", lead_body(), **KEY)

    assert (refused.status, corrected.status) == (400, 201)


def test_an_answer_is_replayed_for_seven_days(api: Api, now: datetime) -> None:
    api.post("leads/", lead_body(), **KEY)

    with clock.set_to(now + timedelta(days=7)):
        before = api.post("leads/", lead_body(), **KEY)
    with clock.set_to(now + timedelta(days=7, seconds=1)):
        after = api.post("leads/", lead_body(), **KEY)

    assert (before.status, after.status) == (201, 200)
    assert "Idempotent-Replayed" not in after.headers


def test_a_key_without_end_is_refused(api: Api) -> None:
    answer = api.post("leads/", lead_body(), **{"Idempotency-Key": "x" * 256})

    assert (answer.status, answer.fields) == (400, ["Idempotency-Key"])


def test_a_new_keys_secret_is_stored_nowhere_and_shown_once(api: Api, network: Network) -> None:
    path = f"partners/{network.partner().id}/api-keys/"
    before = count_rows(ApiKey)

    first = api.post(path, {"name": "CRM"}, **KEY)
    second = api.post(path, {"name": "CRM"}, **KEY)

    assert (first.status, second.status) == (201, 201)
    assert first.json["key"].startswith("lh_")
    assert second.json == {**first.json, "key": None}
    assert count_rows(ApiKey) == before + 1
    with tenant_context(network.manufacturer.id):
        stored = bytes(IdempotentAnswer.objects.get().body)
    assert first.json["key"].encode() not in stored


def test_an_acceptance_is_replayed_as_long_as_the_partner_holds_the_lead(
    network: Network,
) -> None:
    program, offer = _offered(network)

    first = program.post(f"offers/{offer.id}/accept/", **KEY)
    second = program.post(f"offers/{offer.id}/accept/", **KEY)

    assert (first.status, second.status) == (200, 200)
    assert second.body == first.body
    assert second.json["contact"]["email"] == "erika@example.com"
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("end", ["reroute", "return", "erase"])
def test_no_answer_shows_a_contact_to_whom_it_is_no_business_any_more(
    network: Network, api: Api, end: str
) -> None:
    program, offer = _offered(network)
    accepted = program.post(f"offers/{offer.id}/accept/", **KEY).json
    assignment = program.get("assignments/").json["results"][0]["id"]
    work = {"Idempotency-Key": "work"}
    program.post(f"assignments/{assignment}/feedback/", {"status": "REACHED"}, **work)

    if end == "return":
        program.post(f"assignments/{assignment}/return/", {"reason": "OTHER"})
    else:
        api.post(f"leads/{accepted['id']}/{end}/")
    answers = [
        program.post(f"offers/{offer.id}/accept/", **KEY),
        program.post(f"assignments/{assignment}/feedback/", {"status": "REACHED"}, **work),
    ]

    assert "erika@example.com" in str(accepted)
    for answer in answers:
        assert b"erika@example.com" not in answer.body
        assert "Idempotent-Replayed" not in answer.headers


def test_what_was_erased_is_replayed_to_nobody(api: Api) -> None:
    first = api.post("leads/", lead_body(), **KEY)
    bulk = {"Idempotency-Key": "bulk"}
    body = {"leads": [lead_body(external_id="CRM-2")]}
    many = api.post("leads/bulk/", body, **bulk)
    for lead_id in (first.json["id"], many.json["results"][0]["lead"]["id"]):
        api.post(f"leads/{lead_id}/erase/")

    again = api.post("leads/", lead_body(), **KEY)
    many_again = api.post("leads/bulk/", body, **bulk)

    assert (first.status, again.status) == (201, 200)
    assert again.json["contact"] is None
    assert many_again.json["results"][0]["lead"]["contact"] is None


def _offered(network: Network) -> tuple[Api, LeadOffer]:
    """A program of a partner, and an offer to it."""
    partner = network.partner()
    (offer,) = network.offers(network.lead(at=clock.now()))
    return Api(network.key_for(partner)), offer


@pytest.mark.usefixtures("committed")
def test_a_request_that_still_runs_is_not_run_a_second_time() -> None:
    network = Network()
    api = Api(network.api_key)
    with tenant_context(network.manufacturer.id):
        key = ApiKey.objects.get()
    running = Repeatable(network.manufacturer.id, key.id, KEY["Idempotency-Key"], b"", NOON)
    another = Api(issue_key(name="another", by=network.by, at=NOON))

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [running.lock])
        meanwhile = api.post("leads/", lead_body(), **KEY)
        of_another = another.post("leads/", lead_body(external_id="X"), **KEY)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [running.lock])
    afterwards = [api.post("leads/", lead_body(), **KEY).status for _ in range(2)]

    assert (meanwhile.status, meanwhile.code) == (409, "idempotency_key_in_use")
    assert of_another.status == 201
    assert afterwards == [201, 201]
