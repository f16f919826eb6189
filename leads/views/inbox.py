"""The inbox of a partner's person: offers of all networks, live."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from leadhub.core import clock
from leadhub.core.pages.answers import is_partial, show, state_of, unchanged
from leads.inbox import Glance, Standing, glance_at_offers, open_first, show_offers
from leads.owing import debts_of
from leads.pickable import open_leads_for
from partners.decorators import PersonRequest, partner_page
from partners.roles import Capability

# A page that was opened longer ago shows what became of offers as if it were opened then.
LONGEST_OPEN = timedelta(days=1)


@partner_page(Capability.SEE_OFFERS)
@require_safe
def show_inbox(request: PersonRequest) -> HttpResponse:
    """Show what is offered; to a poll only when something has changed."""
    at = clock.now()
    glances = glance_at_offers(request.person.partner_ids, at=at)
    known = unchanged(request, _state(glances))
    return known or _page(request, glances, at=at, part="news", status=HTTPStatus.OK)


def show_list(request: PersonRequest, *, at: datetime, status: int = HTTPStatus.OK) -> HttpResponse:
    """Answer an act with the offers as they are now, and with word of what was done."""
    glances = glance_at_offers(request.person.partner_ids, at=at)
    return _page(request, glances, at=at, part="answer", status=status)


def _state(glances: Sequence[Glance]) -> str:
    return state_of("inbox", *glances)


def _page(
    request: PersonRequest, glances: Sequence[Glance], *, at: datetime, part: str, status: int
) -> HttpResponse:
    since = _opened_at(request, at)
    shown = open_first(show_offers(glances), since=since)
    waiting = sum(one.standing == Standing.OPEN for one in shown)
    context = {
        "place": "inbox",
        "now": at,
        # It stands above what is renewed, and is counted once a page.
        "debts": [] if is_partial(request) else debts_of(request.person.partner_ids, at=at),
        "since": since,
        "state": _state(glances),
        "shown": shown,
        "waiting": waiting,
        "on_pick_list": 0 if waiting else len(open_leads_for(request.person.as_partners, at=at)),
    }
    return show(request, "leads/partner/inbox.html", context, part=part, status=status)


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
