"""What may be read of documents: a manufacturer's own, all of them; a partner's those that hold.

Every partner of a network may read its documents, whichever lines it carries: a lead may ask for
one that is not in its portfolio.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from leadhub.core.actors import Actor
from partners.models import Material, MaterialOpening, MaterialProductLine, MaterialVersion


def materials_visible_to(actor: Actor, *, at: datetime) -> QuerySet[Material]:
    """Documents of a manufacturer, withdrawn ones too; for a partner those it can open now."""
    materials = Material.objects.filter(manufacturer=actor.manufacturer_id)
    if actor.is_partner:
        holding = current_versions_visible_to([actor], at=at)
        materials = materials.filter(withdrawn_at=None, id__in=holding.values("material_id"))
    return materials


def versions_visible_to(actors: Iterable[Actor], *, at: datetime) -> QuerySet[MaterialVersion]:
    """Find every version of a manufacturer; for partners those that hold today, older ones too.

    :param actors: what one person may act as; for several partners at once, or for one side.
    """
    known = list(actors)
    versions = MaterialVersion.objects.filter(manufacturer__in={a.manufacturer_id for a in known})
    if any(actor.is_partner for actor in known):
        versions = _holding(_begun(versions, at)).filter(material__withdrawn_at=None)
    return versions.select_related("material")


def current_versions_visible_to(
    actors: Iterable[Actor], *, at: datetime
) -> QuerySet[MaterialVersion]:
    """Find the version of each document and language that stands for it today.

    It is the latest that has begun; if that one has ended, the document is out in this language,
    and no older version comes back for it.
    """
    tenants = {actor.manufacturer_id for actor in actors}
    begun = _begun(MaterialVersion.objects.filter(manufacturer__in=tenants), at)
    latest = begun.order_by("material_id", "language", "-number").distinct(
        "material_id", "language"
    )
    versions = MaterialVersion.objects.filter(
        manufacturer__in=tenants, id__in=latest.values("id"), material__withdrawn_at=None
    )
    return _holding(_with_today(versions, at)).select_related("material", "manufacturer")


def in_one_language(versions: Iterable[MaterialVersion], *, language: str) -> list[MaterialVersion]:
    """Choose of each document the version for a reader: in their language, else the best other.

    The manufacturer's own language comes next, then English, then any.

    :returns: by kind and title; each with ``others``, the versions in other languages.
    """
    of_material: dict[UUID, list[MaterialVersion]] = {}
    for version in versions:
        of_material.setdefault(version.material_id, []).append(version)
    chosen = []
    for found in of_material.values():
        liked = (language, found[0].manufacturer.language, "en")
        first, *others = sorted(found, key=lambda one: (_place(one.language, liked), one.language))
        first.others = others  # type: ignore[attr-defined]
        chosen.append(first)
    return sorted(chosen, key=lambda one: (one.material.kind, one.material.title.lower(), one.id))


def about_lines(
    versions: QuerySet[MaterialVersion], product_lines: Sequence[UUID]
) -> QuerySet[MaterialVersion]:
    """Narrow to documents about one of these product lines, or about all lines."""
    lines = MaterialProductLine.objects.filter(
        manufacturer=OuterRef("manufacturer"), material=OuterRef("material")
    )
    named = MaterialProductLine.objects.filter(product_line__in=product_lines)
    return versions.filter(Q(material__in=named.values("material_id")) | ~Exists(lines))


def called(versions: QuerySet[MaterialVersion], text: str) -> QuerySet[MaterialVersion]:
    """Narrow to documents whose title or file has each of these words in its name."""
    for word in text.split():
        versions = versions.filter(
            Q(material__title__icontains=word) | Q(file_name__icontains=word)
        )
    return versions


def materials_in_full(
    materials: QuerySet[Material], actor: Actor, *, at: datetime
) -> QuerySet[Material]:
    """Read product lines and versions along, as ``line_codes``, ``line_names``, ``shown_versions``.

    A partner gets the one current version in each language, the manufacturer every version.
    """
    versions = (
        current_versions_visible_to([actor], at=at)
        if actor.is_partner
        else versions_visible_to([actor], at=at)
    )
    lines = MaterialProductLine.objects.filter(
        manufacturer=OuterRef("manufacturer"), material=OuterRef("id")
    ).order_by("product_line__code")
    return materials.annotate(
        line_codes=ArraySubquery(lines.values("product_line__code")),
        line_names=ArraySubquery(lines.values("product_line__name")),
    ).prefetch_related(
        Prefetch("versions", versions.order_by("language", "-number"), "shown_versions")
    )


def openings_visible_to(actor: Actor) -> QuerySet[MaterialOpening]:
    """Find openings of a manufacturer's documents; a partner's own."""
    openings = MaterialOpening.objects.filter(manufacturer=actor.manufacturer_id)
    return openings.filter(partner=actor.partner_id) if actor.is_partner else openings


def times_opened(material: Material, *, actor: Actor) -> dict[UUID, Mapping[str, Any]]:
    """Count of each version of a document how often it was opened, and by how many partners."""
    counted = (
        openings_visible_to(actor)
        .filter(version__material=material)
        .values("version_id")
        .annotate(times=Count("id"), partners=Count("partner", distinct=True))
        .order_by("version_id")
    )
    return {row["version_id"]: row for row in counted}


def holding_of(versions: Iterable[MaterialVersion], *, today: date) -> list[MaterialVersion]:
    """Pick of a document's versions the one in each language that stands for it on a day."""
    latest: dict[str, MaterialVersion] = {}
    for version in sorted(versions, key=attrgetter("number")):
        if version.valid_from <= today:
            latest[version.language] = version
    return [
        version
        for _, version in sorted(latest.items())
        if version.valid_until is None or version.valid_until >= today
    ]


def _with_today(versions: QuerySet[MaterialVersion], at: datetime) -> QuerySet[MaterialVersion]:
    """Tell of each version which day it is for its manufacturer."""
    there = Func(
        F("manufacturer__time_zone"),
        Value(at, output_field=DateTimeField()),
        function="timezone",
        output_field=DateTimeField(),
    )
    return versions.annotate(today=Cast(there, DateField()))


def _begun(versions: QuerySet[MaterialVersion], at: datetime) -> QuerySet[MaterialVersion]:
    return _with_today(versions, at).filter(valid_from__lte=F("today"))


def _holding(versions: QuerySet[MaterialVersion]) -> QuerySet[MaterialVersion]:
    return versions.filter(Q(valid_until=None) | Q(valid_until__gte=F("today")))


def _place(language: str, liked: Sequence[str]) -> int:
    return liked.index(language) if language in liked else len(liked)
