"""Somebody who is logged in, and all that they may act for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.tenancy.context import partner_context, system_context, user_context
from partners.memberships import actor_of
from partners.models import Membership, Partner, User
from partners.models.accounts import PARTNER_ROLES
from partners.roles import Capability, may


@dataclass(frozen=True)
class LoggedInPerson:
    """A person with their memberships.

    :ivar memberships: over all manufacturers, each with its manufacturer.
    :ivar chosen: the membership by which they act for a manufacturer, if for any.
    """

    user: User
    memberships: Sequence[Membership]
    chosen: Membership | None

    @cached_property
    def staff_of(self) -> list[Membership]:
        """Memberships for manufacturers, by name."""
        found = [m for m in self.memberships if m.role not in PARTNER_ROLES]
        return sorted(found, key=lambda membership: membership.manufacturer.name.lower())

    @cached_property
    def works_for(self) -> list[Membership]:
        """Memberships for partners."""
        return [m for m in self.memberships if m.role in PARTNER_ROLES]

    @property
    def partner_ids(self) -> list[UUID]:
        """Find the partners the person works for."""
        return [m.partner_id for m in self.works_for if m.partner_id is not None]

    @property
    def has_several_networks(self) -> bool:
        """Tell whether the person has to be told which manufacturer an offer is from."""
        return len({membership.manufacturer_id for membership in self.works_for}) > 1

    @property
    def has_several_partners_in_one(self) -> bool:
        """Tell whether the person has to be told which of their partners an offer is for."""
        return len(self.works_for) > len({m.manufacturer_id for m in self.works_for})

    @property
    def at_desk(self) -> Actor:
        """Act for the chosen manufacturer.

        :raises NotVisible: if there is none.
        """
        if self.chosen is None:
            raise NotVisible
        return actor_of(self.chosen)

    @property
    def as_partners(self) -> list[Actor]:
        """Act for every partner the person works for."""
        return [actor_of(membership) for membership in self.works_for]

    def as_partner(self, partner_id: UUID | None) -> Actor:
        """Act for one of the partners the person works for.

        :raises NotVisible: if they do not work for it.
        """
        for membership in self.works_for:
            if membership.partner_id == partner_id:
                return actor_of(membership)
        raise NotVisible

    def may_at_desk(self, capability: Capability) -> bool:
        """Tell whether the person may do this for the chosen manufacturer."""
        return self.chosen is not None and may(self.chosen.role, capability)

    def partners_for_whom_they_may(self, capability: Capability) -> list[UUID]:
        """Find the partners for whom the person may do this."""
        return [m.partner_id for m in self.works_for if m.partner_id and may(m.role, capability)]

    @property
    def as_partners_managed(self) -> list[Actor]:
        """Act for every partner whose people the person manages."""
        return [actor_of(m) for m in self.works_for if may(m.role, Capability.MANAGE_TEAM)]

    @property
    def may_dispatch(self) -> bool:
        """Tell whether the person may change what becomes of leads."""
        return self.may_at_desk(Capability.DISPATCH_LEADS)

    @property
    def may_set_up(self) -> bool:
        """Tell whether the person may change products, levels, policies and partners."""
        return self.may_at_desk(Capability.CHANGE_NETWORK)

    @property
    def may_publish(self) -> bool:
        """Tell whether the person may publish, replace and withdraw documents."""
        return self.may_at_desk(Capability.CHANGE_MATERIALS)

    @property
    def may_manage_keys(self) -> bool:
        """Tell whether the person may see, make and revoke API keys."""
        return self.may_at_desk(Capability.MANAGE_KEYS)

    @property
    def may_manage_webhooks(self) -> bool:
        """Tell whether the person may see and set up webhooks."""
        return self.may_at_desk(Capability.MANAGE_WEBHOOKS)

    @property
    def may_manage_forms(self) -> bool:
        """Tell whether the person makes forms for the manufacturer's own sites."""
        return self.may_at_desk(Capability.MANAGE_FORMS)

    @property
    def may_manage_people(self) -> bool:
        """Tell whether the person may invite and remove people, and change their roles."""
        return self.may_at_desk(Capability.MANAGE_PEOPLE)

    @property
    def may_resend(self) -> bool:
        """Tell whether the person may see what was not delivered, and send it again."""
        return self.may_at_desk(Capability.RESEND_MESSAGES)

    @property
    def may_change_log_in(self) -> bool:
        """Tell whether the person may set up single sign-on."""
        return self.may_at_desk(Capability.CHANGE_LOG_IN)


def read_person(user: User, *, chosen: str | None, reach: UUID | None = None) -> LoggedInPerson:
    """Read what a person may act for.

    :param reach: the only manufacturer that the session reaches to, if there is one.
    :param chosen: id of the staff membership to act by; without it the first by name is taken.
    """
    with user_context(user.id):
        found = Membership.objects.filter(user_id=user.id)
        if reach is not None:
            found = found.filter(manufacturer=reach)
        memberships = list(found.select_related("manufacturer").order_by("id"))
    person = LoggedInPerson(user=user, memberships=memberships, chosen=None)
    current = next((m for m in person.staff_of if str(m.id) == chosen), None)
    if current is None and person.staff_of:
        current = person.staff_of[0]
    return LoggedInPerson(user=user, memberships=memberships, chosen=current)


class Firm(NamedTuple):
    """A partner that a person works for, by its name, and their membership in it.

    :ivar opening_hours: as the partner stated them, ``None`` if it has not.
    """

    name: str
    membership: Membership
    opening_hours: Sequence[str] | None


def firms_of(person: LoggedInPerson) -> list[Firm]:
    """Name the partners that a person works for, in the order of the memberships."""
    if not person.works_for:
        return []
    with partner_context(person.partner_ids, user_id=person.user.id):
        partners = Partner.objects.in_bulk(person.partner_ids)
    return [
        Firm(partners[m.partner_id].name, m, partners[m.partner_id].opening_hours)
        for m in person.works_for
        if m.partner_id
    ]


def choose_language(*, user: User, language: str) -> None:
    """Keep in which language a person reads."""
    with system_context("people.choose_language"):
        User.objects.filter(id=user.id).update(language=language)
