"""Why a partner did not get leads: its own page on the phone, and the same at the desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from leadhub.core import clock
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.pages.answers import show
from leads.dossier import level_names_of
from leads.missed_months import MONTHS_KEPT, Missed, first_of, month_of, read_missed
from leads.reasons import change_in_words, words_of_gate
from partners.decorators import PersonRequest, desk_page, partner_page
from partners.directory import partner_visible_to
from partners.people import firms_of
from partners.roles import Capability


@partner_page(Capability.SEE_OFFERS)
@require_safe
def show_own(request: PersonRequest) -> HttpResponse:
    """Tell somebody why one of their partners was not asked about leads of a month."""
    firms = firms_of(request.person)
    wanted = _partner_id(request) or firms[0].membership.partner_id
    firm = next((one for one in firms if one.membership.partner_id == wanted), None)
    if firm is None or wanted is None:
        raise NotVisible
    actor = request.person.as_partner(wanted)
    zone = ZoneInfo(firm.membership.manufacturer.time_zone)
    context = _context(request, actor, wanted, zone=zone, at=clock.now())
    context |= {"place": "account", "firm": firm, "firms": firms if len(firms) > 1 else []}
    return show(request, "leads/partner/missed.html", context)


@desk_page(Capability.EXPLAIN_ROUTING)
@require_safe
def show_of_partner(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Tell a manufacturer why one of its partners was not asked about leads of a month."""
    actor = request.person.at_desk
    partner = partner_visible_to(actor, partner_id)
    zone = ZoneInfo(request.person.chosen.manufacturer.time_zone)  # type: ignore[union-attr]
    context = _context(request, actor, partner.id, zone=zone, at=clock.now())
    context |= {"place": "partners", "partner": partner, "firms": []}
    return show(request, "leads/desk/missed.html", context)


def _context(
    request: HttpRequest, actor: Actor, partner_id: UUID, *, zone: ZoneInfo, at: datetime
) -> dict[str, Any]:
    running = month_of(at, zone)
    months = [first_of(running, back=back) for back in range(MONTHS_KEPT + 1)]
    asked_for = request.GET.get("month", "")
    month = next((one for one in months if f"{one:%Y-%m}" == asked_for), running)
    missed = read_missed(actor, partner_id, month, zone=zone, at=at)
    return {
        "months": [{"value": f"{one:%Y-%m}", "first": one} for one in months],
        "month": f"{month:%Y-%m}",
        "first": month,
        "is_unknown_month": bool(asked_for) and asked_for != f"{month:%Y-%m}",
        "is_running": month == running,
        "missed": missed,
        "reasons": _reasons(missed),
        "changes": _changes(missed, actor),
    }


def _reasons(missed: Missed) -> Sequence[dict[str, Any]]:
    gates = sorted(missed.gates.items(), key=lambda item: (-item[1], item[0]))
    return [{"words": words_of_gate(code), "leads": leads} for code, leads in gates]


def _changes(missed: Missed, actor: Actor) -> Sequence[dict[str, Any]]:
    level_names = level_names_of(actor)
    return [
        {"words": change_in_words(change, level_names=level_names), "leads": leads}
        for change, leads in missed.changes
    ]


def _partner_id(request: HttpRequest) -> UUID | None:
    """Read for which partner somebody asks.

    :raises NotVisible: if what stands there names none.
    """
    sent = request.GET.get("partner", "")
    try:
        return UUID(sent) if sent else None
    except ValueError as error:
        raise NotVisible from error
