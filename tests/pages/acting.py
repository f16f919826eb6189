"""People with a browser, logged in."""

import time

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from leadhub.core.tenancy.context import system_context
from partners.decorators import MEMBERSHIP_KEY
from partners.models import Membership, User
from partners.models.accounts import PARTNER_ROLES
from partners.sessions import SEEN_KEY
from tests.factors import show_second_factor


def logged_in(client: Client, membership: Membership) -> Client:
    """Give a browser the session that a log-in would, without the cost of a password."""
    with system_context("test"):
        user = User.objects.get(id=membership.user_id)
    session = SessionStore()
    session[SESSION_KEY] = str(user.id)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[SEEN_KEY] = time.time()
    if membership.role not in PARTNER_ROLES:
        session[MEMBERSHIP_KEY] = str(membership.id)
        with system_context("test"):
            show_second_factor(session, user)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


def by_script(url: str, **headers: str) -> dict[str, str]:
    """Name the headers of a request that a script makes from the page at a URL."""
    return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}", **headers}
