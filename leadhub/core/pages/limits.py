"""Pages asked for too often: by one address without logging in, or by one person."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from leadhub.core.rate_limits import take
from leadhub.core.visitors import origin_of

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


def limited_by_address(view: View[Parameters]) -> View[Parameters]:
    """Limit how often one address sends a form that needs no log-in."""

    @wraps(view)
    def answer(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        refusal = too_many_from(request) if request.method == "POST" else None
        return refusal or view(request, *args, **kwargs)

    return answer


def too_many_from(request: HttpRequest) -> HttpResponse | None:
    """Count a request against its address; the answer to it if there were too many."""
    verdict = take(address=origin_of(request))
    if verdict is None or verdict.passes:
        return None
    return too_many(request, verdict.retry_after)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """Ask somebody to wait for so many seconds; the page says: for a minute at most."""
    response = render(request, "errors/too_many.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(seconds)
    add_never_cache_headers(response)
    return response
