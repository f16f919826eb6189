"""When a partner is open, when it is away, and whose leads it is not to get, at the desk."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.pages.answers import go_to, refuse, show
from leadhub.core.pages.forms import note_refusal
from leadhub.core.pages.mistakes import focus_first_mistake
from partners.absences import absences_of, add_absence, end_absence, today_of
from partners.availability_forms import AbsenceForm, ExclusionForm
from partners.decorators import PersonRequest, desk_page
from partners.directory import partner_visible_to
from partners.exclusions import add_exclusion, exclusions_of, remove_exclusion
from partners.opening_forms import OpeningHoursForm
from partners.opening_hours import state_opening_hours
from partners.roles import Capability
from partners.selectors import absences_visible_to, exclusions_visible_to

PAGE = "desk-partner-availability"


@desk_page(Capability.SEE_NETWORK)
@require_safe
def show_availability(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Show a partner's opening hours, absences and exclusion list."""
    return _show(request, partner_id)


@desk_page(Capability.CHANGE_NETWORK)
@require_POST
def set_partner_hours(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """State when a partner is open, as it told the manufacturer."""
    actor = request.person.at_desk
    partner = partner_visible_to(actor, partner_id)
    form = OpeningHoursForm(request.POST, stated=partner.opening_hours)
    if form.is_valid():
        try:
            state_opening_hours(partner=partner, by=actor, **form.cleaned_data)
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, PAGE, partner.id)
    focus_first_mistake(form)
    return _show(request, partner_id, hours_form=form)


@desk_page(Capability.CHANGE_NETWORK)
@require_POST
def add_partner_absence(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Let a partner be asked for nothing on some days."""
    return _add(
        request,
        partner_id,
        AbsenceForm(request.POST),
        add=add_absence,
        said=gettext("The absence was added."),
        shown_as="absence_form",
    )


@desk_page(Capability.CHANGE_NETWORK)
@require_POST
def end_partner_absence(request: PersonRequest, absence_id: UUID) -> HttpResponse:
    """Let a partner be back today."""
    actor = request.person.at_desk
    absence = absences_visible_to(actor).filter(id=absence_id).first()
    if absence is None:
        raise NotVisible
    partner_id = absence.partner_id
    try:
        end_absence(absence=absence, by=actor, at=clock.now())
    except StateConflict as refusal:
        return refuse(request, refusal, PAGE, partner_id)
    messages.success(request, gettext("The absence has ended."))
    return go_to(request, PAGE, partner_id)


@desk_page(Capability.CHANGE_NETWORK)
@require_POST
def add_partner_exclusion(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Keep leads of a source or customer from a partner."""
    return _add(
        request,
        partner_id,
        ExclusionForm(request.POST),
        add=add_exclusion,
        said=gettext("The entry was added."),
        shown_as="exclusion_form",
    )


@desk_page(Capability.CHANGE_NETWORK)
@require_POST
def remove_partner_exclusion(request: PersonRequest, exclusion_id: UUID) -> HttpResponse:
    """Let leads of a source or customer come again."""
    actor = request.person.at_desk
    exclusion = exclusions_visible_to(actor).filter(id=exclusion_id).first()
    if exclusion is None:
        raise NotVisible
    partner_id = exclusion.partner_id
    remove_exclusion(exclusion=exclusion, by=actor)
    messages.success(request, gettext("The entry was removed."))
    return go_to(request, PAGE, partner_id)


def _add(
    request: PersonRequest,
    partner_id: UUID,
    form: AbsenceForm | ExclusionForm,
    *,
    add: Callable[..., object],
    said: str,
    shown_as: str,
) -> HttpResponse:
    """Add what a form says to a partner, or show the form with what is wrong."""
    actor = request.person.at_desk
    partner = partner_visible_to(actor, partner_id)
    if form.is_valid():
        try:
            add(partner=partner, by=actor, at=clock.now(), **form.cleaned_data)
        except InvalidInput as refusal:
            form.add_error(refusal.field, refusal.in_words())
        except StateConflict as refusal:
            form.add_error(None, refusal.in_words())
        else:
            messages.success(request, said)
            return go_to(request, PAGE, partner.id)
    return _show(request, partner_id, **{shown_as: form})


def _show(request: PersonRequest, partner_id: UUID, **forms: Any) -> HttpResponse:
    """Show the page.

    :param forms: ``hours_form``, ``absence_form`` or ``exclusion_form`` as it was sent, to be
        corrected.
    """
    partner = partner_visible_to(request.person.at_desk, partner_id)
    at = clock.now()
    today = today_of(partner.manufacturer_id, at)
    context: dict[str, Any] = {
        "place": "partners",
        "at": at,
        "partner": partner,
        "hours_form": OpeningHoursForm(stated=partner.opening_hours),
        "today": today,
        "absences": absences_of(partner, on=today),
        "exclusions": exclusions_of(partner),
        "absence_form": AbsenceForm(),
        "exclusion_form": ExclusionForm(),
        **forms,
    }
    status = 422 if forms else 200
    return show(request, "partners/desk/availability.html", context, status=status)
