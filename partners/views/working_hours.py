"""When the manufacturer works: seen by everybody at the desk, changed by administrators."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from leadhub.core.errors import InvalidInput
from leadhub.core.pages.answers import go_to, show
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.set_up_forms import WorkingHoursForm
from partners.tenants import change_working_hours


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Capability.CHANGE_NETWORK)
def show_working_hours(request: PersonRequest) -> HttpResponse:
    """Show and change the hours of the week and whose holidays are kept."""
    chosen = request.person.chosen
    assert chosen is not None  # noqa: S101 - the door has looked
    sent = request.POST if request.method == "POST" else None
    form = WorkingHoursForm(sent, manufacturer=chosen.manufacturer)
    if form.is_valid():
        try:
            change_working_hours(
                days=form.days(),
                holiday_region=form.cleaned_data["holiday_region"],
                by=request.person.at_desk,
            )
        except InvalidInput as refusal:
            form.add_error(None, refusal.in_words())
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, "desk-working-hours")
    status = 422 if form.errors else 200
    context = {"place": "set-up", "form": form, "time_zone": chosen.manufacturer.time_zone}
    return show(request, "partners/desk/working_hours.html", context, status=status)
