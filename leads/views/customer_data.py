"""What is held about one customer: found by address or number, and taken away as a file."""

import orjson
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from leadhub.core import clock
from leadhub.core.errors import InvalidInput
from leadhub.core.pages.answers import show
from leadhub.core.pages.forms import note_refusal
from leads.customer_data import export_customer_data, identify_customer, leads_of_customer
from leads.disclosures import leads_with_contact, note_disclosures
from leads.forms import CustomerForm
from leads.overview import rows_of
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability

TEMPLATE = "leads/desk/customer_data.html"


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Capability.PROTECT_DATA)
def show_customer_data(request: PersonRequest) -> HttpResponse:
    """Look for a customer's leads; asked by POST, so that no address holds anything personal."""
    if request.method != "POST":
        return show(request, TEMPLATE, {"place": "set-up", "form": CustomerForm(), "leads": None})
    form = CustomerForm(request.POST)
    if form.is_valid():
        try:
            return _answer(request, form)
        except InvalidInput as refusal:
            note_refusal(form, refusal, {"email": "wanted", "phone": "wanted"})
    context = {"place": "set-up", "form": form, "leads": None}
    return show(request, TEMPLATE, context, status=422)


def _answer(request: PersonRequest, form: CustomerForm) -> HttpResponse:
    at, actor = clock.now(), request.person.at_desk
    customer = identify_customer(**form.known_by(), actor=actor)
    if "download" in request.POST:
        told = export_customer_data(customer, by=actor, at=at)
        body = orjson.dumps(told, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
        name = f"customer-data-{at:%Y-%m-%d}.json"
        return HttpResponse(
            body,
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    leads = list(rows_of(leads_of_customer(customer, actor=actor)))
    note_disclosures(leads_with_contact(leads), by=actor, at=at)
    return show(request, TEMPLATE, {"place": "set-up", "form": form, "leads": leads})
