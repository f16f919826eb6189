"""A partner that leaves, or is paused for good: what is with it goes on to others.

Its open offers are withdrawn, its leads in hands are taken back and offered to the next wave. Each
lead is a transaction of its own, so that what is done stays done; whoever goes on finds the rest.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leads import notifications
from leads.dispatch import take_back
from leads.events import LeadLog
from leads.locks import lock_lead
from leads.models import Assignment, EventType, Lead, LeadOffer
from leads.models.assignments import AssignmentQuerySet
from leads.models.leads import LeadQuerySet, LeadStatus
from leads.models.offers import OfferQuerySet
from leads.waves import ROUTING_FIELDS, continue_waves, withdraw_open_offers
from partners.models import Partner

MOVED_AT_ONCE = 25
BECAUSE = "partner_left"


class PartnerStillActive(StateConflict):
    """As long as a partner is active, the leads could come straight back to it."""

    code = "partner_still_active"
    message = gettext_noop("Pause this partner first, or mark it as having left the network.")


class Remainder(NamedTuple):
    """What is still with a partner.

    :ivar offers: open offers to it; ``in_hands`` the leads that it holds.
    """

    offers: int
    in_hands: int

    @property
    def leads(self) -> int:
        """Count everything that is to be moved."""
        return self.offers + self.in_hands


def remainder_of(partner: Partner) -> Remainder:
    """Count what is still with a partner."""
    return Remainder(_open_offers(partner).count(), _held(partner).count())


def leads_with(partner: Partner) -> LeadQuerySet:
    """Find the leads that would be moved, the oldest first."""
    offered = _open_offers(partner).values("lead_id")
    held = _held(partner).values("lead_id")
    leads = Lead.objects.filter(manufacturer=partner.manufacturer_id, id__in=offered.union(held))
    return leads.order_by("received_at", "id")


def move_on(*, partner: Partner, by: Actor, at: datetime, limit: int = MOVED_AT_ONCE) -> Remainder:
    """Move some of what is with a partner on to others.

    :returns: what is left, for whoever calls this again.
    :raises PartnerStillActive: if the partner is neither paused nor has left.
    """
    if partner.status == Partner.Status.ACTIVE:
        raise PartnerStillActive
    for lead in leads_with(partner)[:limit]:
        _move_lead(lead=lead, partner_id=partner.id, by=by, at=at)
    return remainder_of(partner)


@in_tenant_of("lead")
def _move_lead(*, lead: Lead, partner_id: UUID, by: Actor, at: datetime) -> None:
    """Take one lead from a partner; what somebody did with it meanwhile stands."""
    lead = lock_lead(lead.id)
    log = LeadLog(lead, by=by)
    kind = notifications.OFFER_WITHDRAWN
    withdraw_open_offers(lead, log, at=at, kind=kind, because=BECAUSE, only_to=partner_id)
    held = Assignment.objects.in_hands().filter(lead=lead, partner=partner_id).first()
    if held is not None:
        event = take_back(lead, log, held, at=at, because=BECAUSE)
        kind = notifications.LEAD_TAKEN_BACK
        notifications.tell_holder(kind, log=log, event=event, assignment=held, at=at)
        _route(lead, log, at=at)
    elif lead.status == LeadStatus.OFFERED and not _is_on_offer(lead):
        continue_waves(lead, log, at=at)
    log.close(*ROUTING_FIELDS)


def _route(lead: Lead, log: LeadLog, *, at: datetime) -> None:
    if lead.is_imported or lead.erased_at is not None:
        # As with a return: of such a lead there is nobody to call.
        lead.status = LeadStatus.WITHDRAWN
        log.add(EventType.LEAD_WITHDRAWN, at=at)
    else:
        continue_waves(lead, log, at=at)


def _is_on_offer(lead: Lead) -> bool:
    return LeadOffer.objects.open().filter(lead=lead).exists()


def _open_offers(partner: Partner) -> OfferQuerySet:
    own = {"manufacturer": partner.manufacturer_id, "partner": partner}
    return LeadOffer.objects.open().filter(**own)


def _held(partner: Partner) -> AssignmentQuerySet:
    own = {"manufacturer": partner.manufacturer_id, "partner": partner}
    return Assignment.objects.in_hands().filter(**own)
