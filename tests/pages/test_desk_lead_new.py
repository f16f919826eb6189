"""Typing in a lead: it is taken in like any other, and nothing typed is lost over a mistake."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.models import Lead, LeadConsent, LeadContact
from tests.factories import NOON, Network
from tests.pages.acting import by_script
from tests.pages.desks import at_desk
from tests.pages.reading import field, words

pytestmark = pytest.mark.django_db

LEAST = {
    "number_if_none": "M-0001",
    "phone": "089 1234567",
    "country": "DE",
    "postal_code": "80331",
    "product_lines": ["heat-pumps"],
    "temperature": "WARM",
    "source": "telephone",
}
WHOLE = LEAST | {
    "first_name": "Erika",
    "last_name": "Muster",
    "company": "Muster KG",
    "email": "Erika@Example.com",
    "street": "Marienplatz 1",
    "city": "Munich",
    "product_lines": ["boilers", "heat-pumps"],
    "required_certification": "gold",
    "wish": "A quiet one.",
    "wish_summary": "Heat pump",
    "expected_value": "12.500 €",
    "temperature": "HOT",
    "evidence": "asked for a quote",
    "external_id": "TEL-7",
    "consent_version": "v3",
    "is_test": "on",
}


def test_everything_typed_arrives(network: Network) -> None:
    _send(network, WHOLE)

    lead = _lead(network, "TEL-7")
    with tenant_context(network.manufacturer.id):
        contact = LeadContact.objects.get(lead=lead)
        consent = LeadConsent.objects.get(lead=lead)
        codes = list(
            lead.product_line_rows.order_by("position").values_list("product_line__code", flat=True)
        )
    assert (contact.first_name, contact.last_name, contact.company) == (
        "Erika", "Muster", "Muster KG",
    )  # fmt: skip
    assert (contact.phone, contact.email) == ("+49891234567", "erika@example.com")
    assert (contact.street, contact.wish) == ("Marienplatz 1", "A quiet one.")
    assert (lead.city, lead.temperature, lead.evidence) == ("Munich", "HOT", "asked for a quote")
    assert (lead.wish_summary, str(lead.expected_value)) == ("Heat pump", "12500.00")
    assert (lead.source, lead.is_test, lead.received_at) == ("telephone", True, NOON)
    assert codes == ["boilers", "heat-pumps"]
    assert (consent.text_version, consent.given_at, consent.source) == ("v3", NOON, "telephone")


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({}, "OFFERED", "The lead is on offer to 2 partners."),
        (
            {"product_lines": ["boilers"]},
            "OPEN",
            "No partner fits right now: the lead is on the pick list.",
        ),
        (
            {"postal_code": "99999"},
            "HELD",
            "The lead is held for review: Unknown postal code.",
        ),
    ],
)
def test_it_says_what_became_of_the_lead(
    network: Network, change: dict[str, Any], status: str, said: str
) -> None:
    network.partners(2)

    response = _send(network, LEAST | change)

    lead = _lead(network, "M-0001")
    assert response.headers["Location"] == f"/leads/{lead.id}/"
    assert lead.status == status
    assert [str(message) for message in get_messages(response.wsgi_request)] == [said]


def test_an_empty_form_has_a_number_of_its_own(network: Network) -> None:
    client = at_desk(network, "DISPATCHER")

    one, other = (field(client.get("/leads/new/"), "number_if_none") for _ in range(2))

    assert one.startswith("M-")
    assert one != other


def test_the_same_form_sent_twice_is_one_lead(network: Network) -> None:
    first = _send(network, LEAST)
    second = _send(network, LEAST)

    assert first.headers["Location"] == second.headers["Location"]
    assert [str(message) for message in get_messages(second.wsgi_request)] == [
        "This lead is known already, and is as it was."
    ]
    with tenant_context(network.manufacturer.id):
        assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "name", "problem"),
    [
        (
            {"phone": "", "email": ""},
            "phone",
            "Give an e-mail address or a phone number of the customer.",
        ),
        ({"phone": "12"}, "phone", "No phone can have this number; send it as +49 89 1234567."),
        ({"email": "erika"}, "email", "This is not an e-mail address."),
        ({"postal_code": ""}, "postal_code", "Please fill this in."),
        ({"postal_code": "1234567890123"}, "postal_code", "No postal code is as long as this."),
        ({"product_lines": []}, "product_lines", "Choose at least one product line."),
        ({"product_lines": ["nonsense"]}, "product_lines", "Select a valid choice."),
        ({"source": ""}, "source", "Please fill this in."),
        ({"country": "XX"}, "country", "Select a valid choice."),
        ({"expected_value": "much"}, "expected_value", "Write the amount in figures"),
        (
            {"required_certification": "platinum"},
            "required_certification",
            "Select a valid choice.",
        ),
        ({"first_name": "x" * 121}, "first_name", "at most 120 characters"),
        ({"wish": "\0"}, "wish", "Null characters are not allowed."),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(
    network: Network, change: dict[str, Any], name: str, problem: str
) -> None:
    response = _send(network, WHOLE | change, status=422)

    assert problem in " ".join(response.context["form"].errors[name])
    assert problem in words(response)
    assert field(response, "number_if_none") == "M-0001"
    for kept in ("last_name", "company", "street", "city", "external_id", "consent_version"):
        assert field(response, kept) == WHOLE[kept]
    with tenant_context(network.manufacturer.id):
        assert not Lead.objects.exists()


def test_all_mistakes_are_said_at_once_and_the_first_takes_the_focus(network: Network) -> None:
    wrong = {
        "phone": "12", "email": "erika", "postal_code": "", "product_lines": [],
        "expected_value": "much", "source": "",
    }  # fmt: skip

    response = _send(network, WHOLE | wrong, status=422)

    page = response.content.decode()
    summary = page.partition('role="alert"')[2].partition("</ul>")[0]
    assert re.findall(r'href="#([^"]+)"', summary) == [
        "id_phone", "id_email", "id_postal_code", "id_product_lines_0", "id_expected_value",
        "id_source",
    ]  # fmt: skip
    assert 'id="id_product_lines_0"' in page
    assert re.findall(r'<input[^>]*name="([^"]+)"[^>]* autofocus', page) == ["phone"]
    for kept in ("phone", "email", "expected_value"):
        assert field(response, kept) == wrong[kept]


@pytest.mark.parametrize(
    "reach",
    [
        {"phone": "", "email": ""},
        {"phone": "12", "email": ""},
        {"phone": "12", "email": "erika"},
        {"phone": "089 1234567", "email": "erika", "country": "XX"},
    ],
    ids=str,
)
def test_how_to_reach_the_customer_is_looked_at_whatever_else_is_wrong(
    network: Network, reach: dict[str, str]
) -> None:
    response = _send(network, WHOLE | reach | {"source": "", "external_id": "x"}, status=422)

    wrong = response.context["form"].errors.keys()
    assert "source" in wrong
    assert wrong & {"phone", "email"}


def test_a_group_of_boxes_takes_the_focus_as_a_whole(network: Network) -> None:
    response = _send(network, WHOLE | {"product_lines": []}, status=422)

    page = response.content.decode()
    assert page.count(" autofocus") == 1
    assert re.search(r'<fieldset[^>]*tabindex="-1" autofocus', page)


def test_a_script_gets_the_form_alone_and_is_led_on_when_it_is_done(network: Network) -> None:
    headers = by_script("/leads/new/")

    wrong = _send(network, LEAST | {"source": ""}, status=422, headers=headers)
    right = _send(network, LEAST, status=200, headers=headers)

    assert wrong.content.strip().startswith(b"<form")
    assert right.headers["HX-Redirect"] == f"/leads/{_lead(network, 'M-0001').id}/"


def test_an_analyst_adds_nothing(network: Network) -> None:
    client = at_desk(network, "ANALYST")

    assert client.get("/leads/new/").status_code == 404
    assert client.post("/leads/new/", LEAST).status_code == 404
    with tenant_context(network.manufacturer.id):
        assert not Lead.objects.exists()


def test_it_offers_this_manufacturers_lines_levels_and_sources(
    network: Network, other_network: Network
) -> None:
    network.lead(source="fair")
    other_network.lead(source="elsewhere")

    page = at_desk(network, "DISPATCHER").get("/leads/new/").content.decode()

    for part in ("Heat pumps", "Boilers", "Silver", "Gold", 'value="fair"', "Germany"):
        assert part in page
    assert "elsewhere" not in page


def _send(network: Network, sent: dict[str, Any], *, status: int = 302, **options: Any) -> Any:
    client = at_desk(network, "DISPATCHER")
    with clock.set_to(NOON):
        response = client.post("/leads/new/", sent, **options)
    assert response.status_code == status, words(response)[:400]
    return response


def _lead(network: Network, number: str) -> Lead:
    with tenant_context(network.manufacturer.id):
        return Lead.objects.get(external_id=number)
