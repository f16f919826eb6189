"""Documents for selling at the desk: which there are, what holds, how often it was opened."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leadhub.core.pages.downloads import hand_out
from leadhub.core.pages.forms import note_refusal
from leadhub.core.uploads import FORMATS
from partners.absences import today_of
from partners.decorators import PersonRequest, desk_page
from partners.material_forms import FIELDS, DescriptionForm, EditionForm, EndForm, MaterialForm
from partners.materials.opening import open_version
from partners.materials.publishing import (
    add_material,
    add_version,
    change_material,
    end_version,
    withdraw_material,
)
from partners.materials.selectors import (
    holding_of,
    materials_in_full,
    materials_visible_to,
    times_opened,
    versions_visible_to,
)
from partners.roles import Capability
from partners.selectors import product_lines_visible_to

AT_ONCE = 50
PLACE = {"place": "set-up"}
FORM = "partners/desk/material_form.html"
publisher_page = desk_page(Capability.CHANGE_MATERIALS)


@desk_page(Capability.SEE_NETWORK)
@require_safe
def show_materials(request: PersonRequest) -> HttpResponse:
    """List documents, the newest first, with what holds today."""
    actor, at = request.person.at_desk, clock.now()
    rows = materials_in_full(materials_visible_to(actor, at=at), actor, at=at).order_by("-id")
    page = Paginator(rows, AT_ONCE).get_page(request.GET.get("page"))
    today = today_of(actor.manufacturer_id, at)
    materials: Any = page.object_list
    for material in materials:
        material.holding = holding_of(material.shown_versions, today=today)
    return show(request, "partners/desk/materials.html", {**PLACE, "page": page})


@publisher_page
@require_http_methods(["GET", "POST"])
def publish(request: PersonRequest) -> HttpResponse:
    """Publish a document with its first version."""
    actor, at = request.person.at_desk, clock.now()
    form = MaterialForm(*_sent(request), lines=_lines(request))
    if form.is_valid():
        edition = form.edition(today=today_of(actor.manufacturer_id, at))
        try:
            material = add_material(**form.description(), edition=edition, by=actor, at=at)
        except InvalidInput as refusal:
            note_refusal(form, refusal, FIELDS)
        except StateConflict as refusal:
            form.add_error(None, refusal.in_words())
        else:
            messages.success(request, gettext("The document was published."))
            return go_to(request, "desk-material", material.id)
    return _ask(request, form, title=gettext("New document"))


@desk_page(Capability.SEE_NETWORK)
@require_safe
def show_material(request: PersonRequest, material_id: UUID) -> HttpResponse:
    """Show a document with all of its versions."""
    material = _find(request, material_id)
    counted = times_opened(material, actor=request.person.at_desk)
    for version in material.shown_versions:
        version.opened = counted.get(version.id)
    today = today_of(material.manufacturer_id, clock.now())
    material.holding = holding_of(material.shown_versions, today=today)
    return show(request, "partners/desk/material.html", {**PLACE, "material": material})


@publisher_page
@require_http_methods(["GET", "POST"])
def describe(request: PersonRequest, material_id: UUID) -> HttpResponse:
    """Describe a document anew."""
    material = _find(request, material_id)
    initial = {
        "title": material.title,
        "kind": material.kind,
        "product_lines": material.line_codes,
    }
    data, _ = _sent(request)
    form = DescriptionForm(data, initial=initial, lines=_lines(request))
    if form.is_valid():
        change_material(material=material, **form.description(), by=request.person.at_desk)
        messages.success(request, gettext("The changes were saved."))
        return go_to(request, "desk-material", material.id)
    return _ask(request, form, title=gettext("Change the description"), material=material)


@publisher_page
@require_http_methods(["GET", "POST"])
def replace(request: PersonRequest, material_id: UUID) -> HttpResponse:
    """Publish a new version of a document."""
    actor, at = request.person.at_desk, clock.now()
    material = _find(request, material_id)
    form = EditionForm(*_sent(request), initial=_as_before(material))
    if form.is_valid():
        edition = form.edition(today=today_of(actor.manufacturer_id, at))
        try:
            add_version(material=material, edition=edition, by=actor, at=at)
        except InvalidInput as refusal:
            note_refusal(form, refusal, FIELDS)
        except StateConflict as refusal:
            form.add_error(None, refusal.in_words())
        else:
            messages.success(request, gettext("The new version was published."))
            return go_to(request, "desk-material", material.id)
    return _ask(request, form, title=gettext("New version"), material=material)


@publisher_page
@require_POST
def end(request: PersonRequest, version_id: UUID) -> HttpResponse:
    """Set the last day of a version."""
    version = _find_version(request, version_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("That is no day. Nothing was changed."))
        return go_to(request, "desk-material", version.material_id)
    try:
        end_version(version=version, by=request.person.at_desk, **form.cleaned_data)
    except InvalidInput as refusal:
        return refuse(request, refusal, "desk-material", version.material_id)
    messages.success(request, gettext("The changes were saved."))
    return go_to(request, "desk-material", version.material_id)


@publisher_page
@require_POST
def withdraw(request: PersonRequest, material_id: UUID) -> HttpResponse:
    """Let no partner find or open a document any more."""
    material = _find(request, material_id)
    if withdraw_material(material=material, by=request.person.at_desk, at=clock.now()):
        messages.success(request, gettext("The document was withdrawn."))
    return go_to(request, "desk-material", material.id)


@desk_page(Capability.SEE_NETWORK)
@require_safe
def look_into(request: PersonRequest, version_id: UUID) -> HttpResponse:
    """Hand out the file of a version to the manufacturer's own people, which counts as nothing."""
    version = _find_version(request, version_id)
    content = open_version(version=version, by=request.person.at_desk, at=clock.now())
    media_type = FORMATS[version.format].media_type
    return hand_out(content, media_type=media_type, name=version.file_name)


def _find(request: PersonRequest, material_id: UUID) -> Any:
    actor, at = request.person.at_desk, clock.now()
    rows = materials_in_full(materials_visible_to(actor, at=at), actor, at=at)
    material = rows.filter(id=material_id).first()
    if material is None:
        raise NotVisible
    return material


def _find_version(request: PersonRequest, version_id: UUID) -> Any:
    versions = versions_visible_to([request.person.at_desk], at=clock.now())
    version = versions.filter(id=version_id).first()
    if version is None:
        raise NotVisible
    return version


def _lines(request: PersonRequest) -> Any:
    return product_lines_visible_to(request.person.at_desk).order_by("name", "id")


def _as_before(material: Any) -> dict[str, Any]:
    """Suppose that a new version is in the language of the last one."""
    versions = sorted(material.shown_versions, key=lambda one: one.id)
    return {"language": versions[-1].language} if versions else {}


def _sent(request: PersonRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _ask(request: PersonRequest, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return show(request, FORM, {**PLACE, "form": form, **context}, status=status)
