"""How long customers' data is kept: for administrators."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from leadhub.core.pages.answers import go_to, show
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.set_up_forms import RetentionForm
from partners.tenants import change_retention


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Capability.PROTECT_DATA)
def show_data_protection(request: PersonRequest) -> HttpResponse:
    """Show and change how long customers' personal data is kept."""
    chosen = request.person.chosen
    assert chosen is not None  # noqa: S101 - the door has looked
    sent = request.POST if request.method == "POST" else None
    form = RetentionForm(sent, initial={"months": chosen.manufacturer.retention_months})
    if form.is_valid():
        change_retention(months=form.cleaned_data["months"], by=request.person.at_desk)
        messages.success(request, gettext("The changes were saved."))
        return go_to(request, "desk-data-protection")
    status = 422 if form.errors else 200
    context = {"place": "set-up", "form": form}
    return show(request, "partners/desk/data_protection.html", context, status=status)
