"""Calls about the partners of a network."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.fields import is_absent
from leadhub.core.errors import InvalidInput
from partners.api.serializers import (
    PARTNER,
    ChangePartnerInput,
    KeyInput,
    KeyOutput,
    NewPartnerInput,
    PartnerInput,
    PartnerOutput,
)
from partners.api.views import ApiView
from partners.keys import issue_key
from partners.network import (
    CertificationDetails,
    PartnerDetails,
    change_partner,
    create_partner,
    save_partner,
)
from partners.roles import Capability
from partners.selectors import partners_in_full, partners_visible_to, portfolios_of

CHANGE, WHOLE, NEW, KEY = ChangePartnerInput(), PartnerInput(), NewPartnerInput(), KeyInput()
LONGEST_EXTERNAL_ID = 120
DEFAULTS: Mapping[str, Any] = {
    field.name: field.default
    for field in fields(PartnerDetails)
    if field.name not in ("external_id", "name", "country")
}


class PartnerView(ApiView):
    """What calls about partners share."""

    needs: ClassVar[dict[str, Capability]] = {
        "GET": Capability.SEE_NETWORK,
        "POST": Capability.CHANGE_NETWORK,
        "PUT": Capability.CHANGE_NETWORK,
        "PATCH": Capability.CHANGE_NETWORK,
    }

    def answer_partner(self, partner_id: Any, *, status: int = 200) -> Response:
        """Answer a partner as it is now."""
        partner = partners_in_full(partners_visible_to(self.actor)).get(id=partner_id)
        add_portfolios([partner])
        return Response(PARTNER.to_representation(partner), status=status)


class PartnersView(PartnerView):
    """``/partners/``."""

    ordering = ("external_id",)

    @extend_schema(operation_id="list_partners", responses=PartnerOutput(many=True))
    def get(self, request: Request) -> Response:
        """List partners by their ``external_id``."""
        partners = partners_in_full(partners_visible_to(self.actor))
        return self.answer_page(partners, PARTNER, complete=add_portfolios)

    @extend_schema(
        operation_id="create_partner", request=NewPartnerInput, responses={201: PartnerOutput}
    )
    def post(self, request: Request) -> Response:
        """Create a partner.

        :raises PartnerExists: if its number is in use.
        """
        details = details_from(self.read(NEW))
        partner = create_partner(details=details, by=self.actor, at=self.at)
        return self.answer_partner(partner.id, status=201)


class PartnerDetailView(PartnerView):
    """``/partners/{id}/``."""

    @extend_schema(operation_id="get_partner", responses=PartnerOutput)
    def get(self, request: Request, partner_id: str) -> Response:
        """Show a partner."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        return self.answer_partner(partner.id)

    @extend_schema(
        operation_id="change_partner", request=ChangePartnerInput, responses=PartnerOutput
    )
    def patch(self, request: Request, partner_id: str) -> Response:
        """Change what is named; ``null`` clears a field."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        changes = changes_from(self.read(CHANGE), dict(request.data))
        changed = change_partner(partner=partner, changes=changes, by=self.actor, at=self.at)
        return self.answer_partner(changed.id)


class PartnerByExternalIdView(PartnerView):
    """``/partners/by-external-id/{external_id}/``."""

    @extend_schema(
        operation_id="put_partner",
        request=PartnerInput,
        responses={200: PartnerOutput, 201: PartnerOutput},
    )
    def put(self, request: Request, external_id: str) -> Response:
        """Create the partner with this number, or change all of it."""
        if len(external_id) > LONGEST_EXTERNAL_ID or "\0" in external_id or is_absent(external_id):
            raise InvalidInput(
                field="external_id",
                message=f"1 to {LONGEST_EXTERNAL_ID} characters, please.",
                code="too_long",
            )
        details = details_from({**self.read(WHOLE), "external_id": external_id})
        partner, is_new = save_partner(details=details, by=self.actor, at=self.at)
        return self.answer_partner(partner.id, status=201 if is_new else 200)


class PartnerKeysView(PartnerView):
    """``/partners/{id}/api-keys/``."""

    needs: ClassVar[dict[str, Capability]] = {"POST": Capability.MANAGE_KEYS}
    secrets = ("key",)

    @extend_schema(operation_id="issue_partner_key", request=KeyInput, responses={201: KeyOutput})
    def post(self, request: Request, partner_id: str) -> Response:
        """Make a key that acts as this partner; it is shown this once."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        name = self.read(KEY)["name"]
        key = issue_key(name=name, partner=partner, by=self.actor, at=self.at)
        return Response({"key": key, "name": name, "partner": partner.id}, status=201)


def add_portfolios(partners: Sequence[Any]) -> None:
    """Put the codes of what they sell on partners."""
    portfolios = portfolios_of(partners)
    for partner in partners:
        partner.product_line_codes = portfolios[partner.id]


def details_from(sent: dict[str, Any]) -> PartnerDetails:
    """Make what the domain takes of a checked body."""
    return PartnerDetails(**_flat(sent))


def changes_from(checked: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what was sent; what was sent as absent falls back to its default."""
    cleared = {name: DEFAULTS[name] for name in DEFAULTS if name in sent and is_absent(sent[name])}
    if "caps" in sent:
        cleared |= {name: None for name in DEFAULTS if name.startswith("cap_")}
    return {**cleared, **_flat(dict(checked))}


def _flat(sent: dict[str, Any]) -> dict[str, Any]:
    caps = sent.pop("caps", {})
    sent.update({f"cap_{name}": value for name, value in caps.items()})
    for name in ("postal_code_areas", "regions", "product_lines"):
        if name in sent:
            sent[name] = list(dict.fromkeys(sent[name]))
    if "certifications" in sent:
        sent["certifications"] = [CertificationDetails(**held) for held in sent["certifications"]]
    return sent
