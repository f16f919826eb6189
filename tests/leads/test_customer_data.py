"""What is held about one customer: everything, of exactly this customer, of this manufacturer."""

import json
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.customer_data import export_customer_data, identify_customer
from leads.erasure import erase_lead
from leads.feedback import give_feedback
from leads.intake import Consent, Contact
from tests.acting import DAY, HOUR, accepted_lead, holder_of
from tests.api.calling import Api
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, read, text_of

pytestmark = pytest.mark.django_db

ERIKA = Contact("Erika", "Beispiel", "Beispiel AG", "Erika@Example.com", "089 1234567", "Weg 1")


def export(network: Network, *, email: str = "", phone: str = "") -> dict[str, Any]:
    with tenant_context(network.manufacturer.id):
        customer = identify_customer(email=email, phone=phone, actor=network.by)
        told = export_customer_data(customer, by=network.by, at=NOON + DAY)
    found: dict[str, Any] = json.loads(json.dumps(told, default=str))
    return found


def test_tells_everything_that_is_held(network: Network) -> None:
    partner = network.partner(name="Meier GmbH")
    consent = Consent("2026-01", NOON, "web form")
    assignment = accepted_lead(network, contact=ERIKA, wish="Twelve kW", consent=consent)
    give_feedback(
        assignment=assignment,
        status="REACHED",
        note="Nice people.",
        by=holder_of(assignment),
        at=NOON + HOUR,
    )

    (lead,) = export(network, email="erika@example.com")["leads"]

    (contact,) = lead["contact"]
    assert contact["phone_as_sent"] == "089 1234567"
    assert contact["email_as_sent"] == "Erika@Example.com"
    assert (contact["street"], contact["wish"]) == ("Weg 1", "Twelve kW")
    assert lead["consent"][0]["text_version"] == "2026-01"
    assert lead["product_lines"] == [{"name": "Heat pumps"}]
    assert [offer["partner"] for offer in lead["offers"]] == [partner.name]
    assert lead["assignments"][0]["accepted_at"]
    assert lead["feedback"][0]["note"] == "Nice people."
    assert lead["events"][0]["type"] == "lead.received"
    assert {message["kind"] for message in lead["messages"]} == {"offer_new"}
    assert [seen["actor"] for seen in lead["seen_by"]] == ["system"]


@pytest.mark.parametrize(
    "asked",
    [
        {"email": "ERIKA@example.com "},
        {"phone": "+49 89 1234567"},
        {"phone": "089/1234567"},
        {"email": "somebody@example.com", "phone": "0049 89 1234567"},
    ],
)
def test_finds_a_customer_however_it_is_written(network: Network, asked: dict[str, str]) -> None:
    network.partner()
    lead = network.lead(contact=ERIKA)

    assert [found["id"] for found in export(network, **asked)["leads"]] == [str(lead.id)]


@pytest.mark.parametrize("asked", [{"email": "rika@example.com"}, {"phone": "+49 89 123456"}])
def test_finds_nobody_who_is_merely_similar(network: Network, asked: dict[str, str]) -> None:
    network.partner()
    network.lead(contact=ERIKA)

    assert export(network, **asked)["leads"] == []


def test_finds_nothing_of_other_manufacturers(network: Network, other_network: Network) -> None:
    other_network.lead(contact=ERIKA)

    assert export(network, email="erika@example.com")["leads"] == []


def test_finds_nothing_that_was_erased(network: Network) -> None:
    erase_lead(lead=network.lead(contact=ERIKA), by=network.by, at=NOON)

    assert export(network, email="erika@example.com")["leads"] == []


@pytest.mark.parametrize(
    ("asked", "field"), [({}, "email"), ({"phone": "12"}, "phone"), ({"phone": "call me"}, "phone")]
)
def test_asks_for_something_to_look_for(
    network: Network, asked: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        export(network, **asked)

    assert refusal.value.field == field


def test_names_nobody_of_the_manufacturers(network: Network) -> None:
    network.partner()
    lead = network.lead(contact=ERIKA)
    client = at_desk(network)
    read(client, f"/leads/{lead.id}/")

    told = json.dumps(export(network, email="erika@example.com"))

    assert "admin@desk.example" not in told
    assert "user:" not in told


def test_answers_programs(network: Network) -> None:
    network.lead(contact=ERIKA)
    api = Api(network.api_key)

    found = api.post("customer-data/", {"email": "erika@example.com"})
    missing = api.post("customer-data/", {})

    assert found.json["leads"][0]["contact"][0]["last_name"] == "Beispiel"
    assert found.json["asked_for"] == {"email": "erika@example.com", "phones": []}
    assert (missing.status, missing.fields) == (400, ["email"])


def test_is_looked_at_and_downloaded_at_the_desk_by_administrators(network: Network) -> None:
    lead = network.lead(contact=ERIKA)
    client = at_desk(network)
    address, sent = "/leads/customer-data/", {"wanted": "erika@example.com"}

    empty = read(client, address)
    page = text_of(client.post(address, sent))
    file = client.post(address, {**sent, "download": "yes"})

    assert "Look for leads" in empty
    assert "Erika Beispiel" in page
    assert f"/leads/{lead.id}/" in page
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert json.loads(file.content)["leads"][0]["contact"][0]["company"] == "Beispiel AG"
    assert at_desk(network, "DISPATCHER").post(address, sent).status_code == 404


def test_says_so_when_there_is_nothing_or_nothing_to_look_for(network: Network) -> None:
    client = at_desk(network)
    address = "/leads/customer-data/"

    nothing = text_of(client.post(address, {"wanted": "nobody@example.com"}))
    wrong = client.post(address, {"wanted": "12"})
    blank = client.post(address, {"wanted": ""})

    assert "Nothing is held" in nothing
    assert (wrong.status_code, blank.status_code) == (422, 422)
    assert "No phone can have this number" in text_of(wrong)
