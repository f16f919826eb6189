"""Who works for one partner: the people to whom a lead can be handed over."""

from typing import NamedTuple
from uuid import UUID

from partners.models import Membership
from partners.models.accounts import PARTNER_ROLES
from partners.roles import Capability, may

WORKING = tuple(role for role in PARTNER_ROLES if may(role, Capability.REPORT_WORK))


class Colleague(NamedTuple):
    """A person who works for a partner."""

    user_id: UUID
    name: str


def colleagues_of(partner_id: UUID) -> list[Colleague]:
    """List the people who may work on a partner's leads, by name."""
    members = Membership.objects.filter(
        partner=partner_id, role__in=WORKING, user__is_active=True
    ).order_by("user__name", "user_id")
    return [Colleague(*row) for row in members.values_list("user_id", "user__name")]


def is_colleague(user_id: UUID, *, partner_id: UUID) -> bool:
    """Tell whether a person may work on a partner's leads."""
    return Membership.objects.filter(
        partner=partner_id, user=user_id, role__in=WORKING, user__is_active=True
    ).exists()
