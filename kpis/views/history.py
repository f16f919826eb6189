"""Past leads from a file: sent, checked, stored, with progress."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kpis.history import COLUMNS, REASON, REQUIRED_COLUMNS
from leadhub.core import clock
from leadhub.core.csv_cells import write_lines
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leadhub.core.pages.downloads import hand_out
from leadhub.core.pages.forms import note_refusal
from partners.decorators import PersonRequest, desk_page
from partners.import_forms import UploadForm
from partners.imports.files import BYTE_ORDER_MARK, refused_as_csv
from partners.imports.jobs import discard_import, start_import, store_import
from partners.imports.selectors import import_rows_visible_to, imports_visible_to
from partners.imports.stored import say_reason, say_reasons
from partners.models import Import
from partners.models.imports import WORKING
from partners.roles import Capability

KIND = Import.Kind.HISTORY
ACCEPT = ".csv,.txt,.json"
HINT = _("CSV or JSON, at most 20 MB and 200,000 rows.")
IMPORTS_SHOWN = 20
ROWS_A_PAGE = 50
CSV = "text/csv; charset=utf-8"
history_page = desk_page(Capability.IMPORT_HISTORY)


@history_page
@require_http_methods(["GET", "POST"])
def show_histories(request: PersonRequest) -> HttpResponse:
    """Take a file of past leads, and list those that there were."""
    actor = request.person.at_desk
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        accept=ACCEPT,
        hint=HINT,
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
            return go_to(request, "desk-history", job.id)
    imports = imports_visible_to(actor).filter(kind=KIND).order_by("-id")[:IMPORTS_SHOWN]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "place": "set-up",
        "form": form,
        "imports": imports,
        "columns": [(name, name in REQUIRED_COLUMNS) for name in COLUMNS],
    }
    return show(request, "kpis/histories.html", context, status=status)


@history_page
@require_safe
def hand_out_template(request: PersonRequest) -> HttpResponse:
    """Hand out a file with the headings, to be filled in."""
    content = (BYTE_ORDER_MARK + write_lines([COLUMNS])).encode()
    return hand_out(content, media_type=CSV, name="history.csv")


@history_page
@require_safe
def show_history(request: PersonRequest, history_id: UUID) -> HttpResponse:
    """Show how far an import is, what would be stored, or what was."""
    job = _find(request, history_id)
    rows = import_rows_visible_to(request.person.at_desk).filter(job=job).order_by("line")
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": "set-up",
        "job": job,
        "is_working": job.status in WORKING,
        "has_result": job.status in (Import.Status.CHECKED, Import.Status.DONE),
        "problem": say_reason(job.problem) if job.problem else "",
        "page": page,
        "rows": [(row, say_reasons(row.problems, between="; ")) for row in page.object_list],
        "stored": job.counts.get("NEW", 0),
        "known": job.counts.get("UNCHANGED", 0),
        "refused": job.counts.get("REFUSED", 0),
    }
    return show(request, "kpis/history.html", context, part="history")


@history_page
@require_POST
def store(request: PersonRequest, history_id: UUID) -> HttpResponse:
    """Have the rows stored that were found sound."""
    job = _find(request, history_id)
    try:
        store_import(job=job, by=request.person.at_desk, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-history", job.id)
    return go_to(request, "desk-history", job.id)


@history_page
@require_POST
def discard(request: PersonRequest, history_id: UUID) -> HttpResponse:
    """Forget a file of which nothing was stored."""
    job = _find(request, history_id)
    try:
        discard_import(job=job, by=request.person.at_desk)
    except StateConflict as refusal:
        return refuse(request, refusal, "desk-history", job.id)
    messages.success(request, gettext("The file is deleted; nothing was imported."))
    return go_to(request, "desk-histories")


@history_page
@require_safe
def hand_out_refused(request: PersonRequest, history_id: UUID) -> HttpResponse:
    """Hand out refused rows with their reasons, to be corrected and sent again."""
    job = _find(request, history_id)
    rows = import_rows_visible_to(request.person.at_desk).filter(job=job).order_by("line")
    content = refused_as_csv(job.columns, rows, heading=REASON).encode()
    return hand_out(content, media_type=CSV, name=gettext("refused") + ".csv")


def _find(request: PersonRequest, history_id: UUID) -> Import:
    imports = imports_visible_to(request.person.at_desk)
    job = imports.filter(id=history_id, kind=KIND).first()
    if job is None:
        raise NotVisible
    return job
