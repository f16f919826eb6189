"""What every answer says to a browser, and what an installation on the internet is set up with."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from leadhub.core.pages.headers import tokened_page

PRODUCTION = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_",
    "ALLOWED_HOSTS": "leads.example.com",
    "LEADHUB_BASE_URL": "https://leads.example.com",
    "DEBUG": "false",
    "DJANGO_SETTINGS_MODULE": "leadhub.settings",
}
SHOW = """
import json, django
from django.conf import settings
django.setup()
from django.test import Client
client = Client(enforce_csrf_checks=True)
page = client.get("/log-in/", headers={"Host": "leads.example.com", "X-Forwarded-Proto": "https"})
plain = client.get("/log-in/", headers={"Host": "leads.example.com"})
probe = client.get("/healthz/live", headers={"Host": "leads.example.com"})
print(json.dumps({
    "status": page.status_code, "headers": dict(page.headers),
    "cookies": {name: dict(morsel) for name, morsel in page.cookies.items()},
    "session": settings.SESSION_COOKIE_NAME,
    "plain": [plain.status_code, plain.headers.get("Location")], "probe": probe.status_code,
}))
"""


def in_production(*words: str, **changes: str) -> str:
    """Run Python as an installation on the internet would; what it writes."""
    environment = {**os.environ, **PRODUCTION, **changes}
    done = subprocess.run(
        [sys.executable, *words],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=settings.BASE_DIR,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_deployment_check_finds_nothing() -> None:
    in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")


def test_the_deployment_check_would_find_something() -> None:
    with pytest.raises(AssertionError, match=r"security\.W00"):
        in_production(
            *("manage.py", "check", "--deploy", "--fail-level", "WARNING"), HSTS_SECONDS="0"
        )


def test_https_brings_strict_cookies_and_headers() -> None:
    seen = json.loads(in_production("-c", SHOW))

    assert seen["status"] == 200
    assert seen["session"] == "__Host-session"
    cookie = seen["cookies"]["__Host-csrf"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    headers = seen["headers"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert seen["plain"] == [301, "https://leads.example.com/log-in/"]
    assert seen["probe"] == 200


def test_plain_http_on_loopback_has_cookies_that_work_there() -> None:
    assert settings.SESSION_COOKIE_NAME == "sessionid"
    assert settings.SESSION_COOKIE_SECURE is False


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/log-in/", "/api/v1/leads/", "/nowhere/", "/healthz/live"])
def test_every_answer_says_what_a_browser_may_do(path: str) -> None:
    headers = Client().get(path).headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_page_with_a_secret_in_its_address_tells_it_to_nobody() -> None:
    @tokened_page
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("x")

    headers = view(RequestFactory().get("/x/")).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
