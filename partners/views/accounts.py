"""Logging in and out, and what a person chooses for themselves."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from leadhub.core.pages.answers import show
from leadhub.core.pages.limits import limited_by_address
from leadhub.core.tenancy.context import system_context
from partners.decorators import MEMBERSHIP_KEY, PersonRequest, find_user, person_page
from partners.forms import LogInForm
from partners.models import User
from partners.people import choose_language, firms_of

THEMES = ("system", "light", "dark")
A_YEAR = 365 * 24 * 3_600


@never_cache
@limited_by_address
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Log somebody in by e-mail address and password."""
    if find_user(request) is not None:
        return redirect(_next_page(request))
    form = LogInForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            user = authenticate(
                request,
                username=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
            )
            if isinstance(user, User):
                return _let_in(request, user)
            form.add_error(None, gettext("This address and password do not go together."))
    context = {"form": form, "next": request.GET.get("next", request.POST.get("next", ""))}
    return render(request, "partners/log_in.html", context, status=status)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Forget who was logged in."""
    logout(request)
    return redirect("person-log-in")


@person_page
def home(request: PersonRequest) -> HttpResponse:
    """Lead to the first page of whoever it is."""
    if request.person.chosen is not None:
        return redirect("desk-cockpit")
    if request.person.works_for:
        return redirect("partner-inbox")
    return redirect("person-account")


@person_page
@require_http_methods(["GET", "POST"])
def show_account(request: PersonRequest) -> HttpResponse:
    """Show a person what is known of them, and let them choose language and appearance."""
    if request.method == "GET":
        layout = "layouts/desk.html" if request.person.chosen else "layouts/phone.html"
        context = {
            "layout": layout,
            "place": "account",
            "languages": settings.LANGUAGES,
            "firms": firms_of(request.person),
        }
        return show(request, "partners/account.html", context)
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    response = redirect("person-account")
    if language in dict(settings.LANGUAGES):
        choose_language(user=request.person.user, language=language)
        _remember_language(response, language)
    if theme in THEMES:
        response.set_cookie(
            "theme", theme, max_age=A_YEAR, samesite="Lax", secure=settings.IS_HTTPS
        )
    return response


@person_page
@require_POST
def choose_manufacturer(request: PersonRequest) -> HttpResponse:
    """Act for another manufacturer from now on."""
    wanted = request.POST.get("membership", "")
    if any(str(membership.id) == wanted for membership in request.person.staff_of):
        request.session[MEMBERSHIP_KEY] = wanted
    return redirect("desk-cockpit")


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    with system_context("accounts.log_in"):
        login(request, user)
    response = redirect(_next_page(request))
    _remember_language(response, user.language)
    return response


def _remember_language(response: HttpResponse, language: str) -> None:
    """Let pages without anybody logged in speak the language as well."""
    translation.activate(language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        samesite="Lax",
        secure=settings.IS_HTTPS,
    )


def _next_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, settings.IS_HTTPS):
        return wanted
    return reverse("home")
