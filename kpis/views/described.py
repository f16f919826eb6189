"""Were leads as described? A table by source, and the same as a file."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from kpis.described import Described, described_by_source
from leadhub.core import clock
from leadhub.core.csv_cells import write_lines
from leadhub.core.pages.answers import show
from leads.sources import name_of_source
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

DAYS = (30, 90, 365)
USUAL_DAYS = 90
COLUMNS = ("source", "asked", "yes", "no", "share", "share_from", "share_to")
# Tells spreadsheets that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"


@desk_page(Capability.SEE_FIGURES)
@require_safe
def show_described(request: PersonRequest) -> HttpResponse:
    """Show by source how many leads partners found as described."""
    days, rows = _asked_for(request)
    context = {
        "place": "cockpit",
        "days": days,
        "choices": DAYS,
        "rows": [{"row": row, "name": name_of_source(row.source)} for row in rows],
    }
    return show(request, "kpis/described.html", context)


@desk_page(Capability.SEE_FIGURES)
@require_safe
def export_described(request: PersonRequest) -> HttpResponse:
    """Write the same as CSV; shares from 0 to 1."""
    days, rows = _asked_for(request)
    text = BYTE_ORDER_MARK + write_lines([COLUMNS, *(_line(row) for row in rows)])
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="as-described-{days}-days.csv"'
    return response


def _asked_for(request: PersonRequest) -> tuple[int, list[Described]]:
    sent = request.GET.get("days", "")
    days = int(sent) if sent in map(str, DAYS) else USUAL_DAYS
    at = clock.now()
    rows = described_by_source(
        request.person.at_desk.manufacturer_id, starts_at=at - timedelta(days=days), ends_at=at
    )
    return days, rows


def _line(row: Described) -> tuple[Any, ...]:
    low, high = row.interval or (None, None)
    shares = ("" if share is None else round(share, 4) for share in (row.share, low, high))
    return row.source, row.asked, row.yes, row.no, *shares
