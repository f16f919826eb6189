"""The app on a phone's home screen: its manifest, its service worker, its page without a network.

None of them is for anybody in particular: they are asked for without a log-in.
"""

import hashlib
import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import condition, require_safe

from leadhub.core.pages.built import NotBuilt, address_of, parts_of_pages, worker_source

# The ground of pages and of their upper edge, in hex: what a system reads (styles/theme.css).
GROUND, EDGE_LIGHT, EDGE_DARK = "#f5f7fb", "#ffffff", "#181e2b"
AN_HOUR = 3_600


@require_safe
def manifest(request: HttpRequest, language: str) -> HttpResponse:
    """Describe the app to a phone that installs it."""
    with translation.override(_known(language)):
        described = _described(language)
    return JsonResponse(
        described,
        content_type="application/manifest+json",
        headers={"Cache-Control": f"public, max-age={AN_HOUR}", "Content-Language": language},
    )


@require_safe
def offline(request: HttpRequest, language: str) -> HttpResponse:
    """Say that there is no network; kept by the service worker for then."""
    with translation.override(_known(language)):
        response = render(request, "pwa/offline.html")
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
@condition(etag_func=lambda request: f'"{version()}"')
def service_worker(request: HttpRequest) -> HttpResponse:
    """Hand out the service worker of this build, from the root: it answers for every page."""
    try:
        script = _worker()
    except NotBuilt as missing:
        raise Http404 from missing
    return HttpResponse(
        script,
        content_type="text/javascript; charset=utf-8",
        # Asked for again at every visit: an update must not wait for a cache to run out.
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


def version() -> str:
    """Name the build; another one is another worker."""
    try:
        return hashlib.sha256(_worker().encode()).hexdigest()[:16]
    except NotBuilt:
        return "none"


@cache
def _worker() -> str:
    build = {
        "parts": parts_of_pages(),
        "offline": {code: reverse("app-offline", args=[code]) for code in _languages()},
        "icon": address_of("icons/icon-192.png"),
        "badge": address_of("icons/badge-96.png"),
    }
    return f"self.BUILD = {json.dumps(build)};\n{worker_source()}"


def _described(language: str) -> dict[str, Any]:
    inbox = reverse("partner-inbox")
    return {
        "id": "/",
        "name": gettext("leadhub: enquiries for partners"),
        "short_name": "leadhub",
        "description": gettext("New enquiries at once, answered with one tap."),
        "lang": language,
        "dir": "ltr",
        "start_url": inbox,
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": EDGE_LIGHT,
        "categories": ["business", "productivity"],
        "icons": _icons(),
        "shortcuts": [
            {"name": gettext("Inbox"), "url": inbox},
            {"name": gettext("My leads"), "url": reverse("partner-leads")},
            {"name": gettext("Pick list"), "url": reverse("partner-pick-list")},
        ],
    }


def _icons() -> list[dict[str, str]]:
    kinds = (("icon-192", "192", "any"), ("icon-512", "512", "any"))
    try:
        return [
            {
                "src": address_of(f"icons/{name}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in (*kinds, ("icon-maskable-512", "512", "maskable"))
        ]
    except NotBuilt:
        return []


def _known(language: str) -> str:
    if language not in _languages():
        raise Http404
    return language


def _languages() -> list[str]:
    return [code for code, _ in settings.LANGUAGES]
