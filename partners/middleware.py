"""Enters the context of whoever is logged in, so that the database shows their rows only."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from http import HTTPStatus
from uuid import UUID

from django.contrib.auth import SESSION_KEY, get_user
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from leadhub.core.tenancy.context import partner_context, tenant_context, user_context
from partners.memberships import memberships_of
from partners.models import Membership

MEMBERSHIP_KEY = "membership"


class MembershipMiddleware:
    """Runs a logged-in person's request in one transaction, in the context they act in.

    Somebody who works for partners sees the rows of all of them at once: one inbox. Staff of a
    manufacturer act for one manufacturer at a time, chosen in the session. Requests without a
    session, those of the API among them, pass through without a context.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside the person's context; an answer of 500 or more undoes it."""
        user_id = _user_id(request)
        if user_id is None:
            return self.get_response(request)
        memberships = memberships_of(user_id)
        chosen = request.session.get(MEMBERSHIP_KEY)
        request.memberships = memberships  # type: ignore[attr-defined]
        with _context(user_id, memberships, chosen):
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                transaction.set_rollback(True)
            return response


def _user_id(request: HttpRequest) -> UUID | None:
    """Tell who is logged in: an active person whose password is still that of the log-in."""
    if request.path.startswith("/api/"):
        return None
    stored = request.session.get(SESSION_KEY)
    if not stored:
        return None
    with user_context(UUID(stored)):
        user = get_user(request)
    return user.pk if user.is_authenticated else None


def _context(
    user_id: UUID, memberships: Sequence[Membership], chosen: str | None
) -> AbstractContextManager[None]:
    staff = [membership for membership in memberships if membership.partner_id is None]
    if staff:
        current = next((m for m in staff if str(m.id) == chosen), staff[0])
        return tenant_context(current.manufacturer_id)
    partner_ids = [m.partner_id for m in memberships if m.partner_id is not None]
    if partner_ids:
        return partner_context(partner_ids, user_id=user_id)
    return user_context(user_id)
