"""Overdue feedback by partner: who owes it, on how many leads, and since when."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from leadhub.core import clock
from leadhub.core.pages.answers import show
from leads.owing import debtors_visible_to
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

PARTNERS_A_PAGE = 25


@require_safe
@desk_page(Capability.SEE_LEADS)
def show_owed(request: PersonRequest) -> HttpResponse:
    """List the partners that owe feedback, the longest owing first."""
    at = clock.now()
    debtors = debtors_visible_to(request.person.at_desk, at=at)
    page = Paginator(debtors, PARTNERS_A_PAGE).get_page(request.GET.get("page"))
    context = {"place": "leads", "now": at, "page": page}
    return show(request, "leads/desk/feedback_owed.html", context)
