"""Partners from a file: sent, assigned to columns, looked at, stored, taken back."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leadhub.core.pages.downloads import hand_out
from leadhub.core.pages.forms import note_refusal
from leadhub.core.uploads import FORMATS
from partners.change_words import differences_in_words
from partners.decorators import PersonRequest, desk_page
from partners.import_forms import SAMPLES_SHOWN, MappingForm, UploadForm
from partners.imports.files import refused_as_csv, template_as_csv, template_as_xlsx
from partners.imports.jobs import (
    check_import,
    discard_import,
    start_import,
    store_import,
    undo_import,
)
from partners.imports.selectors import first_rows_of, import_rows_visible_to, imports_visible_to
from partners.imports.stored import say_reason, say_reasons
from partners.models import Import, ImportRow
from partners.models.imports import WORKING, RowVerdict
from partners.roles import Capability

KIND = Import.Kind.PARTNERS
ACCEPT = ".csv,.txt,.tsv,.xlsx"
IMPORTS_SHOWN = 20
ROWS_A_PAGE = 50
CSV = "text/csv; charset=utf-8"
import_page = desk_page(Capability.CHANGE_NETWORK)


@import_page
@require_http_methods(["GET", "POST"])
def show_imports(request: PersonRequest) -> HttpResponse:
    """Take a file, and list the imports that there were."""
    actor = request.person.at_desk
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, accept=ACCEPT
    )
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            job = start_import(
                kind=KIND,
                file_name=sent.name,
                content=sent.read(),
                upload_key=form.cleaned_data["upload_key"],
                by=actor,
                at=clock.now(),
            )
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        except StateConflict as refusal:
            form.add_error(None, refusal.in_words())
        else:
            return go_to(request, "desk-import", job.id)
    imports = imports_visible_to(actor).filter(kind=KIND).order_by("-id")[:IMPORTS_SHOWN]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"place": "partners", "form": form, "imports": imports}
    return show(request, "partners/desk/imports.html", context, status=status)


@import_page
@require_safe
def hand_out_template(request: PersonRequest) -> HttpResponse:
    """Hand out a file with the headings, to be filled in."""
    name = gettext("partners")
    if request.GET.get("as") == "csv":
        return hand_out(template_as_csv(), media_type=CSV, name=f"{name}.csv")
    media_type = FORMATS["XLSX"].media_type
    return hand_out(template_as_xlsx(), media_type=media_type, name=f"{name}.xlsx")


@import_page
@require_safe
def show_import(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Show how far an import is, what it asks, or what came of it."""
    job = _find(request, import_id)
    form = _mapping_form(job) if job.status == Import.Status.MAPPING else None
    return _show(request, job, form=form)


@import_page
@require_http_methods(["GET", "POST"])
def check(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Ask which column is what, and have the rows checked with the answer."""
    job = _find(request, import_id)
    if request.method != "POST":
        is_open = job.status in (Import.Status.MAPPING, Import.Status.CHECKED)
        return _show(request, job, form=_mapping_form(job) if is_open else None)
    form = _mapping_form(job, request.POST)
    if not form.is_valid():
        return _show(request, job, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        check_import(job=job, mapping=form.mapping(), by=request.person.at_desk, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-import", job.id)
    return go_to(request, "desk-import", job.id)


@import_page
@require_POST
def store(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Have the rows stored that were found sound."""
    job = _find(request, import_id)
    try:
        store_import(job=job, by=request.person.at_desk, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-import", job.id)
    return go_to(request, "desk-import", job.id)


@import_page
@require_POST
def undo(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Have what was stored taken back."""
    job = _find(request, import_id)
    try:
        undo_import(job=job, by=request.person.at_desk, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-import", job.id)
    return go_to(request, "desk-import", job.id)


@import_page
@require_POST
def discard(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Forget a file of which nothing was stored."""
    job = _find(request, import_id)
    try:
        discard_import(job=job, by=request.person.at_desk)
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-import", job.id)
    messages.success(request, gettext("The file is deleted; nothing was imported."))
    return go_to(request, "desk-imports")


@import_page
@require_safe
def hand_out_refused(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Hand out refused rows with their reasons, to be corrected and sent again."""
    job = _find(request, import_id)
    rows = _rows(request, job).filter(verdict=RowVerdict.REFUSED)
    content = refused_as_csv(job.columns, rows).encode()
    return hand_out(content, media_type=CSV, name=gettext("refused") + ".csv")


def _find(request: PersonRequest, import_id: UUID) -> Import:
    imports = imports_visible_to(request.person.at_desk)
    job = imports.filter(id=import_id, kind=KIND).first()
    if job is None:
        raise NotVisible
    return job


def _rows(request: PersonRequest, job: Import) -> Any:
    return import_rows_visible_to(request.person.at_desk).filter(job=job).order_by("line")


def _mapping_form(job: Import, data: Any = None) -> MappingForm:
    return MappingForm(data, job=job, samples=first_rows_of(job)[:SAMPLES_SHOWN])


def _show(
    request: PersonRequest, job: Import, *, form: MappingForm | None, status: int = HTTPStatus.OK
) -> HttpResponse:
    context: dict[str, Any] = {
        "place": "partners",
        "job": job,
        "form": form,
        "is_working": job.status in WORKING,
        "problem": say_reason(job.problem) if job.problem else "",
    }
    if form is None and job.status in (
        Import.Status.CHECKED,
        Import.Status.DONE,
        Import.Status.UNDONE,
    ):
        context |= _what_came(request, job)
    return show(request, "partners/desk/import.html", context, part="import", status=status)


def _what_came(request: PersonRequest, job: Import) -> dict[str, Any]:
    rows = _rows(request, job)
    tabs = [
        {"verdict": value, "label": label, "count": job.counts.get(value, 0)}
        for value, label in RowVerdict.choices
    ]
    wanted = request.GET.get("show", "")
    if wanted not in RowVerdict:
        wanted = _first(job)
    found = rows.filter(verdict=wanted)
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    undone = dict(
        rows.exclude(undone="").order_by().values_list("undone").annotate(rows=Count("id"))
    )
    return {
        "tabs": tabs,
        "wanted": wanted,
        "page": page,
        "query": f"show={wanted}&",
        "rows": [_shown(row) for row in page.object_list],
        "stored": job.counts.get("NEW", 0) + job.counts.get("CHANGED", 0),
        "refused": job.counts.get("REFUSED", 0),
        "undone": [
            {"label": label, "count": undone[value]}
            for value, label in ImportRow.Undone.choices
            if value in undone
        ],
        "kept": undone.get(ImportRow.Undone.KEPT, 0),
    }


def _first(job: Import) -> str:
    """Choose what to show first: what somebody has to do something about."""
    for verdict in (RowVerdict.REFUSED, RowVerdict.CHANGED, RowVerdict.NEW):
        if job.counts.get(verdict):
            return verdict
    return RowVerdict.UNCHANGED


def _shown(row: ImportRow) -> dict[str, Any]:
    return {
        "row": row,
        "reasons": say_reasons(row.problems),
        "fields": differences_in_words(row.before, row.after)
        if row.verdict == RowVerdict.CHANGED
        else [],
        "after": row.after or {},
    }
