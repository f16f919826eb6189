"""What mails of a manufacturer look like: for administrators."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from leadhub.core.errors import InvalidInput
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.forms import note_refusal
from leadhub.core.pages.mistakes import focus_first_mistake
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.set_up_forms import BrandForm
from partners.tenants import brand_of, change_brand


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Capability.CHANGE_BRAND)
def show_brand(request: PersonRequest) -> HttpResponse:
    """Show and change the name and the colours at the head of mails."""
    chosen = request.person.chosen
    assert chosen is not None  # noqa: S101 - the door has looked
    brand = brand_of(chosen.manufacturer)
    initial = {
        "text": chosen.manufacturer.brand_text,
        "color": brand.color,
        "ink": brand.ink,
    }
    form = BrandForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            change_brand(**form.cleaned_data, by=request.person.at_desk)
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, "desk-brand")
    focus_first_mistake(form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"place": "set-up", "form": form, "brand": brand}
    return show(request, "partners/desk/brand.html", context, status=status)
