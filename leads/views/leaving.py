"""Moving on what is with a partner that leaves or is paused: shown first, then done in batches."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from leadhub.core import clock
from leadhub.core.errors import NotVisible
from leadhub.core.pages.answers import go_to, refuse, show
from leads.action_forms import MoveForm
from leads.leaving import PartnerStillActive, leads_with, move_on, remainder_of
from leads.overview import rows_of
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.selectors import partners_visible_to

SHOWN_FIRST = 10


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Capability.DISPATCH_LEADS)
def move_from_partner(request: PersonRequest, partner_id: UUID) -> HttpResponse:
    """Show what is with a partner, and move it on to others, some leads at a time."""
    actor = request.person.at_desk
    partner = partners_visible_to(actor).filter(id=partner_id).first()
    if partner is None:
        raise NotVisible
    form = MoveForm(request.POST if request.method == "POST" else None)
    total, at = remainder_of(partner).leads, clock.now()
    if form.is_valid():
        total = max(total, form.cleaned_data["total"])
        try:
            left = move_on(partner=partner, by=actor, at=at)
        except PartnerStillActive as refusal:
            return refuse(request, refusal, "desk-partner", partner.id)
        if not left.leads:
            messages.success(request, gettext("Everything that was with this partner went on."))
            return go_to(request, "desk-partner", partner.id)
    left = remainder_of(partner)
    context = {
        "place": "partners",
        "now": at,
        "partner": partner,
        "left": left,
        "total": total,
        "done": total - left.leads,
        "is_running": form.is_bound and form.is_valid(),
        "is_active": partner.status == "ACTIVE",
        "leads": rows_of(leads_with(partner))[:SHOWN_FIRST],
        "more": max(left.leads - SHOWN_FIRST, 0),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return show(request, "leads/desk/leaving.html", context, part="moving", status=status)
