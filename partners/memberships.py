"""Tenants and people: how a manufacturer comes to be, and who may act for whom."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor, system_actor
from leadhub.core.errors import NotVisible, StateConflict
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import (
    in_tenant_of,
    system_context,
    tenant_context,
)
from leadhub.core.turns import wait_for_turn
from partners.changes import fields_of, record_change
from partners.models import Manufacturer, Membership, Partner, User
from partners.models.accounts import PARTNER_ROLES, Role


class SlugTaken(StateConflict):
    """A manufacturer with this slug exists."""

    code = "slug_taken"
    message = gettext_noop("There is a manufacturer with this slug already; choose another.")


class LastAdministrator(StateConflict):
    """Without this person nobody could set anything up."""

    code = "last_administrator"
    message = gettext_noop(
        "This is the last administrator: make somebody else an administrator first."
    )


class OtherSide(StateConflict):
    """The role belongs to the other side, or does not exist."""

    code = "role_of_the_other_side"
    message = gettext_noop("This role is for the other side; invite the person anew instead.")


class Person(NamedTuple):
    """Somebody to be given a membership; the password counts only for a new account."""

    email: str
    name: str
    password: str | None = None
    language: str = "de"


def found_manufacturer(
    *, slug: str, name: str, at: datetime, currency: str = "EUR", time_zone: str = "Europe/Berlin"
) -> Manufacturer:
    """Make a tenant, empty yet.

    :raises SlugTaken: if the slug is in use.
    """
    with system_context("memberships.found_manufacturer"):
        wait_for_turn("manufacturer", slug)
        if Manufacturer.objects.filter(slug=slug).exists():
            raise SlugTaken
        manufacturer = Manufacturer.objects.create(
            id=new_id(), slug=slug, name=name, currency=currency, time_zone=time_zone, created_at=at
        )
        record_change(
            by=administrator_of(manufacturer),
            kind="manufacturer",
            key=manufacturer.id,
            name=name,
            after=fields_of(manufacturer, "name", "slug", "currency", "time_zone", "language"),
        )
        return manufacturer


def manufacturer_by_slug(slug: str) -> Manufacturer | None:
    """Find a tenant by its slug."""
    with system_context("memberships.manufacturer_by_slug"):
        return Manufacturer.objects.filter(slug=slug).first()


def all_manufacturers() -> list[Manufacturer]:
    """List every tenant, for a command that is for all of them."""
    with system_context("memberships.all_manufacturers"):
        return list(Manufacturer.objects.order_by("slug"))


def open_account(person: Person) -> User:
    """Find the account of an e-mail address, or make it; an account there is stays as it is."""
    with system_context("memberships.open_account"):
        wait_for_turn("account", person.email.lower())
        user = User.objects.filter(email=person.email.lower()).first()
        return user or User.objects.create_user(
            person.email, person.password, name=person.name, language=person.language
        )


def add_member(
    *,
    manufacturer: Manufacturer,
    person: Person,
    role: str,
    partner: Partner | None = None,
    by: Actor | None = None,
) -> Membership:
    """Let a person act for the manufacturer, or for one of its partners.

    A person is known by e-mail address over all manufacturers: somebody who has an account keeps
    it, with its name and password. Adding somebody twice sets the role.

    :param by: who adds them; nobody named is whoever sets up the tenant.
    """
    if (role in PARTNER_ROLES) != (partner is not None):
        msg = "Partner roles need a partner, the manufacturer's roles must not have one."
        raise ValueError(msg)
    user = open_account(person)
    with tenant_context(manufacturer.id):
        own: dict[str, Any] = {"manufacturer": manufacturer, "user": user, "partner": partner}
        known = Membership.objects.filter(**own).first()
        membership, _ = Membership.objects.update_or_create(**own, defaults={"role": role})
        _record(
            membership,
            by=by or administrator_of(manufacturer),
            before=None if known is None else _recorded(known),
            after=_recorded(membership),
        )
        return membership


@in_tenant_of("by")
def change_role(*, membership: Membership, role: str, by: Actor, at: datetime) -> bool:
    """Let a member do more or less from now on; ``False`` if they have the role already.

    :raises LastAdministrator: if nobody could set anything up any more.
    :raises OtherSide: if the role is the manufacturer's for a partner's person, or the reverse.
    """
    if role not in Role.values or (role in PARTNER_ROLES) != (membership.partner_id is not None):
        raise OtherSide
    current = _lock_member(membership)
    if current.role == role:
        return False
    _keep_an_administrator(current)
    before = _recorded(current)
    current.role = role
    current.save(update_fields=["role"])
    _record(current, by=by, before=before, after=_recorded(current))
    return True


@in_tenant_of("by")
def remove_member(*, membership: Membership, by: Actor, at: datetime) -> None:
    """Take from a person the right to act here, at once; their account stays.

    :raises LastAdministrator: if nobody could set anything up any more.
    """
    current = _lock_member(membership)
    _keep_an_administrator(current)
    _record(current, by=by, before=_recorded(current), after=None)
    current.delete()


def _recorded(membership: Membership) -> dict[str, Any]:
    partner = membership.partner
    return {
        "role": membership.role,
        "email": membership.user.email,
        "partner": partner.name if partner else "",
    }


def _record(
    membership: Membership,
    *,
    by: Actor,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    record_change(
        by=by,
        kind="membership",
        key=membership.id,
        name=membership.user.name,
        before=before,
        after=after,
    )


def _lock_member(membership: Membership) -> Membership:
    # One change at a time: two administrators that remove each other must not both succeed.
    wait_for_turn("members", membership.manufacturer_id)
    found = Membership.objects.filter(id=membership.id).first()
    if found is None:
        raise NotVisible
    return found


def _keep_an_administrator(membership: Membership) -> None:
    others = Membership.objects.filter(role=Role.ADMIN).exclude(id=membership.id)
    if membership.role == Role.ADMIN and not others.exists():
        raise LastAdministrator


def is_staff(user_id: UUID) -> bool:
    """Tell whether a person acts for a manufacturer, in a context that shows their memberships."""
    return Membership.objects.filter(user_id=user_id, partner=None).exists()


def has_account(email: str) -> bool:
    """Tell whether somebody with this e-mail address is known."""
    with system_context("memberships.has_account"):
        return User.objects.filter(email=email.lower()).exists()


def administrator_of(manufacturer: Manufacturer) -> Actor:
    """Whoever sets up a tenant from the command line."""
    return system_actor(manufacturer.id, "setup")


def newcomer(user: User, *, manufacturer: Manufacturer, partner: Partner | None) -> Actor:
    """Act as somebody who is about to become a member."""
    return Actor(
        manufacturer_id=manufacturer.id,
        label=f"user:{user.id}",
        partner_id=None if partner is None else partner.id,
        user_id=user.id,
    )


def actor_of(membership: Membership) -> Actor:
    """Act by a membership."""
    return Actor(
        manufacturer_id=membership.manufacturer_id,
        label=f"user:{membership.user_id}",
        partner_id=membership.partner_id,
        user_id=membership.user_id,
    )
