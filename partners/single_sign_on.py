"""Single sign-on: a manufacturer's own provider tells who its people are, and reaches it alone.

Whoever runs a provider can let it say anything. So what a provider of one manufacturer says lets
in nobody but members and invited people of that manufacturer, by addresses of the domain that was
entered, and the session that comes of it shows that manufacturer's rows alone (see ``proofs``).
"""

import re
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.sealed import seal, unseal
from leadhub.core.tenancy.context import in_tenant_of, system_context, tenant_context
from leadhub.core.turns import wait_for_turn
from partners.memberships import Person, add_member
from partners.models import Invitation, Membership, SingleSignOn, User

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

    :param secret: empty to keep the present one.
    :raises InvalidInput: naming the field that is wrong.
    """
    wait_for_turn("single-sign-on", by.manufacturer_id)
    known = SingleSignOn.objects.filter(manufacturer=by.manufacturer_id).first()
    if not secret and known is None:
        raise InvalidInput(field="secret", message=gettext_noop("Enter the secret."))
    connection = known or SingleSignOn(manufacturer_id=by.manufacturer_id)
    connection.issuer = _checked_issuer(issuer)
    connection.client_id = client_id
    connection.domain = _checked_domain(domain)
    connection.changed_at = at
    if secret:
        connection.secret_sealed = seal(secret, purpose=PURPOSE)
    connection.save()
    return connection


@in_tenant_of("by")
def remove_connection(*, by: Actor, at: datetime) -> bool:
    """Let nobody log in by the provider any more; ``False`` if there was none."""
    removed, _ = SingleSignOn.objects.filter(manufacturer=by.manufacturer_id).delete()
    return bool(removed)


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
        ).select_related("manufacturer", "partner")
    )
    for invitation in invitations:
        membership = add_member(
            manufacturer=invitation.manufacturer,
            person=Person(email=address, name=name or address, language=invitation.language),
            role=invitation.role,
            partner=invitation.partner,
        )
        invitation.accepted_by_id, invitation.accepted_at = membership.user_id, at
        invitation.save(update_fields=["accepted_by", "accepted_at"])
    user = User.objects.filter(email=address, is_active=True).first()
    if not invitations or user is None:
        raise NotLetIn
    return user


def _with_manufacturer() -> QuerySet[SingleSignOn]:
    return SingleSignOn.objects.select_related("manufacturer")


def _checked_issuer(issuer: str) -> str:
    address = issuer.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        is_lax = getattr(settings, "OUTGOING_MAY_REACH_LOOPBACK", False)
        is_right = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
        is_right = is_right and (parts.scheme == "https" or (is_lax and parts.scheme == "http"))
    except ValueError:
        is_right = False
    if not is_right:
        message = gettext_noop("Enter the address of the provider; it begins with https://.")
        raise InvalidInput(field="issuer", message=message)
    return address


def _checked_domain(domain: str) -> str:
    name = domain.strip().lower().removeprefix("@")
    if not _DOMAIN.match(name):
        message = gettext_noop("Enter what stands behind the @, such as example.com.")
        raise InvalidInput(field="domain", message=message)
    return name
