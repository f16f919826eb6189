"""Pages that say what went wrong and lead on; programs get a problem document instead."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import is_valid_path
from django.utils.cache import add_never_cache_headers

from leadhub.core.api import problems
from leadhub.core.pages import limits

A_MINUTE = 60  # seconds


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that the web server's rules refuse, such as one for another host."""
    if _is_program(request):
        return problems.bad_request(request, exception)
    return HttpResponse("Bad Request.", status=HTTPStatus.BAD_REQUEST, content_type="text/plain")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere, for this person at least."""
    if _is_program(request):
        return problems.not_found(request, exception)
    if request.method == "GET" and is_valid_path(f"{request.path_info}/"):
        return redirect(request.get_full_path(force_append_slash=True))
    response = render(request, "errors/not_found.html", status=HTTPStatus.NOT_FOUND)
    add_never_cache_headers(response)
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """Answer a failure that no view caught."""
    if _is_program(request):
        return problems.broken(request)
    return render(request, "errors/broken.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer somebody who tried too often from one place; limits of log-in count by the minute."""
    return limits.too_many(request, A_MINUTE)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was not given out to this browser, or too long ago."""
    return render(request, "errors/form_expired.html", status=HTTPStatus.FORBIDDEN)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
