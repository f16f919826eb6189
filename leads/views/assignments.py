"""A partner's own leads: all of them by what is due, and one of them to work on."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from leadhub.core import clock
from leadhub.core.pages.answers import unchanged
from leads.feedback import give_feedback, record_contact, return_lead
from leads.partner_forms import ContactForm, FeedbackForm, ReturnForm
from leads.views.work import act_on, not_understood, show_list, show_work, state_of_work
from leads.worklist import work_of
from partners.decorators import PersonRequest, partner_page
from partners.roles import Capability


@partner_page(Capability.SEE_WORK)
@require_safe
def show_leads(request: PersonRequest) -> HttpResponse:
    """Show what a person's partners hold, by what is due."""
    at = clock.now()
    work = work_of(request.person.partner_ids, at=at)
    return unchanged(request, state_of_work(work)) or show_list(request, work, at=at, part="work")


@partner_page(Capability.SEE_WORK)
@require_safe
def show_lead(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Show a lead that a partner holds or held, with what to do now."""
    return show_work(request, assignment_id, at=clock.now(), part="lead")


@partner_page(Capability.REPORT_WORK)
@require_POST
def note_contact(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Note that the customer was called, or reached."""
    at = clock.now()
    form = ContactForm(request.POST)
    if not form.is_valid():
        return not_understood(request, assignment_id, at=at)
    is_reached = form.cleaned_data["is_reached"]
    said = gettext("Noted: reached.") if is_reached else gettext("Noted: tried to reach.")
    return act_on(
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
    return act_on(
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
        return not_understood(request, assignment_id, at=at)
    return act_on(
        request,
        assignment_id,
        lambda assignment, by: return_lead(
            assignment=assignment, reason=form.cleaned_data["reason"], by=by, at=at
        ),
        said=gettext("The lead was returned."),
        at=at,
    )


def _ask_again(
    request: PersonRequest, assignment_id: UUID, form: FeedbackForm, *, at: datetime
) -> HttpResponse:
    """Ask for the amount again, in the sheet that is open; anything else was no form of ours."""
    if not form.has_error("value"):
        return not_understood(request, assignment_id, at=at)
    response = show_work(
        request,
        assignment_id,
        at=at,
        part="won_form",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        won_form=form,
    )
    return retarget(reswap(response, "outerHTML"), "#won-form")
