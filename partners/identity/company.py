"""Finding the provider of one's company, by the e-mail address."""

from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from leadhub.core.pages.limits import limited_by_address
from partners.identity.forms import email_field
from partners.single_sign_on import connections_for


class CompanyForm(forms.Form):
    """The address by which a company is found."""

    email = email_field(autofocus=True)


@never_cache
@limited_by_address
@require_http_methods(["GET", "POST"])
def company(request: HttpRequest) -> HttpResponse:
    """Offer the providers that answer for the domain of an address, whoever has it."""
    form = CompanyForm(request.POST if request.method == "POST" else None)
    connections = connections_for(form.cleaned_data["email"]) if form.is_valid() else []
    if form.is_valid() and not connections:
        form.add_error("email", gettext("No company has set up a log-in for such addresses."))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "connections": connections}
    return render(request, "partners/identity/company.html", context, status=status)
