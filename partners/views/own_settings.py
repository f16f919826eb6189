"""A partner's settings on its manager's phone; and at the desk, what is left to partners."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.maps import Circle, Sign, draw_map
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.forms import note_refusal
from leadhub.core.pages.mistakes import focus_first_mistake
from leadhub.core.regions import region_name
from partners.absences import absences_of, today_of
from partners.availability_forms import AbsenceForm
from partners.decorators import PersonRequest, desk_page, partner_page
from partners.models import OwnSetting
from partners.opening_forms import OpeningHoursForm
from partners.opening_hours import opening_of
from partners.own_forms import LeftToPartnersForm, OwnAreaForm, OwnCapsForm, OwnLinesForm
from partners.own_settings import (
    NotLeftToPartners,
    add_own_absence,
    change_own_area,
    change_own_caps,
    change_own_lines,
    end_own_absence,
    own_details,
    state_own_hours,
)
from partners.people import Firm, firms_of
from partners.roles import Capability, may
from partners.selectors import (
    absences_visible_to,
    partners_visible_to,
    product_lines_visible_to,
)
from partners.tenants import change_left_to_partners

PAGE = "partner-settings"


@partner_page(Capability.CHANGE_OWN_SETTINGS)
@require_safe
def show_settings(request: PersonRequest) -> HttpResponse:
    """Show what is set for a partner; what is left to it can be changed."""
    return _page(request, _chosen(request))


@partner_page(Capability.CHANGE_OWN_SETTINGS)
@require_POST
def set_area(request: PersonRequest) -> HttpResponse:
    """Set where the partner works."""
    firm, actor = _chosen_actor(request)
    form = OwnAreaForm(request.POST, details=own_details(by=actor))
    change = partial(change_own_area, by=actor, at=clock.now())
    return _change(request, firm, form, change, shown_as="area_form")


@partner_page(Capability.CHANGE_OWN_SETTINGS)
@require_POST
def set_lines(request: PersonRequest) -> HttpResponse:
    """Set what the partner is asked for."""
    firm, actor = _chosen_actor(request)
    lines = list(product_lines_visible_to(actor))
    form = OwnLinesForm(request.POST, details=own_details(by=actor), lines=lines)
    change = partial(change_own_lines, by=actor, at=clock.now())
    return _change(request, firm, form, change, shown_as="lines_form")


@partner_page(Capability.CHANGE_OWN_SETTINGS)
@require_POST
def set_caps(request: PersonRequest) -> HttpResponse:
    """Set how many leads the partner takes at a time."""
    firm, actor = _chosen_actor(request)
    form = OwnCapsForm(request.POST, details=own_details(by=actor))
    change = partial(change_own_caps, by=actor, at=clock.now())
    return _change(request, firm, form, change, shown_as="caps_form")


@partner_page(Capability.CHANGE_OWN_SETTINGS)
@require_POST
def set_hours(request: PersonRequest) -> HttpResponse:
    """State when the partner is open."""
    firm, actor = _chosen_actor(request)
    form = OpeningHoursForm(request.POST, stated=firm.opening_hours)
    return _change(request, firm, form, partial(state_own_hours, by=actor), shown_as="hours_form")


@partner_page(Capability.CHANGE_OWN_SETTINGS)
@require_POST
def add_days(request: PersonRequest) -> HttpResponse:
    """Let the partner be asked for nothing on some days."""
    firm, actor = _chosen_actor(request)
    form = AbsenceForm(request.POST)
    change = partial(add_own_absence, by=actor, at=clock.now())
    return _change(request, firm, form, change, shown_as="absence_form")


@partner_page(Capability.CHANGE_OWN_SETTINGS)
@require_POST
def end_days(request: PersonRequest, absence_id: UUID) -> HttpResponse:
    """Let the partner be back today."""
    for firm in _managed(request):
        actor = request.person.as_partner(firm.membership.partner_id)
        absence = absences_visible_to(actor).filter(id=absence_id).first()
        if absence is not None:
            break
    else:
        raise NotVisible
    try:
        end_own_absence(absence=absence, by=actor, at=clock.now())
    except (NotLeftToPartners, StateConflict) as refusal:
        messages.error(request, refusal.in_words())
    else:
        messages.success(request, gettext("The absence has ended."))
    return _back(request, firm)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Capability.CHANGE_NETWORK)
def show_left_to_partners(request: PersonRequest) -> HttpResponse:
    """Show and change what a manufacturer leaves to its partners."""
    chosen = request.person.chosen
    assert chosen is not None  # noqa: S101 - the door has looked
    sent = request.POST if request.method == "POST" else None
    form = LeftToPartnersForm(sent, manufacturer=chosen.manufacturer)
    if form.is_valid():
        try:
            change_left_to_partners(**form.cleaned_data, by=request.person.at_desk)
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, "desk-left-to-partners")
    focus_first_mistake(form)
    context = {"place": "set-up", "form": form}
    status = 422 if form.errors else 200
    return show(request, "partners/desk/left_to_partners.html", context, status=status)


def _change(
    request: PersonRequest,
    firm: Firm,
    form: Any,
    change: Callable[..., object],
    *,
    shown_as: str,
) -> HttpResponse:
    if form.is_valid():
        try:
            change(**form.cleaned_data)
        except InvalidInput as refusal:
            note_refusal(form, refusal, {"postal_code_areas.0": "postal_code_areas"})
        except NotLeftToPartners as refusal:
            # Its form is on the page no more: what is said stands above all of it.
            messages.error(request, refusal.in_words())
            return _page(request, firm, status=HTTPStatus.FORBIDDEN)
        except StateConflict as refusal:
            form.add_error(None, refusal.in_words())
        else:
            messages.success(request, gettext("The changes were saved."))
            return _back(request, firm)
    focus_first_mistake(form)
    return _page(request, firm, status=422, **{shown_as: form})


def _page(request: PersonRequest, firm: Firm, *, status: int = 200, **forms: Any) -> HttpResponse:
    actor = request.person.as_partner(firm.membership.partner_id)
    details = own_details(by=actor)
    partner = partners_visible_to(actor).get()
    manufacturer = firm.membership.manufacturer
    at = clock.now()
    today = today_of(manufacturer.id, at)
    lines = list(product_lines_visible_to(actor))
    firms = _managed(request)
    context = {
        "place": "account",
        "firm": firm,
        "firms": firms if len(firms) > 1 else [],
        "manufacturer": manufacturer,
        "details": details,
        "today": today,
        "absences": absences_of(partner, on=today),
        "may": {kind.value.lower(): kind in manufacturer.partners_may for kind in OwnSetting},
        "lines": [line for line in lines if line.code in details.product_lines],
        "regions": [region_name(code) for code in details.regions],
        "picture": _picture(details),
        "area_form": OwnAreaForm(details=details),
        "lines_form": OwnLinesForm(details=details, lines=lines),
        "caps_form": OwnCapsForm(details=details),
        "absence_form": AbsenceForm(),
        "at": at,
        "opening": opening_of(partner, manufacturer, at=at),
        "opening_hours": partner.opening_hours,
        "hours_form": OpeningHoursForm(stated=partner.opening_hours),
        **forms,
    }
    return show(request, "partners/phone/settings.html", context, status=status)


def _picture(details: Any) -> Any:
    sign = Sign(details.latitude, details.longitude, "disc", "primary", details.name)
    reach = details.radius_km
    circles = [Circle(details.latitude, details.longitude, reach)] if reach else []
    return draw_map([sign], circles)


def _managed(request: PersonRequest) -> list[Firm]:
    return [
        firm
        for firm in firms_of(request.person)
        if may(firm.membership.role, Capability.CHANGE_OWN_SETTINGS)
    ]


def _chosen(request: PersonRequest) -> Firm:
    """Find which of the partners that a person manages a page is about."""
    firms = _managed(request)
    wanted = _named(request)
    found = next((one for one in firms if wanted in (None, one.membership.partner_id)), None)
    if found is None:
        raise NotVisible
    return found


def _chosen_actor(request: PersonRequest) -> tuple[Firm, Actor]:
    firm = _chosen(request)
    return firm, request.person.as_partner(firm.membership.partner_id)


def _named(request: HttpRequest) -> UUID | None:
    sent = (request.POST if request.method == "POST" else request.GET).get("partner", "")
    try:
        return UUID(sent) if sent else None
    except ValueError as error:
        raise NotVisible from error


def _back(request: PersonRequest, firm: Firm) -> HttpResponse:
    response = go_to(request, PAGE)
    if len(_managed(request)) > 1 and "Location" in response.headers:
        response.headers["Location"] = f"{reverse(PAGE)}?partner={firm.membership.partner_id}"
    return response
