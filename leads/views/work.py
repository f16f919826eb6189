"""What the pages of a partner's leads share: act on a lead, and show it as it is then."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from leadhub.core.errors import InvalidInput, NotVisible, Refusal
from leadhub.core.pages.answers import go_to, is_partial, show, state_of
from leads.attachments import attachments_of
from leads.disclosures import note_disclosures
from leads.owing import debts_of
from leads.partner_forms import FeedbackForm, StageForm
from leads.reminders import suggested_times
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
from partners.colleagues import colleagues_of
from partners.decorators import PersonRequest
from partners.materials.selectors import (
    about_lines,
    current_versions_visible_to,
    in_one_language,
)

ENDED_AT_ONCE = 20
# The element of the list of leads that a call made from there is answered with.
LIST_OF_WORK = "work"


def state_of_work(work: Sequence[WorkItem]) -> str:
    """Name what a list of leads shows, so that a poll can ask whether anything changed."""
    shown = [(item.assignment.id, item.status, item.duty, item.due_by) for item in work]
    reminders = [item.reminder and item.reminder.due_at for item in work]
    told = [(item.is_overdue, item.is_reminded, item.attempted_at) for item in work]
    return state_of("leads", *shown, *told, *reminders)


def show_list(
    request: PersonRequest,
    work: Sequence[WorkItem],
    *,
    at: datetime,
    part: str,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Show the leads that a person's partners hold, grouped by what is due."""
    page = Paginator(ended_work_of(request.person.partner_ids, at=at), ENDED_AT_ONCE).get_page(
        request.GET.get("page")
    )
    ended = as_work(page.object_list, at=at)
    note_seen(request, [*work, *ended], at=at)
    reminded = sorted(
        (item for item in work if item.is_reminded),
        key=lambda item: (item.reminder.due_at, item.assignment.id),  # type: ignore[union-attr]
    )
    rest = [item for item in work if not item.is_reminded]
    context = {
        "place": "leads",
        "now": at,
        "debts": [] if is_partial(request) else debts_of(request.person.partner_ids, at=at),
        "state": state_of_work(work),
        "reminded": reminded,
        "calls": [item for item in rest if item.duty in (Duty.CALL, Duty.CALL_AGAIN)],
        "reports": [item for item in rest if item.duty == Duty.REPORT],
        "others": [item for item in rest if item.duty == Duty.GO_ON],
        "ended": ended,
        "page": page,
        "is_ended_open": "page" in request.GET,
    }
    return show(request, "leads/partner/my_leads.html", context, part=part, status=status)


def act_on(
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
        messages.error(request, refusal.in_words())
        is_input = isinstance(refusal, InvalidInput)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_input else HTTPStatus.CONFLICT
    else:
        messages.success(request, said)
    if not is_partial(request):
        return _go_back(request, assignment_id)
    if request.headers.get("HX-Target") == LIST_OF_WORK:
        work = work_of(request.person.partner_ids, at=at)
        return show_list(request, work, at=at, part="answer", status=status)
    return show_work(request, assignment_id, at=at, part="answer", status=status)


def _go_back(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Lead back to where the button stood that was pressed without scripts."""
    if request.POST.get("back") == "list":
        return go_to(request, "partner-leads")
    return go_to(request, "partner-lead", assignment_id)


def say_why_not(
    request: PersonRequest, assignment_id: UUID, form: forms.Form, *, at: datetime
) -> HttpResponse:
    """Say what is wrong with what was sent, on the page as it is; nothing was changed."""
    for errors in form.errors.values():
        messages.error(request, str(errors[0]))
    return show_work(
        request, assignment_id, at=at, part="answer", status=HTTPStatus.UNPROCESSABLE_ENTITY
    )


def not_understood(request: PersonRequest, assignment_id: UUID, *, at: datetime) -> HttpResponse:
    """Say that a form was none of ours."""
    messages.error(request, gettext("That was not understood. Nothing was changed."))
    return show_work(
        request, assignment_id, at=at, part="answer", status=HTTPStatus.UNPROCESSABLE_ENTITY
    )


def show_work(
    request: PersonRequest,
    assignment_id: UUID,
    *,
    at: datetime,
    part: str,
    status: HTTPStatus = HTTPStatus.OK,
    won_form: FeedbackForm | None = None,
) -> HttpResponse:
    """Show a lead that one of a person's partners holds or held."""
    item = find_work(request.person.partner_ids, assignment_id, at=at)
    if item is None:
        raise NotVisible
    note_seen(request, [item], at=at)
    assignment = item.assignment
    colleagues = colleagues_of(assignment.partner_id)
    past = past_of(item, names={str(one.user_id): one.name for one in colleagues})
    context = {
        "place": "leads",
        "now": at,
        "item": item,
        "past": past,
        "reported": reports_in(past),
        "is_described": has_said_as_described(assignment),
        "materials": _materials(request, item, at=at),
        "attachments": attachments_of(assignment) if item.contact else [],
        "won_form": won_form or FeedbackForm(),
        "holder": next((one for one in colleagues if one.user_id == assignment.user_id), None),
        "colleagues": [one for one in colleagues if one.user_id != assignment.user_id],
        "times": suggested_times(timezone.localtime(at)),
        "today": timezone.localtime(at).date(),
        "stage_form": StageForm.about(assignment, today=timezone.localtime(at).date()),
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


def note_seen(request: PersonRequest, items: Sequence[WorkItem], *, at: datetime) -> None:
    """Keep which contacts a page shows, for each of the partners that the person works for."""
    shown: dict[UUID, list[UUID]] = {}
    for item in items:
        if item.contact is not None:
            shown.setdefault(item.assignment.partner_id, []).append(item.assignment.lead_id)
    for partner_id, lead_ids in shown.items():
        note_disclosures(lead_ids, by=request.person.as_partner(partner_id), at=at)
