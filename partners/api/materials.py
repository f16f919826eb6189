"""Calls about documents for selling."""

from base64 import b64decode
from binascii import Error
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.fields import Choice, Code, Day, Input, Instant, Output, Text
from leadhub.core.pages.downloads import hand_out
from leadhub.core.uploads import FORMATS
from partners.absences import today_of
from partners.api.views import ApiView
from partners.materials.opening import open_version
from partners.materials.publishing import (
    KINDS,
    LANGUAGES,
    LARGEST_FILE,
    LONGEST_TITLE,
    MOST_LINES,
    Edition,
    add_material,
    add_version,
    change_material,
    end_version,
    withdraw_material,
)
from partners.materials.selectors import (
    materials_in_full,
    materials_visible_to,
    versions_visible_to,
)
from partners.roles import Capability

# Four characters stand for three bytes; the rest of the body is small.
LARGEST_BODY = LARGEST_FILE // 3 * 4 + 64 * 1024


class Base64(Text):
    """Bytes, written in Base64 (RFC 4648)."""

    default_error_messages = {"malformed": "The content of the file, in Base64."}

    def to_internal_value(self, data: Any) -> bytes:  # type: ignore[override]
        """Read the bytes."""
        text = super().to_internal_value(data)
        try:
            return b64decode(text, validate=True)
        except (Error, ValueError):
            self.fail("malformed")


class EditionInput(Input):
    """A version: the file itself, its language, and from when until when it holds."""

    content = Base64(help_text="The file in Base64: PDF, JPEG, PNG, WebP, XLSX or DOCX.")
    file_name = Text(max_length=200)
    language = Choice(LANGUAGES)
    valid_from = Day(required=False, help_text="The first day; today unless said.")
    valid_until = Day(required=False, help_text="The last day; no end unless said.")


class ChangeMaterialInput(Input):
    """What is to change of the description; what is not named stays."""

    title = Text(required=False, max_length=LONGEST_TITLE)
    kind = Choice(KINDS, required=False)
    product_lines = serializers.ListField(child=Code(), required=False, max_length=MOST_LINES)


class MaterialInput(EditionInput):
    """A document with its first version; without product lines it is about all of them."""

    title = Text(max_length=LONGEST_TITLE)
    kind = Choice(KINDS)
    product_lines = serializers.ListField(child=Code(), required=False, max_length=MOST_LINES)


class EndVersionInput(Input):
    """The last day of a version; ``null`` or nothing is no end."""

    valid_until = Day(required=False)


class VersionOutput(Output):
    """A version; its file is read at ``/materials/versions/{id}/``."""

    id = serializers.UUIDField()
    language = serializers.ChoiceField(choices=LANGUAGES)
    number = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    file_name = serializers.CharField()
    format = serializers.ChoiceField(choices=list(FORMATS))
    size = serializers.IntegerField(help_text="Bytes.")
    uploaded_at = Instant()


class MaterialOutput(Output):
    """A document; a partner sees its current versions, the manufacturer all."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    product_lines = serializers.ListField(child=serializers.CharField(), source="line_codes")
    created_at = Instant()
    withdrawn_at = Instant(allow_null=True)
    versions = serializers.ListField(child=VersionOutput(), source="shown_versions")


MATERIAL = MaterialOutput()
NEW, EDITION, CHANGE, END = (
    MaterialInput(),
    EditionInput(),
    ChangeMaterialInput(),
    EndVersionInput(),
)


class MaterialView(ApiView):
    """What these calls share."""

    needs: ClassVar[dict[str, Capability]] = {
        "GET": Capability.SEE_MATERIALS,
        "POST": Capability.CHANGE_MATERIALS,
        "PATCH": Capability.CHANGE_MATERIALS,
        "DELETE": Capability.CHANGE_MATERIALS,
    }

    def answer(self, material_id: Any, *, status: int = 200) -> Response:
        """Show a document as it is now."""
        materials = materials_visible_to(self.actor, at=self.at)
        whole = materials_in_full(materials, self.actor, at=self.at)
        return Response(MATERIAL.to_representation(whole.get(id=material_id)), status=status)

    def edition(self, sent: dict[str, Any]) -> Edition:
        """Take the version out of what was sent."""
        first = sent.get("valid_from") or today_of(self.actor.manufacturer_id, self.at)
        return Edition(
            content=sent["content"],
            file_name=sent["file_name"],
            language=sent["language"],
            valid_from=first,
            valid_until=sent.get("valid_until"),
        )


class MaterialsView(MaterialView):
    """``/materials/``."""

    body_max_bytes = LARGEST_BODY

    @extend_schema(operation_id="list_materials", responses=MaterialOutput(many=True))
    def get(self, request: Request) -> Response:
        """List documents, the newest first; a partner those that hold today."""
        materials = materials_visible_to(self.actor, at=self.at)
        return self.answer_page(materials_in_full(materials, self.actor, at=self.at), MATERIAL)

    @extend_schema(
        operation_id="add_material", request=MaterialInput, responses={201: MaterialOutput}
    )
    def post(self, request: Request) -> Response:
        """Publish a document."""
        sent = self.read(NEW)
        material = add_material(
            title=sent["title"],
            kind=sent["kind"],
            product_lines=sent.get("product_lines", []),
            edition=self.edition(sent),
            by=self.actor,
            at=self.at,
        )
        return self.answer(material.id, status=201)


class MaterialDetailView(MaterialView):
    """``/materials/{id}/``."""

    @extend_schema(operation_id="get_material", responses=MaterialOutput)
    def get(self, request: Request, material_id: str) -> Response:
        """Show a document."""
        found = self.find(materials_visible_to(self.actor, at=self.at), material_id)
        return self.answer(found.id)

    @extend_schema(
        operation_id="change_material", request=ChangeMaterialInput, responses=MaterialOutput
    )
    def patch(self, request: Request, material_id: str) -> Response:
        """Change how a document is described; a file is replaced by a new version."""
        materials = materials_visible_to(self.actor, at=self.at)
        found = self.find(materials_in_full(materials, self.actor, at=self.at), material_id)
        sent = self.read(CHANGE)
        change_material(
            material=found,
            title=sent.get("title", found.title),
            kind=sent.get("kind", found.kind),
            product_lines=sent.get("product_lines", found.line_codes),
            by=self.actor,
        )
        return self.answer(found.id)

    @extend_schema(operation_id="withdraw_material", responses={204: None})
    def delete(self, request: Request, material_id: str) -> Response:
        """Withdraw a document: no partner finds or opens it any more."""
        found = self.find(materials_visible_to(self.actor, at=self.at), material_id)
        withdraw_material(material=found, by=self.actor, at=self.at)
        return Response(status=204)


class MaterialVersionsView(MaterialView):
    """``/materials/{id}/versions/``."""

    body_max_bytes = LARGEST_BODY

    @extend_schema(
        operation_id="add_material_version", request=EditionInput, responses={201: MaterialOutput}
    )
    def post(self, request: Request, material_id: str) -> Response:
        """Replace a document in one language.

        :raises MaterialWithdrawn: if it was withdrawn.
        """
        found = self.find(materials_visible_to(self.actor, at=self.at), material_id)
        edition = self.edition(self.read(EDITION))
        add_version(material=found, edition=edition, by=self.actor, at=self.at)
        return self.answer(found.id, status=201)


class MaterialVersionView(MaterialView):
    """``/materials/versions/{id}/``."""

    @extend_schema(
        operation_id="read_material_file",
        responses={(200, one.media_type): OpenApiTypes.BINARY for one in FORMATS.values()},
    )
    def get(self, request: Request, version_id: str) -> HttpResponse:
        """Read the file of a version; a partner's reading is counted."""
        version = self.find(versions_visible_to([self.actor], at=self.at), version_id)
        content = open_version(version=version, found="API", by=self.actor, at=self.at)
        media_type = FORMATS[version.format].media_type
        return hand_out(content, media_type=media_type, name=version.file_name)

    @extend_schema(
        operation_id="end_material_version", request=EndVersionInput, responses=MaterialOutput
    )
    def patch(self, request: Request, version_id: str) -> Response:
        """Set the last day of a version."""
        version = self.find(versions_visible_to([self.actor], at=self.at), version_id)
        ended = end_version(
            version=version, valid_until=self.read(END).get("valid_until"), by=self.actor
        )
        return self.answer(ended.material_id)
