"""The inbox of a partner's person: offers of all networks, live, and what else needs them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from leadhub.core import clock
from leadhub.core.pages.answers import is_partial, show, state_of, unchanged
from leads.inbox import Glance, Standing, glance_at_offers, open_first, show_offers
from leads.needing import Need, needs_of
from leads.owing import Debt, debts_of
from leads.pickable import open_leads_for
from leads.views.news import state_of_inbox
from partners.decorators import PersonRequest, partner_page
from partners.roles import Capability
from partners.watching import HEADER, leave_to_watch

PAGE = "leads/partner/inbox.html"
# A page that was opened longer ago shows what became of offers as if it were opened then.
LONGEST_OPEN = timedelta(days=1)
# The element that asks by itself, now and then, what needs the person.
NEEDS = "needs"


@partner_page(Capability.SEE_OFFERS)
@require_safe
def show_inbox(request: PersonRequest) -> HttpResponse:
    """Show what is offered; to a poll only when something has changed."""
    at = clock.now()
    if is_partial(request) and request.headers.get("HX-Target") == NEEDS:
        return _needs_alone(request, at=at)
    glances = glance_at_offers(request.person.partner_ids, at=at)
    known = unchanged(request, state_of_inbox(glances))
    if known is not None:
        known.headers[HEADER] = leave_to_watch(request, request.person, at=at)
        return known
    return _page(request, glances, at=at, part="news", status=HTTPStatus.OK)


def show_list(request: PersonRequest, *, at: datetime, status: int = HTTPStatus.OK) -> HttpResponse:
    """Answer an act with the offers as they are now, and with word of what was done."""
    glances = glance_at_offers(request.person.partner_ids, at=at)
    return _page(request, glances, at=at, part="answer", status=status)


def _needs_alone(request: PersonRequest, *, at: datetime) -> HttpResponse:
    is_waiting = request.GET.get("waiting") == "yes"
    needs = _needs(request, at=at)
    context = {"now": at, "place": "inbox", "waiting": is_waiting, **needs}
    return unchanged(request, str(needs["needs_state"])) or show(request, PAGE, context, part=NEEDS)


def _needs(request: PersonRequest, *, at: datetime) -> dict[str, Any]:
    needs = needs_of(request.person.partner_ids, at=at)
    is_owing = any(need.is_owed for need in needs)
    debts = debts_of(request.person.partner_ids, at=at) if is_owing else []
    return {
        "calls": [need for need in needs if need.is_call],
        "debts": debts,
        "owed": sum(len(debt.owed) for debt in debts),
        "needs_state": _state_of_needs(needs, debts),
    }


def _state_of_needs(needs: Sequence[Need], debts: Sequence[Debt]) -> str:
    calls = [(need.assignment.id, need.is_call, need.due_by) for need in needs]
    owed = [(debt.partner.id, debt.stops, len(debt.owed)) for debt in debts]
    return state_of("needs", *calls, *owed)


def _page(
    request: PersonRequest, glances: Sequence[Glance], *, at: datetime, part: str, status: int
) -> HttpResponse:
    since = _opened_at(request, at)
    shown = open_first(show_offers(glances), since=since)
    waiting = sum(one.standing == Standing.OPEN for one in shown)
    context = {
        "place": "inbox",
        "now": at,
        "since": since,
        "state": state_of_inbox(list(glances)),
        "watching": leave_to_watch(request, request.person, at=at),
        "shown": shown,
        "waiting": waiting,
        "on_pick_list": 0 if waiting else len(open_leads_for(request.person.as_partners, at=at)),
    }
    if not is_partial(request):
        # They stand above what is renewed, and ask for themselves.
        context |= _needs(request, at=at)
    return show(request, PAGE, context, part=part, status=status)


def _opened_at(request: HttpRequest, at: datetime) -> datetime:
    """Read when the page that polls was opened."""
    sent = request.GET.get("since") or request.POST.get("since") or ""
    try:
        opened = parse_datetime(sent)
    except ValueError:
        opened = None
    if opened is None or opened.tzinfo is None:
        return at
    return max(min(opened, at), at - LONGEST_OPEN)
