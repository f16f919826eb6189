"""The OpenAPI document, and the pages around it."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from leads.api import words
from leads.matching import STRATEGIES
from leads.models import assignments, leads, offers, policies
from partners.api.serializers import STATUSES
from partners.models import Partner
from tests.api.calling import Api, lead_body
from tests.api.contract import document

# A request looks after the connection that an earlier one has left.
pytestmark = pytest.mark.django_db


def test_the_document_is_valid_and_made_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())

    OpenAPIV31SpecValidator(document()).validate()


def test_the_document_needs_no_key_and_says_that_calls_do(client: Client) -> None:
    published = client.get("/api/schema/")

    assert published.status_code == 200
    assert published.json()["openapi"].startswith("3.1")
    assert {
        str(operation["security"])
        for path in document()["paths"].values()
        for operation in path.values()
    } == {"[{'apiKey': []}]"}


def test_the_browsable_document_asks_no_outside_host(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    script = client.get("/api/docs/?script=").content.decode()

    assert "swagger-ui" in page
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        static = client.get(address)
        static.close()
        assert static.status_code == 200, address
    assert "https://" not in page.replace("http://testserver", "")
    assert '"validatorUrl": null' in script


def test_what_may_be_left_out_may_be_null_as_the_interface_takes_it(api: Api) -> None:
    lead = {
        **lead_body(),
        "campaign": None,
        "evidence": "",
        "latitude": None,
        "longitude": None,
        "consent": None,
        "temperature": None,
        "expected_value": None,
        "wish": "",
        "city": None,
        "contact": {"email": "erika@example.com", "company": "", "phone": None},
    }

    answer = api.post("leads/", lead)

    assert answer.status == 201
    schema_of("LeadInputRequest").validate(lead)
    for needed in ({"source": None}, {"external_id": ""}, {"contact": None}):
        assert not schema_of("LeadInputRequest").is_valid({**lead, **needed})


def schema_of(component: str) -> OAS31Validator:
    """Find what the document says of a body."""
    named = {"$ref": f"#/components/schemas/{component}"}
    return OAS31Validator({"components": document()["components"], "allOf": [named]})


def test_the_words_of_the_interface_are_the_domains() -> None:
    pairs = [
        (words.LEAD_STATUSES, leads.LeadStatus),
        (words.HOLD_REASONS, leads.HoldReason),
        (words.TEMPERATURES, leads.Temperature),
        (words.OFFER_STATUSES, offers.OfferStatus),
        (words.DECLINE_REASONS, offers.DeclineReason),
        (words.FEEDBACK_STATUSES, assignments.FeedbackStatus),
        (words.OUTCOMES, assignments.Outcome),
        (words.LOST_REASONS, assignments.LostReason),
        (words.RETURN_REASONS, assignments.ReturnReason),
        (words.CLOCKS, policies.PolicyClock),
        (STATUSES, Partner.Status),
    ]

    assert [set(mine) ^ set(theirs.values) for mine, theirs in pairs] == [set()] * len(pairs)
    assert set(words.STRATEGIES) == set(STRATEGIES)


def test_an_unknown_address_is_a_problem_below_api_only(client: Client) -> None:
    below, beside = client.get("/api/v1/nowhere/"), client.get("/nowhere")

    assert (below.status_code, below.json()["code"]) == (404, "not_found")
    assert (beside.status_code, beside.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_another_host_is_refused_with_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/leads/", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
