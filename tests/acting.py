"""Acting on leads in tests: partners answer, time passes, facts and messages are read back."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadhub.core.actors import Actor
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import tenant_context, user_context
from leads.models import Assignment, Lead, LeadOffer
from leads.routing import accept_offer, decline_offer, end_wave
from partners.memberships import Person, add_member
from partners.models import Membership, Partner
from partners.models.accounts import PARTNER_ROLES
from partners.roles import scopes_of
from tests.factories import NOON, Network

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

MANUFACTURER_SCOPES, PARTNER_SCOPES = scopes_of("manufacturer"), scopes_of("partner")


def holder_of(row: LeadOffer | Assignment) -> Actor:
    """The partner an offer was made to, or who holds an assignment."""
    return Actor(row.manufacturer_id, f"key:{row.partner_id}", partner_id=row.partner_id)


def accept(offer: LeadOffer, *, at: datetime = NOON + MINUTE) -> Assignment:
    """Let the partner of an offer accept it."""
    return accept_offer(offer=offer, by=holder_of(offer), at=at)


def decline(
    offer: LeadOffer, *, at: datetime = NOON + MINUTE, reason: str = "TOO_FAR"
) -> LeadOffer:
    """Let the partner of an offer decline it."""
    return decline_offer(offer=offer, reason=reason, by=holder_of(offer), at=at)


def run_out(lead: Lead, *, at: datetime | None = None) -> None:
    """Let the wave of a lead that is open run out, at its deadline unless said otherwise."""
    deadline = lead.respond_by
    assert deadline is not None
    assert end_wave(lead=lead, at=at or deadline)


def accepted_lead(network: Network, *, at: datetime = NOON, **fields: Any) -> Assignment:
    """A lead accepted a minute after it was received."""
    lead = network.lead(at=at, **fields)
    return accept(network.offers(lead)[0], at=at + MINUTE)


def facts_of(network: Network, lead: Lead) -> list[str]:
    """The types of a lead's facts, oldest first."""
    return [event.type for event in network.events(lead)]


def asked(network: Network, lead: Lead, *, wave: int | None = None) -> list[UUID]:
    """The partners asked, best match first, in the last wave or in the one named."""
    offers = network.offers(lead)
    number = wave or max((offer.wave for offer in offers), default=0)
    return [offer.partner_id for offer in offers if offer.wave == number]


def ids(*partners: Partner) -> set[UUID]:
    """The partners' ids."""
    return {partner.id for partner in partners}


def messages(network: Network, kind: str | None = None) -> list[Delivery]:
    """What stands in a tenant's outbox, oldest first."""
    with tenant_context(network.manufacturer.id):
        deliveries = Delivery.objects.order_by("due_at", "id")
        return list(deliveries if kind is None else deliveries.filter(kind=kind))


def member(network: Network, email: str, role: str, partner: Partner | None = None) -> Membership:
    """Let a person act for the network's manufacturer or one of its partners."""
    return add_member(
        manufacturer=network.manufacturer,
        person=Person(email=email, name=email.partition("@")[0].title(), password="x"),
        role=role,
        partner=partner,
    )


def memberships_of(user_id: UUID) -> Sequence[Membership]:
    """Every right of a person to act, over all manufacturers, staff memberships first."""
    with user_context(user_id):
        memberships = list(Membership.objects.filter(user_id=user_id).order_by("id"))
    return sorted(memberships, key=lambda membership: membership.role in PARTNER_ROLES)


def rights_of(membership: Membership) -> list[Membership]:
    """Every right of the person of a membership."""
    return list(memberships_of(membership.user_id))


def again(row: Any) -> Any:
    """Read a tenant's row as it is now."""
    with tenant_context(row.manufacturer_id):
        return type(row).objects.get(pk=row.pk)


Act = Callable[[], object]
