"""The list of leads as a file: what the board lists, whole, as it is asked for."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.csv_cells import write_lines
from leadhub.core.tenancy.context import tenant_context
from leads.asking import Asked, ask
from leads.disclosures import note_disclosures
from leads.overview import rows_in_order, rows_of
from leads.selectors import leads_visible_to
from leads.sifting import read_page
from leads.views.view_menu import data_in
from leads.wanted import Wanted
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

ROWS_AT_A_TIME = 500
# Tells spreadsheets that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"

Column = Callable[[Any], Any]
COLUMNS: Mapping[str, Column] = {
    "external_id": lambda lead: lead.external_id,
    "source": lambda lead: lead.source,
    "status": lambda lead: lead.status,
    "temperature": lambda lead: lead.temperature,
    "campaign": lambda lead: lead.campaign,
    "evidence": lambda lead: lead.evidence,
    "received_at": lambda lead: _moment(lead.received_at),
    "product_lines": lambda lead: ", ".join(lead.line_names),
    "country": lambda lead: lead.country,
    "postal_code": lambda lead: lead.postal_code,
    "city": lambda lead: lead.city,
    "wave": lambda lead: lead.wave,
    "respond_by": lambda lead: _moment(lead.respond_by),
    "partner": lambda lead: lead.partner.name if lead.partner else "",
    "expected_value": lambda lead: lead.expected_value,
    "currency": lambda lead: lead.currency,
    "is_test": lambda lead: "yes" if lead.is_test else "",
}
CONTACT_COLUMNS: Mapping[str, Column] = {
    name: lambda lead, name=name: getattr(getattr(lead, "contact", None), name, "")  # type: ignore[misc]
    for name in ("first_name", "last_name", "company", "email", "phone", "street")
}


@desk_page(Capability.EXPORT_LEADS)
@require_GET
def export_leads(request: PersonRequest) -> StreamingHttpResponse:
    """Write the leads asked for as CSV; with contact data for those who may take it away."""
    at, actor = clock.now(), request.person.at_desk
    asked = ask(data_in(request.GET), actor=actor, at=at)
    columns = _columns(asked)
    if request.person.may_at_desk(Capability.EXPORT_CONTACTS):
        columns |= CONTACT_COLUMNS
    # Asked for here, for the search has no context later on.
    wanted = asked.wanted
    response = StreamingHttpResponse(
        _pieces(actor, wanted, asked.sorting, columns, timezone.get_current_timezone_name()),
        content_type="text/csv; charset=utf-8",
    )
    name = f"leads-{timezone.localtime(at):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _columns(asked: Asked) -> dict[str, Column]:
    """Choose what is written: all there is, or what the board was asked to show."""
    if "columns" not in asked.chosen:
        return dict(COLUMNS)
    names = ["external_id", *(name for column in asked.columns for name in column.in_file)]
    return {name: COLUMNS[name] for name in names}


def _pieces(
    actor: Actor, wanted: Wanted, sorting: str, columns: Mapping[str, Column], zone: str
) -> Iterator[str]:
    """Write so many rows at a time, each in a context of its own: that of the page is over."""
    yield BYTE_ORDER_MARK + write_lines([columns])
    last: Any = None
    while True:
        with tenant_context(actor.manufacturer_id), timezone.override(zone):
            page = read_page(wanted, sorting=sorting, limit=ROWS_AT_A_TIME, after=last)
            leads = rows_in_order(rows_of(leads_visible_to(actor)), page.ids)
            if columns.keys() & CONTACT_COLUMNS.keys():
                note_disclosures([lead.id for lead in leads], by=actor, at=wanted.at)
            written = write_lines([column(lead) for column in columns.values()] for lead in leads)
        yield written
        if not page.has_next:
            return
        last = page.ids[-1]


def _moment(at: datetime | None) -> str:
    return "" if at is None else timezone.localtime(at).isoformat(timespec="seconds")
