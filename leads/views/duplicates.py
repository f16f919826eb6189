"""Likely duplicates: held leads side by side with those they resemble, to decide one by one."""

from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from leadhub.core import clock
from leadhub.core.pages.answers import go_to, show
from leads.action_forms import ComparedForm
from leads.disclosures import leads_with_contact, note_disclosures
from leads.review import held_duplicates, reviews_of
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.tenants import change_duplicate_days

PAGE = "leads/desk/duplicates.html"
PAIRS_A_PAGE = 10


@require_safe
@desk_page(Capability.DISPATCH_LEADS)
def show_duplicates(request: PersonRequest) -> HttpResponse:
    """Show the leads held as likely duplicates, those that wait the longest first."""
    return _page(request, None)


@require_POST
@desk_page(Capability.CHANGE_POLICIES)
def change_compared(request: PersonRequest) -> HttpResponse:
    """Change how far back new leads are compared with others."""
    form = ComparedForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    change_duplicate_days(days=form.cleaned_data["days"], by=request.person.at_desk)
    messages.success(request, gettext("The changes were saved."))
    return go_to(request, "desk-duplicates")


def _page(request: PersonRequest, form: ComparedForm | None) -> HttpResponse:
    at, actor, chosen = clock.now(), request.person.at_desk, request.person.chosen
    assert chosen is not None  # noqa: S101 - the door has looked
    days = chosen.manufacturer.duplicate_days
    page = Paginator(held_duplicates(actor), PAIRS_A_PAGE).get_page(request.GET.get("page"))
    reviews = reviews_of(page.object_list, actor=actor)
    leads = [lead for one in reviews for lead in (one.lead, *(r.lead for r in one.resembled))]
    note_disclosures(leads_with_contact(leads), by=actor, at=at)
    context = {
        "place": "leads",
        "now": at,
        "page": page,
        "reviews": reviews,
        "days": days,
        "form": form or ComparedForm(initial={"days": days}),
        "may_change": request.person.may_at_desk(Capability.CHANGE_POLICIES),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.OK
    return show(request, PAGE, context, status=status)
