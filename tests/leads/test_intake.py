"""The one way in: what makes a lead, and what is refused with the field's name."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import tenant_context
from leads.intake import Consent, Contact, receive_lead
from leads.models import (
    EventType,
    Lead,
    LeadConsent,
    LeadContact,
    LeadEvent,
    LeadOffer,
    LeadProductLine,
    Wave,
)
from tests.acting import facts_of
from tests.factories import NOON, Network, NewLeadFactory, count_rows

MADE_BY_A_LEAD = (
    Lead, LeadContact, LeadConsent, LeadProductLine, LeadEvent, LeadOffer, Wave, Delivery,
)  # fmt: skip


def contact_of(network: Network, lead: Lead) -> LeadContact:
    with tenant_context(network.manufacturer.id):
        return LeadContact.objects.get(lead=lead)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"product_lines": ()}, "product_lines", "required"),
        ({"product_lines": ("heat-pumps", "sofas")}, "product_lines.1", "unknown"),
        ({"required_certification": "platinum"}, "required_certification", "unknown"),
        ({"postal_code": ""}, "postal_code", "required"),
        ({"postal_code": "", "latitude": 48.1}, "longitude", "required"),
        ({"postal_code": "", "longitude": 11.5}, "latitude", "required"),
        ({"latitude": 48.1}, "longitude", "required"),
        ({"contact": Contact(last_name="Beispiel")}, "contact", "unreachable"),
        ({"contact": Contact(email="erika")}, "contact.email", "malformed"),
        ({"contact": Contact(email="erika@")}, "contact.email", "malformed"),
        ({"contact": Contact(email="a b@example.com")}, "contact.email", "malformed"),
        ({"contact": Contact(email=" ")}, "contact.email", "malformed"),
        ({"contact": Contact(phone="call me")}, "contact.phone", "malformed"),
        ({"contact": Contact(phone="1")}, "contact.phone", "malformed"),
        ({"contact": Contact(phone="+49 89 12345678901234567890")}, "contact.phone", "malformed"),
        ({"contact": Contact(email="erika", phone="+4989123456")}, "contact.email", "malformed"),
        ({"contact": Contact(email="e@example.com", phone="1")}, "contact.phone", "malformed"),
    ],
    ids=str,
)
def test_refuses_what_is_missing_or_malformed_by_its_name_and_stores_nothing(
    network: Network, fields: dict[str, Any], field: str, code: str
) -> None:
    network.partner()

    with pytest.raises(InvalidInput) as refusal:
        network.lead(**fields)

    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert {model.__name__: count_rows(model) for model in MADE_BY_A_LEAD} == {
        model.__name__: 0 for model in MADE_BY_A_LEAD
    }


@pytest.mark.parametrize(
    ("country", "sent", "normalised"),
    [
        ("DE", "089 1234567", "+49891234567"),
        ("DE", "+49 (0)89 123 45 67", "+49891234567"),
        ("DE", "0049-89-1234567", "+49891234567"),
        ("AT", "01 5341234", "+4315341234"),
        ("CH", "+41 44 668 18 00", "+41446681800"),
        ("DE", "+41446681800", "+41446681800"),
    ],
)
def test_writes_phone_numbers_in_e164_and_keeps_what_was_sent(
    network: Network, country: str, sent: str, normalised: str
) -> None:
    lead = network.lead(country=country, contact=Contact(phone=sent))

    contact = contact_of(network, lead)
    assert (contact.phone, contact.phone_as_sent) == (normalised, sent)


def test_writes_email_addresses_in_lower_case_and_keeps_what_was_sent(network: Network) -> None:
    lead = network.lead(contact=Contact(email=" Erika.Beispiel@Example.COM"))

    contact = contact_of(network, lead)
    assert contact.email == "erika.beispiel@example.com"
    assert contact.email_as_sent == " Erika.Beispiel@Example.COM"


def test_keeps_personal_data_out_of_the_lead_itself(network: Network) -> None:
    lead = network.lead(wish="Please call Erika Beispiel after six")

    assert contact_of(network, lead).wish == "Please call Erika Beispiel after six"
    assert "Erika" not in repr(network.again(lead).__dict__)


def test_is_routed_when_it_returns(network: Network) -> None:
    network.partner()

    assert network.lead().status == Lead.Status.OFFERED
    assert network.lead(postal_code="20095").status == Lead.Status.OPEN
    assert network.lead(postal_code="00000").status == Lead.Status.HELD


def test_answers_with_the_lead_as_the_database_has_it(network: Network) -> None:
    network.partner()

    lead = network.lead(expected_value=Decimal("18000.00"))

    stored = network.again(lead)
    names = [field.attname for field in Lead._meta.concrete_fields]
    stored.log_digest = bytes(stored.log_digest)
    assert {name: getattr(lead, name) for name in names} == {
        name: getattr(stored, name) for name in names
    }


def test_takes_the_same_push_twice_as_one_lead(network: Network) -> None:
    network.partner()
    new = NewLeadFactory.build()

    first = receive_lead(new=new, by=network.by, at=NOON)
    second = receive_lead(
        new=replace(new, postal_code="20095", wish_summary="Something else"), by=network.by, at=NOON
    )

    assert (first.is_new, second.is_new) == (True, False)
    assert second.lead == first.lead
    assert network.again(first.lead).postal_code == "80331"
    assert count_rows(Lead) == 1


def test_takes_the_same_push_again_even_if_it_would_be_refused_now(network: Network) -> None:
    new = NewLeadFactory.build()
    receive_lead(new=new, by=network.by, at=NOON)

    again = receive_lead(new=replace(new, product_lines=()), by=network.by, at=NOON)

    assert not again.is_new


def test_tells_pushes_apart_by_source_external_id_and_manufacturer(
    network: Network, other_network: Network
) -> None:
    new = NewLeadFactory.build()

    receipts = [
        receive_lead(new=new, by=network.by, at=NOON),
        receive_lead(new=replace(new, source="fair"), by=network.by, at=NOON),
        receive_lead(new=replace(new, external_id="other"), by=network.by, at=NOON),
        receive_lead(new=new, by=other_network.by, at=NOON),
    ]

    assert all(receipt.is_new for receipt in receipts)


def test_takes_the_place_from_coordinates_before_the_postal_code(network: Network) -> None:
    lead = network.lead(postal_code="80331", latitude=52.52, longitude=13.40)

    assert (lead.latitude, lead.longitude) == (52.52, 13.40)


def test_takes_the_place_from_the_postal_codes_centre(network: Network) -> None:
    lead = network.lead(postal_code=" 80 331 ")

    assert (lead.latitude, lead.longitude) == (48.1345, 11.5710)
    assert (lead.postal_code, lead.city, lead.region) == ("80331", "München", "DE-BY")


def test_needs_no_postal_code_beside_coordinates(network: Network) -> None:
    partner = network.partner()

    lead = network.lead(postal_code="", latitude=48.13, longitude=11.57)

    assert [offer.partner_id for offer in network.offers(lead)] == [partner.id]


def test_places_by_coordinates_what_has_an_unknown_postal_code(network: Network) -> None:
    network.partner()

    lead = network.lead(postal_code="00000", latitude=48.13, longitude=11.57)

    assert lead.status == Lead.Status.OFFERED


def test_holds_a_lead_with_an_unknown_postal_code(network: Network) -> None:
    lead = network.lead(postal_code="00000")

    assert (lead.status, lead.hold_reason) == ("HELD", "UNKNOWN_POSTAL_CODE")
    assert facts_of(network, lead) == [EventType.LEAD_RECEIVED, EventType.LEAD_HELD]
    assert network.events(lead)[-1].data == {"reason": "UNKNOWN_POSTAL_CODE"}


def test_keeps_the_consent(network: Network) -> None:
    lead = network.lead(consent=Consent("2026-01", NOON, "web form"))

    with tenant_context(network.manufacturer.id):
        consent = LeadConsent.objects.get(lead=lead)
    assert (consent.text_version, consent.given_at, consent.source) == ("2026-01", NOON, "web form")


def test_names_the_product_lines_as_the_summary_unless_one_is_given(network: Network) -> None:
    given = network.lead(wish_summary="Heat pump, 12 kW", wish="Call Erika")
    by_default = network.lead(product_lines=("boilers", "heat-pumps"), wish="Call Erika")

    assert given.wish_summary == "Heat pump, 12 kW"
    assert by_default.wish_summary == "Boilers, Heat pumps"


def test_keeps_the_order_in_which_product_lines_are_asked_for(network: Network) -> None:
    lead = network.lead(product_lines=("heat-pumps", "boilers", "heat-pumps"))

    with tenant_context(network.manufacturer.id):
        codes = LeadProductLine.objects.filter(lead=lead).order_by("position")
        assert list(codes.values_list("product_line__code", flat=True)) == ["heat-pumps", "boilers"]


def test_routes_a_test_like_any_other_lead_and_says_so_in_the_log(network: Network) -> None:
    network.partner()

    lead = network.lead(is_test=True)

    assert (lead.is_test, lead.status) == (True, Lead.Status.OFFERED)
    assert network.events(lead)[0].data == {"source": "website", "is_test": True}


def test_takes_the_manufacturers_currency_unless_one_is_given(network: Network) -> None:
    assert network.lead().currency == "EUR"
    assert network.lead(currency="CHF").currency == "CHF"
