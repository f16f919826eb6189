"""Devices on which somebody is logged in: what they are, when they were seen last, their end."""

import re
import time
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.translation import gettext

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context, user_context
from partners.models import Membership, User

SEEN_KEY = "seen_at"
# Where the session keeps whose provider said who it is.
PROVIDER_KEY = "provider_of"
# Noting every request would write a row for each.
SEEN_IS_NOTED_EVERY = 300.0  # seconds
# The first that fits names it: browsers claim to be each other.
_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|Chromium|CriOS)/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def name_device(user_agent: str) -> str:
    """Name a browser and what it runs on, as far as it says so itself."""
    browser = _first(_BROWSERS, user_agent) or gettext("Another browser")
    system = _first(_SYSTEMS, user_agent)
    return f"{browser}, {system}" if system else browser


def note_seen(request: HttpRequest, user: User) -> None:
    """Note that a device is in use, every few minutes."""
    now = time.time()
    if now - request.session.get(SEEN_KEY, 0.0) < SEEN_IS_NOTED_EVERY:
        return
    request.session[SEEN_KEY] = now
    at = clock.now()
    with user_context(user.id):
        own = UserSession.objects.filter(session_key=request.session.session_key)
        own.update(last_seen_at=at)


def end_sessions_by_provider(manufacturer_id: UUID) -> int:
    """Log everybody out whom the provider of a manufacturer let in.

    :returns: how many sessions that were.
    """
    with system_context("sessions.end_sessions_by_provider"):
        members = Membership.objects.filter(manufacturer=manufacturer_id).values("user_id")
        keys = UserSession.objects.filter(user_id__in=members).values_list("session_key", flat=True)
        found = Session.objects.filter(session_key__in=list(keys))
        by_provider = [
            session.session_key
            for session in found
            if session.get_decoded().get(PROVIDER_KEY) == str(manufacturer_id)
        ]
        Session.objects.filter(session_key__in=by_provider).delete()
        UserSession.objects.filter(session_key__in=by_provider).delete()
    return len(by_provider)


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")
