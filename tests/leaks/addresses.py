"""Every address there is with its methods, and the objects that each kind of parameter names."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from leadhub.core.tenancy.context import system_context
from tests.contracts.catalogue import ask

TO_WEBHOOKS = "(SELECT * FROM core_delivery WHERE channel = 'WEBHOOK') AS message"
IMPORTS = "(SELECT * FROM partners_import"
# Parameter of an address -> the table of what it names, and the column that names it.
KINDS = {
    "lead_id": ("leads_lead", "id"),
    "offer_id": ("leads_leadoffer", "id"),
    "assignment_id": ("leads_assignment", "id"),
    "policy_id": ("leads_routingpolicy", "id"),
    "replay_id": ("leads_replay", "id"),
    "import_id": (f"{IMPORTS} WHERE kind = 'PARTNERS') AS job", "id"),
    "history_id": (f"{IMPORTS} WHERE kind = 'HISTORY') AS job", "id"),
    "view_id": ("leads_savedview", "id"),
    "deed_id": ("leads_bulkdeed", "id"),
    "absence_id": ("partners_absence", "id"),
    "exclusion_id": ("partners_exclusion", "id"),
    "invitation_id": ("partners_invitation", "id"),
    "key_id": ("partners_apikey", "id"),
    "form_id": ("leads_webform", "id"),
    "material_id": ("partners_material", "id"),
    "version_id": ("partners_materialversion", "id"),
    "attachment_id": ("leads_leadattachment", "id"),
    "message_id": ("core_delivery", "id"),
    "membership_id": ("partners_membership", "id"),
    "partner_id": ("partners_partner", "id"),
    "external_id": ("partners_partner", "external_id"),
    "code": ("partners_productline", "code"),
    "webhook_id": ("leads_webhook", "id"),
    "webhook_id/message_id": (
        f"(SELECT *, substr(recipient, 9) || '/' || id AS pair FROM {TO_WEBHOOKS}) AS told",
        "pair",
    ),
}
# Addresses whose parameter nobody can be kept from knowing, or that name no row of a tenant.
NOT_ATTACKED = {
    "app-manifest": "a language, of no tenant",
    "app-offline": "a language, of no tenant",
    "form-colors": "two colours, for whoever sees the form",
    "form-show": "made to be seen and sent by anybody; its own tests attack it",
    "form-thanks": "what anybody sees who sent the form",
    "link-open": "a secret that opens to whoever holds it; the tests of links forge it",
    "account_reset_password_from_key": "a secret that opens to whoever holds it, once",
    "mfa_remove_webauthn": "a number among one's own passkeys; other tests try others'",
    "openid_connect_callback": "the provider's own call; the tests of single sign-on forge it",
    "openid_connect_login": "whoever knows the name of a company may try to log in by it",
    "person-device-forget": "one's own browsers, of no tenant; other tests try others'",
    "person-invitation-open": "a secret that opens to whoever holds it; only its digest is kept",
}
DRAFTS = ("(SELECT * FROM leads_routingpolicy WHERE published_at IS NULL) AS draft", "id")
# Where a parameter means something else than elsewhere.
OF_ADDRESS = {
    **{
        (f"desk-draft{deed}", "policy_id"): DRAFTS
        for deed in ("", "-edit", "-preview", "-publish", "-discard", "-replay")
    },
    ("api-level", "code"): ("partners_certificationlevel", "code"),
    ("desk-level", "code"): ("partners_certificationlevel", "code"),
}
# Codes are the network's words for things; these stand in one network only.
OWN_CODES = "%qx-%"
_NO_ID = str(UUID(int=2**127 + 1))
UNKNOWN = {"id": _NO_ID, "pair": f"{_NO_ID}/{_NO_ID}"}
UNKNOWN_WORD = "nosuchqqword"


class Thing(NamedTuple):
    """Something that an address names."""

    row: str
    tenant: str
    value: str


class Address(NamedTuple):
    """An address with at most one parameter, or with a pair that names one thing together."""

    name: str
    parameter: str | None
    methods: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        """Whether programs call it."""
        return self.name.startswith("api-")

    @property
    def kind(self) -> tuple[str, str]:
        """The table and the column of what its parameter names."""
        assert self.parameter is not None
        return OF_ADDRESS.get((self.name, self.parameter)) or KINDS[self.parameter]

    def of(self, value: str | None) -> str:
        """The path, for the thing that has this value."""
        if not self.parameter:
            return reverse(self.name)
        values = (value or "").split("/") if "/" in self.parameter else [value]
        return reverse(self.name, kwargs=dict(zip(self.parameter.split("/"), values, strict=True)))

    @property
    def template(self) -> str:
        """The path as the document of the interface writes it."""
        names = self.parameter.split("/") if self.parameter else []
        return unquote(reverse(self.name, kwargs={name: f"{{{name}}}" for name in names}))

    @property
    def unknown(self) -> str:
        """A value that names nothing."""
        return UNKNOWN.get(self.kind[1], UNKNOWN_WORD)


def addresses() -> list[Address]:
    """Every address, with the methods that it may answer."""
    patterns = _patterns(get_resolver())
    return [_address(pattern) for pattern in patterns if pattern.name not in NOT_ATTACKED]


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def _address(pattern: URLPattern) -> Address:
    parameters = list(pattern.pattern.converters)
    assert pattern.name, f"{pattern} has no name"
    parameter = "/".join(parameters) or None
    assert parameter is None or parameter in KINDS or len(parameters) == 1, (
        f"{pattern.name} has several parameters: say how to attack it"
    )
    view = getattr(pattern.callback, "view_class", None)
    names = ("get", "post", "put", "patch", "delete") if view else ("get", "post")
    methods = tuple(n.upper() for n in names if view is None or hasattr(view, n))
    return Address(pattern.name, parameter, methods)


def things_of(kind: tuple[str, str]) -> list[Thing]:
    """Everything of a kind, in every network."""
    table, column = kind
    only = "" if column != "code" else "WHERE code LIKE %s"
    sql = f"SELECT id::text, manufacturer_id::text, {column}::text FROM {table} {only} ORDER BY id"
    with system_context("test.things"):
        return [Thing(*row) for row in ask(sql, *([OWN_CODES] if only else []))]
