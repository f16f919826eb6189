"""Single sign-on: a manufacturer's own provider tells who its people are, and reaches it alone.

Whoever runs a provider can let it say anything. So what a provider of one manufacturer says lets
in nobody but members and invited people of that manufacturer, by addresses of the domain that was
entered, and the session that comes of it shows that manufacturer's rows alone (see ``proofs``).
"""

import re
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.outgoing import AddressRefused, check_address
from leadhub.core.sealed import seal, unseal
from leadhub.core.tenancy.context import in_tenant_of, system_context, tenant_context
from leadhub.core.turns import wait_for_turn
from partners.changes import fields_of, record_change
from partners.invitations import accept_as
from partners.memberships import Person, open_account
from partners.models import Invitation, Membership, SingleSignOn, User
from partners.sessions import end_sessions_by_provider

PURPOSE = "single sign-on"
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+\Z")


class NotLetIn(StateConflict):
    """The provider is believed, and yet nobody here knows whom it names."""

    code = "not_let_in"
    message = gettext_noop(
        "Your company's log-in worked, but this address is nobody's here. Ask to be invited."
    )


@in_tenant_of("by")
def save_connection(
    *, issuer: str, client_id: str, secret: str, domain: str, by: Actor, at: datetime
) -> SingleSignOn:
    """Let people of a domain log in by the manufacturer's provider.

    Whom another provider let in, or this one by another domain, is logged out.

    :param secret: empty to keep the present one, which no other provider is told: whoever sets up
        the connection does not thereby read it.
    :raises InvalidInput: naming the field that is wrong.
    """
    wait_for_turn("single-sign-on", by.manufacturer_id)
    issuer = _checked_issuer(issuer)
    known = SingleSignOn.objects.filter(manufacturer=by.manufacturer_id).first()
    if not secret and (known is None or known.issuer != issuer):
        message = gettext_noop("Enter the secret of this provider.")
        raise InvalidInput(field="secret", message=message)
    before = _recorded(known) if known else None
    connection = known or SingleSignOn(manufacturer_id=by.manufacturer_id)
    connection.issuer = issuer
    connection.client_id = client_id
    connection.domain = _checked_domain(domain)
    connection.changed_at = at
    if secret:
        connection.secret_sealed = seal(secret, purpose=PURPOSE)
    connection.save()
    if before is not None and before != _recorded(connection):
        end_sessions_by_provider(by.manufacturer_id)
    # The secret itself is no more recorded than it is shown; that there is a new one is.
    renewed = {"renewed_at": at} if secret else {}
    _record(connection, by=by, before=before, after=_recorded(connection) | renewed)
    return connection


@in_tenant_of("by")
def remove_connection(*, by: Actor, at: datetime) -> bool:
    """Let nobody log in by the provider any more, and log out whom it let in.

    :returns: ``False`` if there was none.
    """
    wait_for_turn("single-sign-on", by.manufacturer_id)
    connection = SingleSignOn.objects.filter(manufacturer=by.manufacturer_id).first()
    if connection is None:
        return False
    _record(connection, by=by, before=_recorded(connection), after=None)
    connection.delete()
    end_sessions_by_provider(by.manufacturer_id)
    return True


def connection_visible_to(actor: Actor) -> SingleSignOn | None:
    """Read how the manufacturer's people log in; partners see nothing of it."""
    if actor.is_partner:
        return None
    return SingleSignOn.objects.filter(manufacturer=actor.manufacturer_id).first()


def find_connection(slug: str) -> SingleSignOn | None:
    """Find the provider of a manufacturer, before anybody is logged in."""
    with system_context("single_sign_on.find_connection"):
        return _with_manufacturer().filter(manufacturer__slug=slug).first()


def connections_for(email: str) -> list[SingleSignOn]:
    """Find the providers that answer for addresses of a domain, whoever has one."""
    with system_context("single_sign_on.connections_for"):
        domain = email.lower().rpartition("@")[2]
        return list(_with_manufacturer().filter(domain=domain).order_by("manufacturer__name"))


def callback_path(slug: str) -> str:
    """Name where a provider sends people back to."""
    return reverse("openid_connect_callback", kwargs={"provider_id": slug})


def secret_of(connection: SingleSignOn) -> str:
    """Read the secret, to show the provider who asks; nobody else is told."""
    return unseal(connection.secret_sealed, purpose=PURPOSE)


def let_in(
    *, connection: SingleSignOn, email: str, is_verified: bool, name: str, at: datetime
) -> User:
    """Find whom a provider names, and make a member of whoever is invited.

    :raises NotLetIn: if they are neither a member nor invited, or the address cannot be relied on.
    """
    address = email.lower()
    if not is_verified or address.rpartition("@")[2] != connection.domain:
        raise NotLetIn
    with system_context("single_sign_on.let_in"):
        user = User.objects.filter(email=address).first()
    with tenant_context(connection.manufacturer_id):
        if user is not None and Membership.objects.filter(user_id=user.id).exists():
            if not user.is_active:
                raise NotLetIn
            return user
        return _accept(connection, address, name, at)


def _accept(connection: SingleSignOn, address: str, name: str, at: datetime) -> User:
    wait_for_turn("members", connection.manufacturer_id)
    invitations = list(
        Invitation.objects.filter(
            email=address, accepted_at=None, withdrawn_at=None, expires_at__gt=at
        )
        .select_related("manufacturer", "partner")
        .select_for_update(of=("self",))
        .order_by("invited_at", "id")
    )
    if not invitations:
        raise NotLetIn
    language = invitations[0].language
    user = open_account(Person(email=address, name=name or address, language=language))
    if not user.is_active:
        raise NotLetIn
    for invitation in invitations:
        accept_as(invitation, user=user, at=at)
    return user


def _recorded(connection: SingleSignOn) -> dict[str, Any]:
    return fields_of(connection, "issuer", "client_id", "domain")


def _record(
    connection: SingleSignOn,
    *,
    by: Actor,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    record_change(
        by=by,
        kind="single_sign_on",
        key=connection.id,
        name=connection.domain,
        before=before,
        after=after,
    )


def _with_manufacturer() -> QuerySet[SingleSignOn]:
    return SingleSignOn.objects.select_related("manufacturer")


def _checked_issuer(issuer: str) -> str:
    address = issuer.strip().rstrip("/")
    if "?" in address:
        message = gettext_noop("Enter the address of the provider; it begins with https://.")
        raise InvalidInput(field="issuer", message=message)
    try:
        check_address(address)
    except AddressRefused as refusal:
        raise InvalidInput(
            field="issuer", message=refusal.message, params=refusal.params, code=refusal.code
        ) from None
    return address


def _checked_domain(domain: str) -> str:
    name = domain.strip().lower().removeprefix("@")
    if not _DOMAIN.match(name):
        message = gettext_noop("Enter what stands behind the @, such as example.com.")
        raise InvalidInput(field="domain", message=message)
    return name
