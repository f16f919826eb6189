"""Logging out, and what a person chooses for themselves."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from leadhub.core.pages.answers import show
from leadhub.core.pages.languages import A_YEAR, remember_language
from partners.decorators import MEMBERSHIP_KEY, PersonRequest, find_user, person_page
from partners.devices import remove_device
from partners.known_devices import forget_here
from partners.people import choose_language, firms_of
from partners.views.notices import DEVICE_KEY

THEMES = ("system", "light", "dark")


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Forget who was logged in; this browser is told nothing any more."""
    user, device_id = find_user(request), request.session.get(DEVICE_KEY)
    if user is not None and device_id:
        remove_device(user_id=user.id, device_id=UUID(device_id))
    logout(request)
    response = redirect("person-log-in")
    forget_here(request, response)
    return response


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
        remember_language(response, language)
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
