"""Opening an invitation, and accepting it: by a tap, with an account or by making one."""

from http import HTTPStatus

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from leadhub.core import clock
from leadhub.core.errors import StateConflict
from leadhub.core.pages.headers import tokened_page
from leadhub.core.pages.limits import too_many_from
from partners.invitations import Invited, accept, accept_as_new, find_invited
from partners.models import User
from partners.people_forms import NewAccountForm

TOKEN_KEY = "invitation"  # noqa: S105 - where the session keeps it
TEMPLATE = "partners/identity/invitation.html"
LONGEST_TOKEN = 64  # characters; ours have 43


@tokened_page
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to the invitation, at an address without the token."""
    # Anybody can open one that does not exist, and each makes a row of a session.
    if (refusal := too_many_from(request)) is not None:
        return refusal
    if len(token) <= LONGEST_TOKEN:
        request.session[TOKEN_KEY] = token
    return redirect("person-invitation")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def show_invitation(request: HttpRequest) -> HttpResponse:
    """Show who invites to what; a tap accepts."""
    token = str(request.session.get(TOKEN_KEY, ""))
    try:
        invited = find_invited(token, at=clock.now())
        if request.method == "POST":
            return _accept(request, invited, token)
    except StateConflict as refusal:
        context = {"refusal": refusal.in_words()}
        return render(request, TEMPLATE, context, status=HTTPStatus.CONFLICT)
    return _ask(request, invited, NewAccountForm())


def _accept(request: HttpRequest, invited: Invited, token: str) -> HttpResponse:
    if isinstance(request.user, User):
        accept(token=token, by=request.user, at=clock.now())
        request.session.pop(TOKEN_KEY, None)
        return redirect("home")
    if invited.user is not None:
        return redirect(f"{reverse('person-log-in')}?next={reverse('person-invitation')}")
    form = NewAccountForm(request.POST)
    if not form.is_valid():
        return _ask(request, invited, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    user = accept_as_new(token=token, **form.cleaned_data, at=clock.now())
    request.session.pop(TOKEN_KEY, None)
    record_authentication(request, user, method="password")
    response: HttpResponse = perform_login(request, Login(user=user))
    return response


def _ask(
    request: HttpRequest, invited: Invited, form: NewAccountForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    is_theirs = isinstance(request.user, User) and request.user == invited.user
    context = {
        "invited": invited,
        "form": form,
        "is_theirs": is_theirs,
        "is_somebody_else": isinstance(request.user, User) and not is_theirs,
        "here": reverse("person-invitation"),
    }
    return render(request, TEMPLATE, context, status=status)
