"""What a manufacturer does with its documents: add, describe, replace, end, withdraw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.files import keep_file
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn
from leadhub.core.uploads import FORMATS, MEGABYTE, check_upload, clean_name
from partners.changes import fields_of, record_change
from partners.models import Material, MaterialProductLine, MaterialVersion, ProductLine
from partners.models.materials import MaterialKind, MaterialLanguage
from partners.selectors import unknown_line

KINDS: Sequence[str] = MaterialKind.values
LANGUAGES: Sequence[str] = MaterialLanguage.values
LONGEST_TITLE = 150
# As much as goes through a mail server, and through a phone in a cellar with patience.
LARGEST_FILE = 16 * MEGABYTE
MOST_LINES = 100


class MaterialWithdrawn(StateConflict):
    """A document that was withdrawn gets no new version."""

    code = "material_withdrawn"
    message = gettext_noop("This document was withdrawn; add it as a new one.")


@dataclass(frozen=True)
class Edition:
    """A file to be published, and from when until when it holds.

    :ivar valid_until: the last day; ``None`` is until a newer one replaces it.
    """

    content: bytes
    file_name: str
    language: str
    valid_from: date
    valid_until: date | None = None


@in_tenant_of("by")
def add_material(
    *,
    title: str,
    kind: str,
    product_lines: Sequence[str],
    edition: Edition,
    by: Actor,
    at: datetime,
) -> Material:
    """Publish a document with its first version.

    :param product_lines: codes; none is all of them.
    :raises InvalidInput: if a line is unknown, the file is not taken, or the days are the wrong
        way round.
    """
    lines = _lines_named(product_lines, by)
    material = Material(manufacturer_id=by.manufacturer_id, title=title, kind=kind, created_at=at)
    material.save(force_insert=True)
    _set_lines(material, lines)
    _record(material, by, before=None, after=_described(material, product_lines))
    _publish(material, edition, by=by, at=at)
    return material


@in_tenant_of("material")
def add_version(
    *, material: Material, edition: Edition, by: Actor, at: datetime
) -> MaterialVersion:
    """Replace a document in one language, from the edition's first day on.

    Whoever has the address of an older version opens it until that one ends.

    :raises MaterialWithdrawn: if the document was withdrawn.
    :raises InvalidInput: as ``add_material``.
    """
    material = _locked(material)
    if material.withdrawn_at is not None:
        raise MaterialWithdrawn
    return _publish(material, edition, by=by, at=at)


@in_tenant_of("material")
def change_material(
    *, material: Material, title: str, kind: str, product_lines: Sequence[str], by: Actor
) -> Material:
    """Describe a document anew; its versions stay.

    :raises InvalidInput: if a line is unknown.
    """
    material = _locked(material)
    before = _described(material, _codes_of(material))
    lines = _lines_named(product_lines, by)
    material.title, material.kind = title, kind
    material.save(update_fields=["title", "kind"])
    if sorted(product_lines) != before["product_lines"]:
        MaterialProductLine.objects.filter(
            manufacturer=material.manufacturer_id, material=material
        ).delete()
        _set_lines(material, lines)
    _record(material, by, before=before, after=_described(material, product_lines))
    return material


@in_tenant_of("version")
def end_version(
    *, version: MaterialVersion, valid_until: date | None, by: Actor
) -> MaterialVersion:
    """Set the last day of a version; ``None`` lets it hold until it is replaced.

    :raises InvalidInput: if that lies before its first day.
    """
    material = _locked(version.material)
    found = MaterialVersion.objects.get(manufacturer=material.manufacturer_id, id=version.id)
    _check_days(found.valid_from, valid_until)
    before = fields_of(found, "valid_until")
    found.valid_until = valid_until
    found.save(update_fields=["valid_until"])
    record_change(
        by=by,
        kind="material_version",
        key=found.id,
        name=material.title,
        before=before,
        after=fields_of(found, "valid_until"),
    )
    return found


@in_tenant_of("material")
def withdraw_material(*, material: Material, by: Actor, at: datetime) -> bool:
    """Let no partner find or open a document any more; its files and figures stay.

    :returns: ``False`` if it was withdrawn before.
    """
    material = _locked(material)
    if material.withdrawn_at is not None:
        return False
    material.withdrawn_at = at
    material.save(update_fields=["withdrawn_at"])
    _record(material, by, before={"withdrawn_at": None}, after={"withdrawn_at": at})
    return True


def _publish(material: Material, edition: Edition, *, by: Actor, at: datetime) -> MaterialVersion:
    found = check_upload(edition.content, allowed=FORMATS, at_most=LARGEST_FILE, field="content")
    _check_days(edition.valid_from, edition.valid_until)
    own = MaterialVersion.objects.filter(
        manufacturer=material.manufacturer_id, material=material, language=edition.language
    )
    last: int | None = own.aggregate(last=Max("number"))["last"]
    version = MaterialVersion(
        manufacturer_id=material.manufacturer_id,
        material=material,
        language=edition.language,
        number=(last or 0) + 1,
        valid_from=edition.valid_from,
        valid_until=edition.valid_until,
        file_name=clean_name(edition.file_name, of=found, otherwise=material.title),
        format=found.code,
        size=len(edition.content),
        digest=keep_file(owner=material.manufacturer_id, content=edition.content),
        uploaded_at=at,
    )
    version.save(force_insert=True)
    record_change(
        by=by,
        kind="material_version",
        key=version.id,
        name=material.title,
        after=fields_of(version, "number", "language", "file_name", "valid_from", "valid_until"),
    )
    return version


def _locked(material: Material) -> Material:
    """Wait for whoever changes this document, and read it as they left it."""
    wait_for_turn("material", material.id)
    found = Material.objects.filter(manufacturer=material.manufacturer_id, id=material.id).first()
    if found is None:
        raise NotVisible
    return found


def _check_days(valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until < valid_from:
        raise InvalidInput(
            field="valid_until",
            message=gettext_noop("The last day must not lie before the first."),
            code="too_early",
        )


def _lines_named(codes: Sequence[str], by: Actor) -> list[UUID]:
    known = dict(
        ProductLine.objects.filter(manufacturer=by.manufacturer_id, code__in=codes).values_list(
            "code", "id"
        )
    )
    for place, code in enumerate(codes):
        if code not in known:
            raise unknown_line(field=f"product_lines.{place}", code=code)
    return sorted(known.values())


def _set_lines(material: Material, lines: Sequence[UUID]) -> None:
    MaterialProductLine.objects.bulk_create(
        MaterialProductLine(
            manufacturer_id=material.manufacturer_id, material=material, product_line_id=line
        )
        for line in lines
    )


def _codes_of(material: Material) -> list[str]:
    lines = MaterialProductLine.objects.filter(
        manufacturer=material.manufacturer_id, material=material
    )
    return list(lines.values_list("product_line__code", flat=True))


def _described(material: Material, product_lines: Sequence[str]) -> dict[str, Any]:
    return {
        "title": material.title,
        "material_kind": material.kind,
        "product_lines": sorted(set(product_lines)),
    }


def _record(
    material: Material, by: Actor, *, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    record_change(
        by=by, kind="material", key=material.id, name=material.title, before=before, after=after
    )
