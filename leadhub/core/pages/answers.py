"""Answers of pages: a whole page, a part of it, or word that nothing changed."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django_htmx.http import HttpResponseClientRedirect

from leadhub.core.errors import Refusal


def is_partial(request: HttpRequest) -> bool:
    """Tell whether a script asks for a part of the page that it shows.

    A script that goes back in history asks for the page itself.
    """
    headers = request.headers
    return bool(headers.get("HX-Request")) and not headers.get("HX-History-Restore-Request")


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    part: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Show a page, or to a script the named part of it, with what there is to say."""
    if part and is_partial(request):
        return render(request, f"{template}#{part}", dict(context), status=status)
    return render(request, template, dict(context), status=status)


def go_to(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    """Lead on to another page, after something was done."""
    return lead_to(request, reverse(name, args=args))


def lead_to(request: HttpRequest, address: str) -> HttpResponse:
    """Lead on to an address of ours, the whole page even where a script asks."""
    return HttpResponseClientRedirect(address) if is_partial(request) else redirect(address)


def refuse(request: HttpRequest, refusal: Refusal, name: str, *args: Any) -> HttpResponse:
    """Say why something was not done, on the page that shows how things stand now."""
    messages.error(request, refusal.in_words())
    return go_to(request, name, *args)


def state_of(*facts: object) -> str:
    """Name what a page is made of, so that the same name means the same page."""
    digest = hashlib.sha256(repr((get_language(), *facts)).encode()).hexdigest()
    return f'"{digest[:24]}"'


def unchanged(request: HttpRequest, state: str) -> HttpResponse | None:
    """Answer a script that has the present state already that there is nothing new."""
    if is_partial(request) and request.headers.get("If-None-Match") == state:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": state})
    return None
