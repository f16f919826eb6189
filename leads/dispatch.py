"""What a dispatcher does by hand: release, reject, assign, withdraw, re-route, extend, judge."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.answers import forget_answers
from leadhub.core.errors import InvalidInput, StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leads import notifications
from leads.events import LeadLog
from leads.location import LOCATION_FIELDS, Correction, correct_place, look_up_place
from leads.locks import lock_lead
from leads.models import Assignment, EventType, Lead, LeadOffer, Wave
from leads.models.assignments import Outcome, ReturnVerdict
from leads.models.leads import IN_HANDS, LeadStatus
from leads.models.offers import OfferStatus
from leads.routing import assign
from leads.selectors import open_assignment_of
from leads.setups import need_of
from leads.waves import ROUTING_FIELDS, begin_waves, withdraw_open_offers
from partners.models import ApiKey, Partner

LONGEST_EXTENSION = timedelta(days=366)


class LeadNotHeld(StateConflict):
    """Only a held lead can be released or rejected."""

    code = "lead_not_held"
    message = gettext_noop("This lead is not held for review.")


class LeadNotOnOffer(StateConflict):
    """The lead is neither on offer nor on the pick list."""

    code = "lead_not_on_offer"
    message = gettext_noop("This lead is neither on offer nor on the pick list.")


class LeadNotRoutable(StateConflict):
    """The lead is closed, held, withdrawn, imported or erased."""

    code = "lead_not_routable"
    message = gettext_noop(
        "This lead is closed, held, withdrawn, imported or erased and cannot be routed."
    )


class PartnerHasLeft(StateConflict):
    """A partner that left the network gets no leads."""

    code = "partner_has_left"
    message = gettext_noop("This partner has left the network.")


class NoReturnToJudge(StateConflict):
    """No return of this lead awaits a verdict."""

    code = "no_return_to_judge"
    message = gettext_noop("No return of this lead is waiting for a verdict.")


@in_tenant_of("lead")
def release_lead(
    *, lead: Lead, by: Actor, at: datetime, correction: Correction | None = None
) -> Lead:
    """Route a lead that was held for review; its place is looked up once more, or put right.

    Without a correction, a lead whose place stays unknown is matched by postal code and region
    only.

    :param correction: where the lead is; that has to be a known place.
    :raises LeadNotHeld: if it is not held.
    :raises InvalidInput: if nobody knows the place that it is corrected to.
    """
    lead = _lock_held(lead)
    log = LeadLog(lead, by=by)
    lead.status, lead.hold_reason = LeadStatus.RECEIVED, None
    if correction is None:
        look_up_place(lead)
        log.add(EventType.LEAD_RELEASED, at=at)
    else:
        log.add(EventType.LEAD_RELEASED, at=at, **correct_place(lead, correction))
    begin_waves(lead, log, need=need_of(lead), at=at)
    log.close(*ROUTING_FIELDS, "hold_reason", *LOCATION_FIELDS)
    return lead


@in_tenant_of("lead")
def reject_lead(*, lead: Lead, by: Actor, at: datetime) -> Lead:
    """Refuse a lead that was held for review: it goes to nobody.

    :raises LeadNotHeld: if it is not held.
    """
    lead = _lock_held(lead)
    log = LeadLog(lead, by=by)
    lead.status, lead.hold_reason = LeadStatus.REJECTED, None
    log.add(EventType.LEAD_REJECTED, at=at)
    log.close("status", "hold_reason")
    return lead


@in_tenant_of("lead")
def assign_lead(*, lead: Lead, partner: Partner, by: Actor, at: datetime) -> Assignment:
    """Give a lead to a partner of the dispatcher's choice, past gates and waves.

    Repeating it for the partner that holds the lead changes nothing.

    :raises LeadNotOnOffer: if the lead is neither on offer nor on the pick list.
    :raises PartnerHasLeft: if the partner has left the network.
    """
    lead = lock_lead(lead.id)
    held = open_assignment_of(lead)
    if held is not None and held.partner_id == partner.id:
        return held
    if lead.status not in (LeadStatus.OFFERED, LeadStatus.OPEN):
        raise LeadNotOnOffer
    if partner.status == Partner.Status.LEFT:
        raise PartnerHasLeft
    log = LeadLog(lead, by=by)
    withdraw_open_offers(
        lead,
        log,
        at=at,
        kind=notifications.OFFER_TAKEN,
        because="assigned",
        winner_id=partner.id,
    )
    assignment = assign(lead, log, partner_id=partner.id, at=at)
    event = log.add_of(assignment, EventType.LEAD_ASSIGNED, at=at)
    notifications.tell_assigned(log=log, event=event, assignment=assignment, at=at)
    log.close(*ROUTING_FIELDS)
    return assignment


@in_tenant_of("lead")
def withdraw_lead(*, lead: Lead, by: Actor, at: datetime) -> Lead:
    """Take a lead off the network for good; repeating it changes nothing.

    :raises LeadNotOnOffer: if the lead is neither on offer nor on the pick list.
    """
    lead = lock_lead(lead.id)
    if lead.status == LeadStatus.WITHDRAWN:
        return lead
    if lead.status not in (LeadStatus.OFFERED, LeadStatus.OPEN):
        raise LeadNotOnOffer
    log = LeadLog(lead, by=by)
    withdraw_open_offers(
        lead, log, at=at, kind=notifications.OFFER_WITHDRAWN, because="lead_withdrawn"
    )
    lead.status, lead.respond_by, lead.due_at = LeadStatus.WITHDRAWN, None, None
    log.add(EventType.LEAD_WITHDRAWN, at=at)
    log.close(*ROUTING_FIELDS)
    return lead


@in_tenant_of("lead")
def reroute_lead(*, lead: Lead, by: Actor, at: datetime) -> Lead:
    """Begin the waves anew, with the policy that holds now; partners that refused stay excluded.

    A lead in a partner's hands is taken back first.

    :raises LeadNotRoutable: if the lead is closed, held, withdrawn, imported or erased.
    """
    lead = lock_lead(lead.id)
    if lead.is_imported or lead.erased_at is not None:
        raise LeadNotRoutable
    log = LeadLog(lead, by=by)
    if lead.status in IN_HANDS:
        _take_back(lead, log, at=at)
    elif lead.status not in (LeadStatus.OFFERED, LeadStatus.OPEN):
        raise LeadNotRoutable
    withdraw_open_offers(lead, log, at=at, kind=notifications.OFFER_WITHDRAWN, because="rerouted")
    log.add(EventType.LEAD_REROUTED, at=at)
    begin_waves(lead, log, need=need_of(lead), at=at)
    log.close(*ROUTING_FIELDS)
    return lead


@in_tenant_of("lead")
def extend_wave(*, lead: Lead, respond_by: datetime, by: Actor, at: datetime) -> Lead:
    """Move the deadline of the wave that is open, for all of its offers.

    :raises LeadNotOnOffer: if no wave is open.
    :raises InvalidInput: if the new deadline has passed already, or is more than a year away.
    """
    if respond_by <= at:
        raise InvalidInput(
            field="respond_by",
            message=gettext_noop("The new deadline must lie in the future."),
            code="in_the_past",
        )
    if respond_by > at + LONGEST_EXTENSION:
        raise InvalidInput(
            field="respond_by",
            message=gettext_noop("The new deadline must lie within a year."),
            code="too_late",
        )
    lead = lock_lead(lead.id)
    if lead.status != LeadStatus.OFFERED or lead.respond_by is None:
        raise LeadNotOnOffer
    log = LeadLog(lead, by=by)
    log.add(
        EventType.OFFER_EXTENDED,
        at=at,
        wave=lead.wave,
        respond_by=respond_by.isoformat(),
        before=lead.respond_by.isoformat(),
    )
    _check_head_starts(lead, respond_by)
    LeadOffer.objects.open().filter(lead=lead).update(respond_by=respond_by)
    Wave.objects.filter(lead=lead, number=lead.wave).update(respond_by=respond_by)
    lead.respond_by = lead.due_at = respond_by
    log.close("respond_by", "due_at")
    return lead


@in_tenant_of("lead")
def judge_return(*, lead: Lead, is_lead_at_fault: bool, by: Actor, at: datetime) -> Assignment:
    """Decide whether the lead was at fault when a partner returned it.

    The last return without a verdict is meant; if all have one, that of the last is changed.

    :raises NoReturnToJudge: if no partner returned the lead.
    """
    lead = lock_lead(lead.id)
    returned = (
        Assignment.objects.filter(lead=lead, outcome=Outcome.RETURNED, return_reason__isnull=False)
        .order_by(IsNull(F("return_verdict"), rhs=True).desc(), "-returned_at", "-id")
        .first()
    )
    if returned is None:
        raise NoReturnToJudge
    verdict = ReturnVerdict.CONFIRMED if is_lead_at_fault else ReturnVerdict.REFUSED
    if returned.return_verdict == verdict:
        return returned
    log = LeadLog(lead, by=by)
    returned.return_verdict = verdict
    returned.save(update_fields=["return_verdict"])
    log.add_of(
        returned,
        EventType.RETURN_CONFIRMED if is_lead_at_fault else EventType.RETURN_REFUSED,
        at=at,
    )
    log.close()
    return returned


def end_assignment_unclosed(
    lead: Lead, log: LeadLog, assignment: Assignment, *, reason: str | None, at: datetime
) -> None:
    """Take a locked lead out of a partner's hands without an outcome.

    Answers kept for the partner's programs hold the contact, which is none of its business now.
    """
    keys = ApiKey.objects.filter(partner=assignment.partner_id).values("id")
    forget_answers(manufacturer_id=lead.manufacturer_id, about=lead.id, keys=keys)
    assignment.outcome, assignment.returned_at = Outcome.RETURNED, at
    assignment.return_reason, assignment.feedback_due_at = reason, None
    assignment.save(update_fields=["outcome", "returned_at", "return_reason", "feedback_due_at"])
    if assignment.offer_id is not None:
        LeadOffer.objects.filter(id=assignment.offer_id).update(status=OfferStatus.RETURNED)
    log.count_assignment(assignment.partner_id, -1)
    lead.status, lead.partner_id = LeadStatus.RETURNED, None


def _take_back(lead: Lead, log: LeadLog, *, at: datetime) -> None:
    assignment = Assignment.objects.in_hands().get(lead=lead)
    end_assignment_unclosed(lead, log, assignment, reason=None, at=at)
    log.add_of(assignment, EventType.LEAD_TAKEN_BACK, at=at)


def _lock_held(lead: Lead) -> Lead:
    lead = lock_lead(lead.id)
    if lead.status != LeadStatus.HELD:
        raise LeadNotHeld
    return lead


def _check_head_starts(lead: Lead, respond_by: datetime) -> None:
    if LeadOffer.objects.open().filter(lead=lead, available_from__gte=respond_by).exists():
        raise InvalidInput(
            field="respond_by",
            message=gettext_noop("The new deadline lies before a head start ends."),
            code="before_head_start",
        )


def partner_to_assign(*, partner_id: UUID, manufacturer_id: UUID) -> Partner:
    """Find the partner a dispatcher names.

    :raises InvalidInput: if the manufacturer's network has no such partner.
    """
    partner = Partner.objects.filter(id=partner_id, manufacturer=manufacturer_id).first()
    if partner is None:
        raise InvalidInput(
            field="partner",
            message=gettext_noop("There is no such partner in your network."),
            code="unknown",
        )
    return partner
