"""Is the process alive, and can it work: asked by whoever watches it, without a key."""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse


def live(request: HttpRequest) -> HttpResponse:
    """Answer, which shows that the process does."""
    return _line("alive")


def ready(request: HttpRequest) -> HttpResponse:
    """Tell whether the database answers; no request needs anything else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return _line("the database does not answer", status=503)
    return _line("ready")


def _line(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f"{text}\n",
        status=status,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )
