"""Bad input gets a problem that names the field, and leaves nothing behind."""

from typing import Any

import pytest

from leads.models import Lead, LeadContact
from tests.api.calling import LEAD, Api, lead_body
from tests.factories import Network, count_rows

CONTACT: dict[str, Any] = LEAD["contact"]  # type: ignore[assignment]
CONSENT = {"text_version": "1", "given_at": "2026-03-02T08:00:00Z", "source": "form"}


def contact(**changes: Any) -> dict[str, Any]:
    return {"contact": {**CONTACT, **changes}}


WRONG_LEADS: dict[str, tuple[dict[str, Any], str]] = {
    "no external_id": ({"external_id": ...}, "external_id"),
    "empty external_id": ({"external_id": ""}, "external_id"),
    "blank external_id": ({"external_id": "  "}, "external_id"),
    "null source": ({"source": None}, "source"),
    "no product lines": ({"product_lines": ...}, "product_lines"),
    "an empty list of lines": ({"product_lines": []}, "product_lines"),
    "lines that are no list": ({"product_lines": "heat-pumps"}, "product_lines"),
    "an unknown line": ({"product_lines": ["heat-pumps", "rockets"]}, "product_lines.1"),
    "a line that is a number": ({"product_lines": [7]}, "product_lines.0"),
    "a line that is null": ({"product_lines": [None]}, "product_lines.0"),
    "too many lines": ({"product_lines": ["x"] * 21}, "product_lines"),
    "no country": ({"country": ...}, "country"),
    "no known country": ({"country": "XX"}, "country"),
    "a country in words": ({"country": "Germany"}, "country"),
    "a country in small letters": ({"country": "de"}, "country"),
    "no place": ({"postal_code": ...}, "postal_code"),
    "a postal code too long": ({"postal_code": "1" * 13}, "postal_code"),
    "a postal code that grows": ({"postal_code": "ß" * 12}, "postal_code"),
    "a postal code as a number": ({"postal_code": 80331}, "postal_code"),
    "half of the coordinates": ({"latitude": 48.1}, "longitude"),
    "a latitude off the Earth": ({"latitude": 91, "longitude": 11}, "latitude"),
    "a longitude in words": ({"latitude": 48, "longitude": "east"}, "longitude"),
    "a huge latitude": ({"latitude": 10**40, "longitude": 11}, "latitude"),
    "no contact": ({"contact": ...}, "contact"),
    "an empty contact": ({"contact": {}}, "contact"),
    "a contact that is a list": ({"contact": []}, "contact"),
    "a contact that is a text": ({"contact": "Erika"}, "contact"),
    "nobody to reach": (contact(email="", phone=None), "contact"),
    "a malformed phone": (contact(phone="1"), "contact.phone"),
    "a phone in words": (contact(phone="call me"), "contact.phone"),
    "a phone without end": (contact(phone="1" * 61), "contact.phone"),
    "a phone as a number": (contact(phone=8912345), "contact.phone"),
    "a malformed address": (contact(email="erika@"), "contact.email"),
    "an address too long": (contact(email="e" * 250 + "@x.de"), "contact.email"),
    "an address that grows": (contact(email="e@" + "İ" * 130 + ".de"), "contact.email"),
    "a name too long": (contact(last_name="x" * 121), "contact.last_name"),
    "a name with NUL": (contact(last_name="a\0b"), "contact.last_name"),
    "NUL in the source": ({"source": "a\0"}, "source"),
    "NUL in a line": ({"product_lines": ["a\0"]}, "product_lines.0"),
    "NUL in a postal code": ({"postal_code": "80\x00331"}, "postal_code"),
    "an external_id too long": ({"external_id": "x" * 121}, "external_id"),
    "an external_id as a number": ({"external_id": 1001}, "external_id"),
    "a source too long": ({"source": "x" * 61}, "source"),
    "an unknown temperature": ({"temperature": "LUKEWARM"}, "temperature"),
    "a temperature as a list": ({"temperature": ["HOT"]}, "temperature"),
    "an unknown level": ({"required_certification": "platinum"}, "required_certification"),
    "a negative value": ({"expected_value": -1}, "expected_value"),
    "a value with three decimals": ({"expected_value": "1.005"}, "expected_value"),
    "a value too high": ({"expected_value": "10000000000.00"}, "expected_value"),
    "a huge value": ({"expected_value": 10**300}, "expected_value"),
    "a value in words": ({"expected_value": "NaN"}, "expected_value"),
    "an endless value": ({"expected_value": "Infinity"}, "expected_value"),
    "a value that is true": ({"expected_value": True}, "expected_value"),
    "a value that is an object": ({"expected_value": {"amount": 1}}, "expected_value"),
    "a currency in small letters": ({"currency": "eur"}, "currency"),
    "a currency of two letters": ({"currency": "EU"}, "currency"),
    "a test that is a word": ({"is_test": "yes"}, "is_test"),
    "a test that is a number": ({"is_test": 1}, "is_test"),
    "a wish without end": ({"wish": "x" * 10_001}, "wish"),
    "a summary too long": ({"wish_summary": "x" * 501}, "wish_summary"),
    "consent without its text": ({"consent": {**CONSENT, "text_version": ""}},
                                 "consent.text_version"),
    "consent without a zone": ({"consent": {**CONSENT, "given_at": "2026-03-02T08:00:00"}},
                               "consent.given_at"),
    "consent before time": ({"consent": {**CONSENT, "given_at": "0001-01-01T00:00:00+14:00"}},
                            "consent.given_at"),
    "consent that is a number": ({"consent": {**CONSENT, "given_at": 5}}, "consent.given_at"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "field"), WRONG_LEADS.values(), ids=WRONG_LEADS.keys())
def test_a_wrong_lead_is_refused_by_the_fields_name(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = api.post("leads/", lead_body(**changes))

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["code"] == "invalid"
    assert answer.fields == [field]
    assert (count_rows(Lead), count_rows(LeadContact)) == (0, 0)


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half a body": b'{"external_id": "1"',
    "no JSON": b"external_id=1",
    "NaN": b'{"expected_value": NaN}',
    "a number beyond all numbers": b'{"expected_value": 1e999}',
    "a lone surrogate": b'{"source": "\\ud800"}',
    "no UTF-8": b'{"source": "\xff"}',
    "a deep nest": b"[" * 5_000,
    "a list": b"[]",
    "a text": b'"lead"',
    "null": b"null",
    "a number": b"0",
    "false": b"false",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    answer = api.post("leads/", body)

    assert answer.status == 400
    assert "body" in answer.fields or (body == b"" and "external_id" in answer.fields)


def test_every_wrong_field_is_named_at_once(api: Api) -> None:
    answer = api.post("leads/", lead_body(country="XX", source="", temperature="?"))

    assert sorted(answer.fields) == ["country", "source", "temperature"]


def test_a_body_of_two_megabytes_is_too_large(api: Api) -> None:
    answer = api.post("leads/", lead_body(wish="x" * 2_000_000))
    with_key = api.post("leads/", b"x" * 5_000_000, **{"Idempotency-Key": "1"})

    assert (answer.status, answer.fields) == (413, ["body"])
    assert (with_key.status, with_key.fields) == (413, ["body"])


def test_a_form_is_no_json(api: Api) -> None:
    response = api.client.post("/api/v1/leads/", {"source": "x"}, headers=api.headers)

    assert response.status_code == 415
    assert response.headers["Content-Type"] == "application/problem+json"


def test_problems_are_json_whatever_is_accepted(api: Api) -> None:
    answer = api.call("GET", "leads/?status=x", Accept="text/html")

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "errors"}


QUERIES = {
    "leads/?status=open": "status",
    "leads/?partner=7": "partner",
    "leads/?temperature=%00": "temperature",
    "leads/?country=XX": "country",
    "leads/?q=%00": "q",
    "leads/?received_after=yesterday": "received_after",
    "leads/?received_before=2026-03-02": "received_before",
    "leads/?external_id=" + "x" * 121: "external_id",
    "leads/?page_size=0": "page_size",
    "leads/?page_size=many": "page_size",
    "leads/?page_size=" + "9" * 5_000: "page_size",
    "leads/?cursor=abc": "cursor",
    "leads/?cursor=%00": "cursor",
    "policies/?cursor=a:b": "cursor",
}


@pytest.mark.parametrize(("path", "field"), QUERIES.items(), ids=[path[:40] for path in QUERIES])
def test_a_wrong_parameter_is_named(api: Api, path: str, field: str) -> None:
    answer = api.get(path)

    assert (answer.status, answer.fields) == (400, [field])


PARTNER = {"name": "Huber", "country": "DE", "postal_code": "80331"}
WAVE = {"partners": 1, "response_window": 60}
POLICY = {"name": "Quick", "is_default": True, "waves": [WAVE]}
SETUP: dict[str, tuple[str, str, Any, str]] = {
    "a partner without a name": ("PUT", "partners/by-external-id/1/", {**PARTNER, "name": ""},
                                 "name"),
    "a partner nowhere": ("PUT", "partners/by-external-id/1/", {**PARTNER, "postal_code": "0"},
                          "postal_code"),
    "a partner with an endless number": ("PUT", f"partners/by-external-id/{'x' * 121}/", PARTNER,
                                         "external_id"),
    "a partner with NUL in its number": ("PUT", "partners/by-external-id/%00/", PARTNER,
                                         "external_id"),
    "a radius of nothing": ("PUT", "partners/by-external-id/1/", {**PARTNER, "radius_km": 0},
                            "radius_km"),
    "caps that are a number": ("PUT", "partners/by-external-id/1/", {**PARTNER, "caps": 3},
                               "caps"),
    "a negative cap": ("PUT", "partners/by-external-id/1/", {**PARTNER, "caps": {"open": -1}},
                       "caps.open"),
    "a huge cap": ("PUT", "partners/by-external-id/1/", {**PARTNER, "caps": {"open": 2**31}},
                   "caps.open"),
    "a weight above 100": ("PUT", "partners/by-external-id/1/", {**PARTNER, "weight": 101},
                           "weight"),
    "an unknown status": ("PUT", "partners/by-external-id/1/", {**PARTNER, "status": "GONE"},
                          "status"),
    "an unknown line": ("PUT", "partners/by-external-id/1/",
                        {**PARTNER, "product_lines": ["rockets"]}, "product_lines.0"),
    "an unknown level": ("PUT", "partners/by-external-id/1/",
                         {**PARTNER, "certifications": [{"level": "top"}]},
                         "certifications.0.level"),
    "no day": ("PUT", "partners/by-external-id/1/",
               {**PARTNER, "certifications": [{"level": "gold"},
                                              {"level": "gold", "valid_until": "soon"}]},
               "certifications.1.valid_until"),
    "no area": ("PUT", "partners/by-external-id/1/",
                {**PARTNER, "postal_code_areas": ["80", "80;81"]}, "postal_code_areas.1"),
    "no region": ("PUT", "partners/by-external-id/1/", {**PARTNER, "regions": ["Bayer"]},
                  "regions.0"),
    "a malformed phone": ("PUT", "partners/by-external-id/1/", {**PARTNER, "phone": "1"},
                          "phone"),
    "a malformed address": ("PUT", "partners/by-external-id/1/", {**PARTNER, "email": "no"},
                            "email"),
    "a partner without number": ("POST", "partners/", PARTNER, "external_id"),
    "a code with spaces": ("PUT", "product-lines/heat%20pumps/", {"name": "x"}, "code"),
    "a line without a name": ("PUT", "product-lines/pumps/", {}, "name"),
    "a level without a rank": ("PUT", "certification-levels/top/", {"name": "Top"}, "rank"),
    "a rank with a comma": ("PUT", "certification-levels/top/", {"name": "Top", "rank": 1.5},
                            "rank"),
    "no wave": ("POST", "policies/", {**POLICY, "waves": []}, "waves"),
    "a wave of nobody": ("POST", "policies/", {**POLICY, "waves": [{**WAVE, "partners": 0}]},
                         "waves.0.partners"),
    "a window of nothing": ("POST", "policies/",
                            {**POLICY, "waves": [WAVE, {**WAVE, "response_window": 0}]},
                            "waves.1.response_window"),
    "a window of ages": ("POST", "policies/",
                         {**POLICY, "waves": [{**WAVE, "response_window": 10**12}]},
                         "waves.0.response_window"),
    "a head start as long as the window": ("POST", "policies/",
                                           {**POLICY, "waves": [{**WAVE, "head_start": 60}]},
                                           "waves.0.head_start"),
    "an unknown weight": ("POST", "policies/", {**POLICY, "weights": {"luck": 1}},
                          "weights.luck"),
    "a default for one source": ("POST", "policies/", {**POLICY, "source": "fair"}, "is_default"),
    "a policy for nothing": ("POST", "policies/", {**POLICY, "is_default": False}, "is_default"),
    "a policy for an unknown line": ("POST", "policies/", {**POLICY, "is_default": False,
                                                           "product_line": "rockets"},
                                     "product_line"),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "field"), SETUP.values(), ids=SETUP.keys())
def test_wrong_setup_is_refused_by_the_fields_name(
    api: Api, method: str, path: str, body: Any, field: str
) -> None:
    answer = api.call(method, path, body)

    assert answer.status == 400, answer.body
    assert answer.fields == [field]


def test_wrong_work_is_refused_by_the_fields_name(api: Api, network: Network) -> None:
    partner = network.partner()
    program = Api(network.key_for(partner))
    lead_id = api.post("leads/", lead_body()).json["id"]
    offer_id = program.get("offers/").json["results"][0]["id"]
    refused = [
        program.post(f"offers/{offer_id}/decline/", {}),
        program.post(f"offers/{offer_id}/decline/", {"reason": "LAZY"}),
        program.post(f"offers/{offer_id}/decline/", {"reason": "OTHER", "note": "x" * 501}),
        api.post(f"leads/{lead_id}/assign/", {"partner": "7"}),
        api.post(f"leads/{lead_id}/assign/", {"partner": lead_id}),
        api.post(f"leads/{lead_id}/extend/", {"respond_by": "2000-01-01T00:00:00Z"}),
        api.post(f"leads/{lead_id}/close/", {"outcome": "WON"}),
        api.post(f"leads/{lead_id}/close/", {"outcome": "LOST"}),
    ]
    program.post(f"offers/{offer_id}/accept/")
    path = f"assignments/{program.get('assignments/').json['results'][0]['id']}"
    refused += [
        program.post(f"{path}/contact/", {"reached": "yes"}),
        program.post(f"{path}/contact/", {"reached": True, "at": "2000-01-01T00:00:00Z"}),
        program.post(f"{path}/feedback/", {"status": "SOLD"}),
        program.post(f"{path}/feedback/", {"status": "REACHED", "note": "a\0"}),
        program.post(f"{path}/close/", {"outcome": "WON", "value": "-1"}),
        program.post(f"{path}/close/", {"outcome": "LOST", "reason": "MOOD"}),
        program.post(f"{path}/return/", {"reason": 1}),
        api.post(f"leads/{lead_id}/return-verdict/", {"lead_at_fault": "no"}),
    ]

    assert [(answer.status, answer.fields) for answer in refused] == [
        (400, [field])
        for field in (
            "reason", "reason", "note", "partner", "partner", "respond_by", "value", "reason",
            "reached", "at", "status", "note", "value", "reason", "reason", "lead_at_fault",
        )
    ]  # fmt: skip


def test_takes_a_place_closer_to_the_equator_than_the_database_calculates(
    api: Api, network: Network
) -> None:
    tiny = {"latitude": 5e-324, "longitude": -5e-324}
    partner = network.partner()

    moved = api.patch(f"partners/{partner.id}/", tiny)
    pushed = api.post("leads/", lead_body(**tiny, postal_code=...))

    assert (moved.status, moved.json["latitude"]) == (200, 0)
    assert pushed.status == 201
