"""A partner's library: the documents for selling that hold today, and opening one of them."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_safe

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.pages.answers import show
from leadhub.core.pages.downloads import hand_out
from leadhub.core.uploads import FORMATS
from partners.decorators import PersonRequest, partner_page
from partners.material_forms import LibraryForm
from partners.materials.opening import open_version
from partners.materials.selectors import (
    about_lines,
    called,
    current_versions_visible_to,
    in_one_language,
    versions_visible_to,
)
from partners.models.materials import OpenedFrom
from partners.roles import Capability
from partners.selectors import product_lines_visible_to

AT_ONCE = 30


@partner_page(Capability.SEE_MATERIALS)
@require_safe
def show_library(request: PersonRequest) -> HttpResponse:
    """Show what holds today, narrowed to what is looked for."""
    actors = request.person.as_partners
    form = LibraryForm(request.GET)
    sought = form.cleaned_data if form.is_valid() else {}
    versions = current_versions_visible_to(actors, at=clock.now())
    lines = _lines_of(actors)
    chosen = [line.id for line in lines if line.code == sought.get("line")]
    if chosen:
        versions = about_lines(versions, chosen)
    if sought.get("q"):
        versions = called(versions, sought["q"])
    found = in_one_language(versions, language=request.person.user.language)
    kept = {name: value for name, value in sought.items() if value}
    context = {
        "place": "materials",
        "page": Paginator(found, AT_ONCE).get_page(request.GET.get("page")),
        "lines": {line.code: line.name for line in lines},
        "line": sought.get("line") if chosen else "",
        "text": sought.get("q", ""),
        "narrowed": f"{urlencode(kept)}&" if kept else "",
        "is_narrowed": bool(chosen or sought.get("q")),
    }
    return show(request, "partners/phone/materials.html", context, part="found")


@partner_page(Capability.SEE_MATERIALS)
@require_GET
def open_material(request: PersonRequest, version_id: UUID) -> HttpResponse:
    """Hand out the file of a version; each time is counted."""
    at = clock.now()
    version = versions_visible_to(request.person.as_partners, at=at).filter(id=version_id).first()
    if version is None:
        raise NotVisible
    found = OpenedFrom.LEAD if request.GET.get("from") == "lead" else OpenedFrom.LIBRARY
    content = open_version(version=version, found=found, by=_reader(request, version), at=at)
    return hand_out(content, media_type=FORMATS[version.format].media_type, name=version.file_name)


def _reader(request: PersonRequest, version: Any) -> Actor:
    """Tell for which of their partners somebody opens it: the first in its network."""
    return next(
        actor
        for actor in request.person.as_partners
        if actor.manufacturer_id == version.manufacturer_id
    )


def _lines_of(actors: list[Actor]) -> list[Any]:
    """List the product lines of a person's networks, by name."""
    tenants = {actor.manufacturer_id: actor for actor in actors}
    lines = [line for actor in tenants.values() for line in product_lines_visible_to(actor)]
    return sorted(lines, key=lambda line: (line.name.lower(), line.id))
