"""Foreign things mentioned in queries and bodies, each beside a thing that is unknown."""

from base64 import b64encode
from collections.abc import Iterator, Set
from functools import cache
from typing import Any
from uuid import UUID

from drf_spectacular.generators import SchemaGenerator

from tests.api.calling import lead_body
from tests.factories import PDF
from tests.leaks.addresses import UNKNOWN, UNKNOWN_WORD, Address, things_of

# As unknown as the others, but not the same: what an address names is struck out of its answer.
NOBODY = str(UUID(int=2**127 + 2))
PARTNER = ("partners_partner", "id")
LEAD = ("leads_lead", "id")
LINE = ("partners_productline", "code")
LEVEL = ("partners_certificationlevel", "code")
PEOPLE = "(SELECT user_id AS id, manufacturer_id FROM partners_membership) AS person"
# Name of a field or of a query's part -> what it would mention.
MENTIONS = {
    "assignment": ("leads_assignment", "id"),
    "certification": LEVEL,
    "certifications": LEVEL,
    "cursor": LEAD,
    "find": ("partners_partner", "name"),
    "into": LEAD,
    "lead": LEAD,
    "level": LEVEL,
    "membership": ("partners_membership", "id"),
    "offer": ("leads_leadoffer", "id"),
    "partner": PARTNER,
    "partner_id": PARTNER,
    "policy": ("leads_routingpolicy", "id"),
    "against": ("leads_routingpolicy", "id"),
    "product_line": LINE,
    "product_lines": LINE,
    "q": ("leads_lead", "external_id"),
    "required_certification": LEVEL,
    "search": ("leads_lead", "external_id"),
    "reminder": ("leads_reminder", "id"),
    "source": ("leads_lead", "source"),
    "user": (PEOPLE, "id"),
}
LISTS = {"product_lines"}
# What a body or query needs, for the call to be looked at at all.
NEEDS: dict[str, Any] = {
    "api-leads": lead_body(),
    "api-leads-bulk": {"leads": [lead_body()]},
    "api-history-import": [],
    "api-kpis-read": {"from": "2026-03-01", "to": "2026-04-01"},
    "api-webhooks": {"url": "https://hooks.example.com/leadhub"},
    "api-customer-data": {"email": "erika@example.com"},
    "api-level": {"name": "Top", "rank": 7},
    "api-product-line": {"name": "Pumps"},
    "api-materials": {
        "content": b64encode(PDF).decode(),
        "file_name": "Prices.pdf",
        "language": "de",
        "title": "Prices",
        "kind": "PRICE_LIST",
    },
    "api-material-versions": {
        "content": b64encode(PDF).decode(),
        "file_name": "Prices.pdf",
        "language": "de",
    },
    "api-partner-by-external-id": {
        "name": "Huber",
        "country": "DE",
        "postal_code": "80331",
        "email": "huber@example.com",
    },
    "api-partner-absences": {"first_day": "2036-03-02", "last_day": "2036-03-09"},
    "api-partner-exclusions": {"kind": "SOURCE", "value": "fair"},
    "api-policies": {
        "name": "Quick",
        "is_default": True,
        "waves": [{"partners": 1, "response_window": 60}],
    },
    "api-policies-simulate": {
        "name": "Quick",
        "is_default": True,
        "waves": [{"partners": 1, "response_window": 60}],
    },
    "api-assignment-hand-over": {"user": NOBODY},
    "partner-hours": {"monday_is_open": "on", "monday_opens": "07:00", "monday_closes": "12:00"},
    "partner-lead-hand-over": {"user": NOBODY},
    "partner-lead-note": {"text": "has a dog"},
    "partner-lead-reminder": {"due_at": "2026-03-09T08:00:00+01:00"},
    "partner-lead-reminder-end": {"reminder": NOBODY, "as_": "DONE"},
    "partner-lead-stage": {"chance": "HIGH"},
    "person-quiet": {"quiet": "none"},
    "api-users": {"email": "new@people.example", "role": "ANALYST"},
    "api-partners": {
        "external_id": "P-new",
        "name": "Huber",
        "country": "DE",
        "postal_code": "80331",
        "email": "huber@example.com",
    },
}
Values = dict[str, Any]


def mentions(address: Address, method: str, secrets: Set[str]) -> Iterator[tuple[Values, Values]]:
    """Pairs of what is sent: once with foreign things, once with unknown ones.

    A page's form or query takes all at once and ignores what it does not know. A program's call
    takes one at a time, of those that the document of the interface names.
    """
    names = _declared(address, method) & MENTIONS.keys() if address.is_api else MENTIONS.keys()
    pairs = {name: pair for name in sorted(names) if (pair := _pair(name, secrets))}
    rest = NEEDS.get(address.name, {})
    if address.is_api:
        for name, (foreign, unknown) in pairs.items():
            yield {**rest, name: foreign}, {**rest, name: unknown}
    elif pairs:
        yield (
            {name: foreign for name, (foreign, _) in pairs.items()},
            {name: unknown for name, (_, unknown) in pairs.items()},
        )


def _pair(name: str, secrets: Set[str]) -> tuple[Any, Any] | None:
    kind = MENTIONS[name]
    foreign = next((thing.value for thing in things_of(kind) if thing.row in secrets), None)
    if foreign is None:
        return None
    # The canary alone survives whatever is done to a text.
    foreign = foreign.partition(" ")[0]
    unknown = UNKNOWN.get(kind[1], UNKNOWN_WORD)
    return ([foreign], [unknown]) if name in LISTS else (foreign, unknown)


def _declared(address: Address, method: str) -> frozenset[str]:
    """The names that the document gives to a call's query and body."""
    operation = _document()["paths"].get(address.template, {}).get(method.lower(), {})
    names = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        names |= _properties(content["schema"])
    return frozenset(names)


def _properties(schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = _document()["components"]["schemas"][name]
    return set(schema.get("properties", {}))


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return document
