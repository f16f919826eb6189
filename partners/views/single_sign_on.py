"""Setting up single sign-on: an administrator enters what the company's provider told them."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from leadhub.core import clock
from leadhub.core.errors import InvalidInput
from leadhub.core.pages.answers import go_to, show
from leadhub.core.pages.forms import note_refusal
from partners.decorators import PersonRequest, desk_page
from partners.roles import Capability
from partners.set_up_forms import ConnectionForm
from partners.single_sign_on import (
    callback_path,
    connection_visible_to,
    remove_connection,
    save_connection,
)


@desk_page(Capability.CHANGE_LOG_IN)
@require_http_methods(["GET", "POST"])
def set_up(request: PersonRequest) -> HttpResponse:
    """Show how the company's people log in, and change it."""
    actor = request.person.at_desk
    connection = connection_visible_to(actor)
    names = ("issuer", "client_id", "domain")
    form = ConnectionForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(connection, name) for name in names} if connection else None,
    )
    if form.is_valid():
        try:
            save_connection(**form.cleaned_data, by=actor, at=clock.now())
        except InvalidInput as refusal:
            note_refusal(form, refusal)
        else:
            messages.success(request, gettext("The changes were saved."))
            return go_to(request, "desk-single-sign-on")
    assert request.person.chosen is not None  # noqa: S101 - the door saw to it
    slug = request.person.chosen.manufacturer.slug
    entrance = reverse("openid_connect_login", kwargs={"provider_id": slug})
    context = {
        "place": "set-up",
        "form": form,
        "connection": connection,
        "callback": settings.LEADHUB_BASE_URL + callback_path(slug),
        "entrance": settings.LEADHUB_BASE_URL + entrance,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return show(request, "partners/desk/single_sign_on.html", context, status=status)


@desk_page(Capability.CHANGE_LOG_IN)
@require_POST
def remove(request: PersonRequest) -> HttpResponse:
    """Let nobody log in by the provider any more."""
    remove_connection(by=request.person.at_desk, at=clock.now())
    messages.success(request, gettext("Single sign-on was removed. Passwords and passkeys remain."))
    return go_to(request, "desk-single-sign-on")
