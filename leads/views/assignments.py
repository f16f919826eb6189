"""A partner's own leads: all of them by what is due, and one of them to work on."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from leadhub.core import clock
from leadhub.core.errors import NotVisible, Refusal
from leadhub.core.pages.answers import go_to, is_partial, show, state_of, unchanged
from leads.attachments import attachments_of
from leads.disclosures import note_disclosures
from leads.feedback import give_feedback, record_contact, return_lead
from leads.owing import debts_of
from leads.partner_forms import ContactForm, FeedbackForm, ReturnForm
from leads.selectors import product_lines_of
from leads.worklist import (
    Duty,
    WorkItem,
    as_work,
    ended_work_of,
    find_assignment,
    find_work,
    has_said_as_described,
    past_of,
    reports_in,
    work_of,
)
from partners.decorators import PersonRequest, partner_page
from partners.materials.selectors import (
    about_lines,
    current_versions_visible_to,
    in_one_language,
)
from partners.roles import Capability

ENDED_AT_ONCE = 20
# The element of the list of leads that a call made from there is answered with.
LIST_OF_WORK = "work"


@partner_page(Capability.SEE_WORK)
@require_safe
def show_leads(request: PersonRequest) -> HttpResponse:
    """Show what a person's partners hold, by what is due."""
    at = clock.now()
    work = work_of(request.person.partner_ids, at=at)
    return unchanged(request, _state(work)) or _list(request, work, at=at, part="work")


def _state(work: Sequence[WorkItem]) -> str:
    shown = [(item.assignment.id, item.status, item.duty, item.due_by) for item in work]
    return state_of("leads", *shown, *((item.is_overdue, item.attempted_at) for item in work))


def _list(
    request: PersonRequest,
    work: Sequence[WorkItem],
    *,
    at: datetime,
    part: str,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    page = Paginator(ended_work_of(request.person.partner_ids, at=at), ENDED_AT_ONCE).get_page(
        request.GET.get("page")
    )
    ended = as_work(page.object_list, at=at)
    _note_seen(request, [*work, *ended], at=at)
    context = {
        "place": "leads",
        "now": at,
        "debts": [] if is_partial(request) else debts_of(request.person.partner_ids, at=at),
        "state": _state(work),
        "calls": [item for item in work if item.duty in (Duty.CALL, Duty.CALL_AGAIN)],
        "reports": [item for item in work if item.duty == Duty.REPORT],
        "others": [item for item in work if item.duty == Duty.GO_ON],
        "ended": ended,
        "page": page,
        "is_ended_open": "page" in request.GET,
    }
    return show(request, "leads/partner/my_leads.html", context, part=part, status=status)


@partner_page(Capability.SEE_WORK)
@require_safe
def show_lead(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Show a lead that a partner holds or held, with what to do now."""
    return _page(request, assignment_id, at=clock.now(), part="lead")


@partner_page(Capability.REPORT_WORK)
@require_POST
def note_contact(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Note that the customer was called, or reached."""
    at = clock.now()
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _not_understood(request, assignment_id, at=at)
    is_reached = form.cleaned_data["is_reached"]
    said = gettext("Noted: reached.") if is_reached else gettext("Noted: tried to reach.")
    return _act(
        request,
        assignment_id,
        lambda assignment, by: record_contact(
            assignment=assignment, is_reached=is_reached, contacted_at=at, by=by, at=at
        ),
        said=said,
        at=at,
    )


@partner_page(Capability.REPORT_WORK)
@require_POST
def report(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Report what became of the lead."""
    at = clock.now()
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _ask_again(request, assignment_id, form, at=at)
    sent = form.cleaned_data
    return _act(
        request,
        assignment_id,
        lambda assignment, by: give_feedback(
            assignment=assignment,
            status=sent["status"],
            note=sent["note"],
            is_as_described=sent["is_as_described"],
            value=sent["value"],
            reason=sent["reason"] or None,
            by=by,
            at=at,
        ),
        said=gettext("Thank you, noted."),
        at=at,
    )


@partner_page(Capability.REPORT_WORK)
@require_POST
def give_back(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Give the lead back: it goes on to other partners."""
    at = clock.now()
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _not_understood(request, assignment_id, at=at)
    return _act(
        request,
        assignment_id,
        lambda assignment, by: return_lead(
            assignment=assignment, reason=form.cleaned_data["reason"], by=by, at=at
        ),
        said=gettext("The lead was returned."),
        at=at,
    )


def _act(
    request: PersonRequest,
    assignment_id: UUID,
    act: Callable[[Any, Any], object],
    *,
    said: str,
    at: datetime,
) -> HttpResponse:
    """Do something with a lead; done or refused, the answer is the lead as it is now."""
    assignment = find_assignment(request.person.partner_ids, assignment_id)
    if assignment is None:
        raise NotVisible
    status = HTTPStatus.OK
    try:
        act(assignment, request.person.as_partner(assignment.partner_id))
    except Refusal as refusal:
        messages.error(request, gettext(str(refusal)))
        status = HTTPStatus.CONFLICT
    else:
        messages.success(request, said)
    if not is_partial(request):
        return go_to(request, "partner-lead", assignment_id)
    if request.headers.get("HX-Target") == LIST_OF_WORK:
        work = work_of(request.person.partner_ids, at=at)
        return _list(request, work, at=at, part="answer", status=status)
    return _page(request, assignment_id, at=at, part="answer", status=status)


def _not_understood(request: PersonRequest, assignment_id: UUID, *, at: datetime) -> HttpResponse:
    messages.error(request, gettext("That was not understood. Nothing was changed."))
    return _page(
        request, assignment_id, at=at, part="answer", status=HTTPStatus.UNPROCESSABLE_ENTITY
    )


def _ask_again(
    request: PersonRequest, assignment_id: UUID, form: FeedbackForm, *, at: datetime
) -> HttpResponse:
    """Ask for the amount again, in the sheet that is open; anything else was no form of ours."""
    if not form.has_error("value"):
        return _not_understood(request, assignment_id, at=at)
    response = _page(
        request,
        assignment_id,
        at=at,
        part="won_form",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        won_form=form,
    )
    return retarget(reswap(response, "outerHTML"), "#won-form")


def _page(
    request: PersonRequest,
    assignment_id: UUID,
    *,
    at: datetime,
    part: str,
    status: HTTPStatus = HTTPStatus.OK,
    won_form: FeedbackForm | None = None,
) -> HttpResponse:
    item = find_work(request.person.partner_ids, assignment_id, at=at)
    if item is None:
        raise NotVisible
    _note_seen(request, [item], at=at)
    past = past_of(item)
    context = {
        "place": "leads",
        "now": at,
        "item": item,
        "past": past,
        "reported": reports_in(past),
        "is_described": has_said_as_described(item.assignment),
        "materials": _materials(request, item, at=at),
        "attachments": attachments_of(item.assignment) if item.contact else [],
        "won_form": won_form or FeedbackForm(),
    }
    return show(request, "leads/partner/lead.html", context, part=part, status=status)


def _materials(request: PersonRequest, item: WorkItem, *, at: datetime) -> list[Any]:
    """Find what there is for selling what the lead asks for, in the reader's language."""
    assignment = item.assignment
    if assignment.outcome is not None:
        return []
    by = request.person.as_partner(assignment.partner_id)
    versions = about_lines(
        current_versions_visible_to([by], at=at), product_lines_of(assignment.lead)
    )
    return in_one_language(versions, language=request.person.user.language)


def _note_seen(request: PersonRequest, items: Sequence[WorkItem], *, at: datetime) -> None:
    """Keep which contacts a page shows, for each of the partners that the person works for."""
    shown: dict[UUID, list[UUID]] = {}
    for item in items:
        if item.contact is not None:
            shown.setdefault(item.assignment.partner_id, []).append(item.assignment.lead_id)
    for partner_id, lead_ids in shown.items():
        note_disclosures(lead_ids, by=request.person.as_partner(partner_id), at=at)
