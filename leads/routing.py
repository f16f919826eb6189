"""The life of a lead up to its acceptance: offers answered, declined, run out.

This module and its siblings (``waves``, ``dispatch``, ``feedback``, and ``intake`` for a new lead)
alone change the status of leads and offers. Everywhere: lock the lead, check, write, record.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor, system_actor
from leadhub.core.errors import StateConflict
from leadhub.core.tenancy.context import in_tenant_of, tenant_context_without_return
from leads import notifications
from leads.events import LeadLog, close_together
from leads.locks import lock_lead
from leads.models import Assignment, EventType, Lead, LeadEvent, LeadOffer
from leads.models.leads import LeadStatus
from leads.models.offers import OfferStatus
from leads.owing import refuse_owing
from leads.pending import Pending
from leads.pick_list import is_eligible
from leads.selectors import open_assignment_of
from leads.setups import Further, further_needs_of
from leads.terms import contact_due_of, feedback_due_of
from leads.waves import ROUTING_FIELDS, continue_waves, withdraw_open_offers
from partners.models import Partner


class OfferTaken(StateConflict):
    """Another partner was first."""

    code = "offer_taken"
    message = gettext_noop("Another partner was faster and has taken this lead.")


class OfferClosed(StateConflict):
    """The offer is neither open nor may it still be answered."""

    code = "offer_closed"
    message = gettext_noop("This offer is closed and can no longer be answered.")


class LeadNotOnPickList(StateConflict):
    """The lead is not on the pick list (any more)."""

    code = "lead_not_open"
    message = gettext_noop("This lead is no longer on the pick list.")


class NotEligible(StateConflict):
    """The partner may not have this lead."""

    code = "not_eligible"
    message = gettext_noop("This lead is outside your area, portfolio or certification.")


@in_tenant_of("offer")
def view_offer(*, offer: LeadOffer, by: Actor, at: datetime) -> bool:
    """Note that somebody of the partner has opened the offer; the first time counts.

    :returns: ``False`` if that was known, or the offer is no longer open.
    """
    if offer.status != OfferStatus.OPEN or _is_viewed(offer):
        return False
    lead = lock_lead(offer.lead_id)
    if _is_viewed(offer):
        return False
    log = LeadLog(lead, by=by)
    log.add(
        EventType.OFFER_VIEWED,
        at=at,
        partner_id=offer.partner_id,
        offer=str(offer.id),
        wave=offer.wave,
    )
    log.close()
    return True


@in_tenant_of("offer")
def accept_offer(*, offer: LeadOffer, by: Actor, at: datetime) -> Assignment:
    """Give the lead to the partner who answered first.

    The winner's repeated answer finds the assignment it made the first time.

    :raises OfferTaken: if another partner holds the lead.
    :raises OfferClosed: if the offer is neither open nor may still be answered late.
    """
    lead = lock_lead(offer.lead_id)
    offer = LeadOffer.objects.get(id=offer.id)
    if lead.partner_id is not None:
        return _assignment_of_holder(lead, offer)
    # A tap made in time is in time, even if the sweep took the lead's lock before it.
    is_late = at >= offer.respond_by
    if Partner.objects.filter(id=offer.partner_id, status=Partner.Status.LEFT).exists():
        raise OfferClosed
    _refuse_unless_answerable(lead, offer, is_late=is_late)
    log = LeadLog(lead, by=by)
    LeadOffer.objects.filter(id=offer.id).update(status=OfferStatus.ACCEPTED, answered_at=at)
    assignment = assign(lead, log, partner_id=offer.partner_id, at=at, offer=offer)
    log.add_of(
        assignment,
        EventType.OFFER_ACCEPTED,
        at=at,
        offer=str(offer.id),
        wave=offer.wave,
        offered_at=offer.available_from.isoformat(),
        is_late=is_late,
    )
    withdraw_open_offers(lead, log, at=at, kind=notifications.OFFER_TAKEN, because="taken")
    log.close(*ROUTING_FIELDS)
    return assignment


@in_tenant_of("offer")
def decline_offer(
    *, offer: LeadOffer, reason: str, note: str = "", by: Actor, at: datetime
) -> LeadOffer:
    """Note that the partner does not want the lead; when all of a wave declined, the next opens.

    Declining again changes nothing.

    :raises OfferTaken: if another partner holds the lead.
    :raises OfferClosed: if the offer ran out or was withdrawn.
    """
    lead = lock_lead(offer.lead_id)
    offer = LeadOffer.objects.get(id=offer.id)
    if offer.status == OfferStatus.DECLINED:
        return offer
    if lead.partner_id is not None and lead.partner_id != offer.partner_id:
        raise OfferTaken
    if offer.status != OfferStatus.OPEN:
        raise OfferClosed
    log = LeadLog(lead, by=by)
    offer.status, offer.answered_at = OfferStatus.DECLINED, at
    offer.decline_reason, offer.note = reason, note
    offer.save(update_fields=["status", "answered_at", "decline_reason", "note"])
    log.add(
        EventType.OFFER_DECLINED,
        at=at,
        partner_id=offer.partner_id,
        offer=str(offer.id),
        wave=offer.wave,
        reason=reason,
    )
    if lead.status == LeadStatus.OFFERED and not _has_open_offers(lead):
        continue_waves(lead, log, at=at)
    log.close(*ROUTING_FIELDS)
    return offer


@in_tenant_of("lead")
def pick_lead(*, lead: Lead, by: Actor, at: datetime) -> Assignment:
    """Give a lead from the pick list to the partner who takes it first.

    :raises OfferTaken: if another partner holds the lead.
    :raises LeadNotOnPickList: if the lead is not open.
    :raises NotEligible: if a gate other than capacity and overdue feedback excludes the partner.
    :raises FeedbackOverdue: if it owes more feedback than the lead's policy allows.
    """
    if by.partner_id is None:
        msg = "Only a partner picks a lead."
        raise TypeError(msg)
    lead = lock_lead(lead.id)
    if lead.partner_id is not None:
        held = open_assignment_of(lead)
        if held is None or held.partner_id != by.partner_id:
            raise OfferTaken
        return held
    if lead.status != LeadStatus.OPEN:
        raise LeadNotOnPickList
    if not is_eligible(lead=lead, partner_id=by.partner_id, at=at):
        raise NotEligible
    refuse_owing(lead=lead, partner_id=by.partner_id, at=at)
    log = LeadLog(lead, by=by)
    assignment = assign(lead, log, partner_id=by.partner_id, at=at)
    log.add_of(assignment, EventType.LEAD_PICKED, at=at)
    log.close(*ROUTING_FIELDS)
    return assignment


@in_tenant_of("lead")
def end_wave(*, lead: Lead, at: datetime) -> bool:
    """Let the offers of an overdue wave run out and open the next one.

    The expiry is stamped with the deadline, not with the moment it was noticed.

    :returns: ``False`` if the lead's wave is not overdue.
    """
    return bool(end_waves(leads=[lock_lead(lead.id)], at=at))


def end_waves(*, leads: Sequence[Lead], at: datetime, turn: int = 0) -> int:
    """End the waves of several locked leads, each as ``end_wave`` does, and write all at once.

    They are decided one after the other, as if each were written before the next. To be called in
    a transaction: in the tenant's context, or in one of the system for leads of several tenants.
    Each tenant's are decided in its own context.

    :param turn: how many leads were moved on at the same instant before.
    :returns: how many there were; those whose wave is not overdue are left as they are.
    """
    logs: list[LeadLog] = []
    overdue = [lead for lead in leads if _is_overdue(lead, at)]
    further = further_needs_of(overdue)
    turn_of = {lead.id: number for number, lead in enumerate(leads, start=turn)}
    # Always in this order: whoever waits for a turn of one tenant has none of a later one.
    for manufacturer_id, group in groupby(sorted(overdue, key=_tenant), key=_tenant):
        pending = Pending()
        with tenant_context_without_return(manufacturer_id):
            for lead in group:
                log = LeadLog(lead, by=_sweeper(lead), turn=turn_of[lead.id])
                _end_wave(lead, log, further[lead.id], pending, at=at)
                pending.note(log)
                logs.append(log)
    if logs:
        run_out = [offer.id for lead in overdue for offer in further[lead.id].going]
        LeadOffer.objects.filter(id__in=run_out).update(status=OfferStatus.EXPIRED)
        close_together(logs, *ROUTING_FIELDS)
    return len(logs)


def _sweeper(lead: Lead) -> Actor:
    return system_actor(lead.manufacturer_id, "escalation")


def _end_wave(
    lead: Lead, log: LeadLog, further: Further, pending: Pending, *, at: datetime
) -> None:
    """Decide what follows a wave; the caller writes it."""
    deadline = lead.respond_by
    assert deadline is not None  # noqa: S101 - an offered lead has one
    for offer in further.going:
        log.add(
            EventType.OFFER_EXPIRED,
            at=deadline,
            partner_id=offer.partner_id,
            offer=str(offer.id),
            wave=offer.wave,
        )
    continue_waves(lead, log, at=at, need=further.need, pending=pending)


def _is_overdue(lead: Lead, at: datetime) -> bool:
    deadline = lead.respond_by
    return lead.status == LeadStatus.OFFERED and deadline is not None and deadline <= at


def _tenant(lead: Lead) -> UUID:
    tenant: UUID = lead.manufacturer_id
    return tenant


def assign(
    lead: Lead,
    log: LeadLog,
    *,
    partner_id: UUID,
    at: datetime,
    offer: LeadOffer | None = None,
) -> Assignment:
    """Put a locked lead into a partner's hands; the caller records how it came to that."""
    lead.status, lead.partner_id = LeadStatus.ACCEPTED, partner_id
    lead.respond_by = lead.due_at = None
    assignment = Assignment.objects.create(
        manufacturer_id=lead.manufacturer_id,
        lead=lead,
        partner_id=partner_id,
        offer=offer,
        user_id=log.by.user_id if log.by.partner_id == partner_id else None,
        offered_at=offer.available_from if offer else None,
        accepted_at=at,
        feedback_due_at=feedback_due_of(lead, accepted_at=at),
        contact_due_at=contact_due_of(lead, accepted_at=at),
    )
    log.count_assignment(partner_id, +1)
    return assignment


def _is_viewed(offer: LeadOffer) -> bool:
    return LeadEvent.objects.filter(
        manufacturer=offer.manufacturer_id,
        lead=offer.lead_id,
        type=EventType.OFFER_VIEWED,
        data__offer=str(offer.id),
    ).exists()


def _assignment_of_holder(lead: Lead, offer: LeadOffer) -> Assignment:
    if lead.partner_id != offer.partner_id:
        raise OfferTaken
    return Assignment.objects.filter(lead=lead, partner=offer.partner_id).latest(
        "accepted_at", "id"
    )


def _refuse_unless_answerable(lead: Lead, offer: LeadOffer, *, is_late: bool) -> None:
    if lead.status not in (LeadStatus.OFFERED, LeadStatus.OPEN):
        raise OfferClosed
    if offer.status not in (OfferStatus.OPEN, OfferStatus.EXPIRED):
        raise OfferClosed
    allows_late = lead.policy is not None and lead.policy.late_answers
    if is_late and not allows_late:
        raise OfferClosed


def _has_open_offers(lead: Lead) -> bool:
    return LeadOffer.objects.open().filter(lead=lead).exists()
