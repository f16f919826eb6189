"""What a line in the log is about: the request or round, the tenant and the lead, by their ids.

Bound where each becomes known, and told with every line that is logged from there on.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
# What proxies make: a UUID, with dashes or without. Anything else could say anything about anybody.
_GIVEN = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


class About(NamedTuple):
    """Ids, each empty if there is none."""

    request: str = ""
    tenant: str = ""
    lead: str = ""


NOTHING = About()
_about: ContextVar[About] = ContextVar("leadhub_log_about", default=NOTHING)


def about() -> About:
    """Tell what is being worked on."""
    return _about.get()


def note_tenant(manufacturer_id: UUID | str) -> None:
    """Let lines from here on name a tenant."""
    _about.set(_about.get()._replace(tenant=str(manufacturer_id)))


def note_lead(manufacturer_id: UUID, lead_id: UUID) -> None:
    """Let lines from here on name a lead and its tenant."""
    _about.set(About(_about.get().request, str(manufacturer_id), str(lead_id)))


def go_back_to(before: About) -> None:
    """Let lines name again what they named before a piece of work within another."""
    _about.set(before)


def begin(request: str) -> None:
    """Let lines from here on name this piece of work and nothing else; empty is none."""
    _about.set(About(request=request))


@contextmanager
def work(name: str = "") -> Iterator[None]:
    """Give a piece of work an id that its lines carry; what is noted within ends with it."""
    token = _about.set(About(request=name or new_request_id()))
    try:
        yield
    finally:
        _about.reset(token)


def new_request_id() -> str:
    """Make an id that nobody can guess or confuse: 32 hexadecimal digits."""
    return os.urandom(16).hex()


class RequestIds:
    """Middleware that takes over the id of a proxy, or makes one, and answers with it.

    The id stays until the thread's next request: what is wrong with an answer, Django logs after
    all middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; whatever is logged meanwhile carries the id."""
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if given and _GIVEN.fullmatch(given) else new_request_id()
        begin(request_id)
        response = self.get_response(request)
        response.headers[HEADER] = request_id
        return response


def attach(record: logging.LogRecord) -> None:
    """Keep with a record what was being worked on when it was made."""
    record.about = _about.get()


def about_of(record: logging.LogRecord) -> dict[str, Any]:
    """Tell the ids of a record, without those that it lacks."""
    held: About = getattr(record, "about", NOTHING)
    return {name: value for name, value in held._asdict().items() if value}
