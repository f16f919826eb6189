"""Whether the timers keep up: asked by whoever watches, without a key; it names nobody."""

from http import HTTPStatus

from django.db import Error
from django.http import HttpRequest, HttpResponse

from leadhub.core.health import DATABASE_AWAY, line
from leads.lateness import LATE_AFTER, oldest_overdue


def timers(request: HttpRequest) -> HttpResponse:
    """Tell what is late and by how much, should anything be late by more than a minute."""
    try:
        overdue = oldest_overdue()
    except Error:
        return line(DATABASE_AWAY, status=HTTPStatus.SERVICE_UNAVAILABLE)
    late = [f"{kind} {by:.0f} s" for kind, by in overdue.items() if by > LATE_AFTER]
    if late:
        return line(f"late: {', '.join(late)}", status=HTTPStatus.SERVICE_UNAVAILABLE)
    return line("on time")
