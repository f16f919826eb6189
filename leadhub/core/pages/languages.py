"""The language of pages, also of those on which nobody is logged in."""

from django.conf import settings
from django.http import HttpResponse

A_YEAR = 365 * 24 * 3_600


def remember_language(response: HttpResponse, language: str) -> None:
    """Let pages without anybody logged in speak the language as well."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        samesite="Lax",
        secure=settings.IS_HTTPS,
    )
