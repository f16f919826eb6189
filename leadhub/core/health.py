"""Is the process alive, and can it work: asked by whoever watches it, without a key."""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

DATABASE_AWAY = "the database does not answer"


def live(request: HttpRequest) -> HttpResponse:
    """Answer, which shows that the process does."""
    return line("alive")


def ready(request: HttpRequest) -> HttpResponse:
    """Tell whether the database answers; no request needs anything else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return line(DATABASE_AWAY, status=503)
    return line("ready")


def line(text: str, *, status: int = 200) -> HttpResponse:
    """Answer with one line of text, which nobody keeps."""
    return HttpResponse(
        f"{text}\n",
        status=status,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )
