"""What else a partner does with a lead: remind, note, hand over, say how likely a sale is."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import NotVisible
from leads.calendar_entries import write_entry
from leads.handing_over import hand_over
from leads.models.work import ReminderEnd
from leads.notes import add_note
from leads.partner_forms import (
    HandOverForm,
    NoteForm,
    ReminderEndForm,
    ReminderForm,
    StageForm,
)
from leads.pipeline import set_stage
from leads.reminders import end_reminder, set_reminder
from leads.templatetags.partner_words import address, customer
from leads.views.work import act_on, not_understood, note_seen, say_why_not
from leads.worklist import find_work
from partners.decorators import PersonRequest, partner_page
from partners.roles import Capability


@partner_page(Capability.REPORT_WORK)
@require_POST
def remind(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Remind whoever asks of a lead, at a time of their choosing."""
    at = clock.now()
    form = ReminderForm(request.POST)
    if not form.is_valid():
        return say_why_not(request, assignment_id, form, at=at)
    sent = form.cleaned_data
    return act_on(
        request,
        assignment_id,
        lambda assignment, by: set_reminder(
            assignment=assignment, due_at=sent["due_at"], text=sent["text"], by=by, at=at
        ),
        said=gettext("You will be reminded."),
        at=at,
    )


@partner_page(Capability.REPORT_WORK)
@require_POST
def end_remind(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Note that what a reminder was for is done, or that it is wanted no more."""
    at = clock.now()
    form = ReminderEndForm(request.POST)
    if not form.is_valid():
        return not_understood(request, assignment_id, at=at)
    as_ = ReminderEnd(form.cleaned_data["as_"])
    is_done = as_ == ReminderEnd.DONE
    return act_on(
        request,
        assignment_id,
        lambda assignment, by: end_reminder(
            assignment=assignment,
            reminder_id=form.cleaned_data["reminder"],
            as_=as_,
            by=by,
            at=at,
        ),
        said=gettext("Done.") if is_done else gettext("The reminder was cancelled."),
        at=at,
    )


@partner_page(Capability.REPORT_WORK)
@require_POST
def write_note(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Keep a note on a lead."""
    at = clock.now()
    form = NoteForm(request.POST)
    if not form.is_valid():
        return say_why_not(request, assignment_id, form, at=at)
    return act_on(
        request,
        assignment_id,
        lambda assignment, by: add_note(
            assignment=assignment, text=form.cleaned_data["text"], by=by, at=at
        ),
        said=gettext("Noted."),
        at=at,
    )


@partner_page(Capability.REPORT_WORK)
@require_POST
def pass_on(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Hand a lead over to a colleague."""
    at = clock.now()
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return not_understood(request, assignment_id, at=at)
    return act_on(
        request,
        assignment_id,
        lambda assignment, by: hand_over(
            assignment=assignment, user_id=form.cleaned_data["user"], by=by, at=at
        ),
        said=gettext("Handed over."),
        at=at,
    )


@partner_page(Capability.REPORT_WORK)
@require_POST
def say_stage(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Keep how likely a sale is, when it is expected, and for how much."""
    at = clock.now()
    form = StageForm(request.POST, today=timezone.localtime(at).date())
    if not form.is_valid():
        return say_why_not(request, assignment_id, form, at=at)
    sent = form.cleaned_data
    return act_on(
        request,
        assignment_id,
        lambda assignment, by: set_stage(
            assignment=assignment,
            chance=sent["chance"],
            month=sent["month"],
            value=sent["value"],
            by=by,
            at=at,
        ),
        said=gettext("Thank you, noted."),
        at=at,
    )


@partner_page(Capability.SEE_WORK)
@require_safe
def show_entry(request: PersonRequest, assignment_id: UUID) -> HttpResponse:
    """Give the reminder of a lead as an entry for a calendar of one's own."""
    at = clock.now()
    item = find_work(request.person.partner_ids, assignment_id, at=at)
    if item is None or item.reminder is None or item.contact is None:
        raise NotVisible
    note_seen(request, [item], at=at)
    name = customer(item.contact)
    entry = write_entry(
        reminder=item.reminder,
        title=f"{name}: {item.assignment.lead.wish_summary}",
        place=address(item.contact),
        phone=str(item.contact.phone),
        at=at,
    )
    response = HttpResponse(entry, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="lead.ics"'
    return response
