"""Devices on which somebody is logged in: what they are, and when they were seen last."""

import re
import time

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext

from leadhub.core import clock
from leadhub.core.tenancy.context import user_context
from partners.models import User

SEEN_KEY = "seen_at"
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


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")
