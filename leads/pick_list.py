"""The pick list: open leads that nobody took in the waves, and who may pick one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max

from leadhub.core.actors import Actor
from leadhub.core.geo import distance_km
from leadhub.core.tenancy.context import tenant_context
from leads.candidates import coverage_codes
from leads.matching import PartnerProfile, Rules, failed_gates
from leads.models import Assignment, EventType, Lead, LeadEvent, LeadOffer
from leads.models.leads import LeadQuerySet
from leads.models.offers import OfferStatus
from partners.conflicts import conflict_keys
from partners.models import (
    Absence,
    CoverageCode,
    Exclusion,
    Manufacturer,
    Membership,
    Partner,
    PortfolioItem,
)

# A partner that let an offer run out, or lost it to another, may still pick the lead.
REFUSED = (OfferStatus.DECLINED, OfferStatus.RETURNED)


class Eligibility(NamedTuple):
    """What decides whether a partner may pick a lead, read once for all leads."""

    partner: Partner
    is_reachable: bool
    ranks: dict[UUID, int | None]
    radius_km: float | None
    codes: frozenset[str]
    refused: frozenset[UUID]
    absent_until: date | None
    exclusions: Mapping[str, str]


def pick_list_visible_to(actor: Actor, *, at: datetime) -> LeadQuerySet:
    """Open leads of a manufacturer, or those of them that a partner may pick."""
    leads = Lead.objects.filter(manufacturer=actor.manufacturer_id).on_pick_list()
    if actor.partner_id is None:
        return leads
    with tenant_context(actor.manufacturer_id):
        eligibility = _eligibility_of(actor.partner_id, actor.manufacturer_id, at)
        eligible = _eligible(leads, eligibility)
    return leads.filter(id__in=eligible)


def is_eligible(*, lead: Lead, partner_id: UUID, at: datetime) -> bool:
    """Tell whether a partner may pick a lead: every gate but capacity and overdue feedback."""
    eligibility = _eligibility_of(partner_id, lead.manufacturer_id, at)
    return bool(_eligible(Lead.objects.filter(id=lead.id), eligibility))


def find_lead_to_pick(*, lead_id: UUID, actor: Actor, at: datetime) -> Lead | None:
    """Find a lead that is or was on a partner's pick list, for it may have been taken since."""
    with tenant_context(actor.manufacturer_id):
        lead = Lead.objects.filter(manufacturer=actor.manufacturer_id, id=lead_id).first()
        if lead is None or actor.partner_id is None:
            return None
        if lead.partner_id == actor.partner_id:
            return lead
        was_open = LeadEvent.objects.filter(lead=lead, type=EventType.LEAD_UNPLACED).exists()
        may_pick = was_open and is_eligible(lead=lead, partner_id=actor.partner_id, at=at)
        return lead if may_pick else None


def _eligible(leads: LeadQuerySet, eligibility: Eligibility) -> list[UUID]:
    within_reach = leads.select_related("required_certification", "policy").prefetch_related(
        "product_line_rows"
    )
    if eligibility.exclusions:
        within_reach = within_reach.select_related("required_certification", "policy", "contact")
    return [lead.id for lead in within_reach if _may_pick(lead, eligibility)]


def _may_pick(lead: Lead, eligibility: Eligibility) -> bool:
    level, policy = lead.required_certification, lead.policy
    rules = Rules(required_rank=None if level is None else level.rank, radius_km=None, weights={})
    any_line = policy is not None and policy.any_product_line
    return not failed_gates(_profile(lead, eligibility, any_line=any_line), rules)


def _profile(lead: Lead, eligibility: Eligibility, *, any_line: bool) -> PartnerProfile:
    partner = eligibility.partner
    lines = [row.product_line_id for row in lead.product_line_rows.all()]
    carried = [line for line in lines if line in eligibility.ranks]
    distance = None
    if lead.latitude is not None and lead.longitude is not None:
        distance = distance_km(lead.latitude, lead.longitude, partner.latitude, partner.longitude)
    return PartnerProfile(
        id=str(partner.id),
        is_active=partner.status == Partner.Status.ACTIVE,
        is_reachable=eligibility.is_reachable,
        distance_km=distance,
        radius_km=eligibility.radius_km,
        covers_by_code=not eligibility.codes.isdisjoint(
            coverage_codes(lead.country, lead.postal_code, lead.region)
        ),
        carries=bool(carried) if any_line else len(carried) == len(lines),
        certification_rank=_rank((eligibility.ranks[line] for line in carried), any_line=any_line),
        open_assignments=0,
        cap_open=None,
        cap_per_day=None,
        cap_per_week=None,
        cap_per_month=None,
        offers_today=0,
        offers_this_week=0,
        offers_this_month=0,
        rested_seconds=None,
        weight=partner.weight,
        was_asked=lead.id in eligibility.refused,
        absent_until=eligibility.absent_until.isoformat() if eligibility.absent_until else None,
        conflict=_conflict(lead, eligibility),
    )


def _conflict(lead: Lead, eligibility: Eligibility) -> str | None:
    """Tell by what the lead is on the partner's exclusion list, if it is."""
    if not eligibility.exclusions:
        return None
    contact = getattr(lead, "contact", None)
    keys = conflict_keys(
        manufacturer_id=lead.manufacturer_id,
        source=lead.source,
        email=contact.email if contact else "",
        company=contact.company if contact else "",
    )
    kinds = {eligibility.exclusions[key] for key in keys if key in eligibility.exclusions}
    return min(kinds).lower() if kinds else None


def _rank(ranks: Iterable[int | None], *, any_line: bool) -> int | None:
    held = list(ranks)
    known = [rank for rank in held if rank is not None]
    if any_line:
        return max(known, default=None)
    return min(known, default=None) if len(known) == len(held) else None


def _eligibility_of(partner_id: UUID, manufacturer_id: UUID, at: datetime) -> Eligibility:
    own = {"manufacturer": manufacturer_id, "partner": partner_id}
    partner = Partner.objects.get(manufacturer=manufacturer_id, id=partner_id)
    today = _today(manufacturer_id, at)
    items = list(PortfolioItem.objects.filter(**own, holds_from__lte=today, holds_until__gte=today))
    declined = LeadOffer.objects.filter(**own, status__in=REFUSED).values_list("lead_id", flat=True)
    returned = Assignment.objects.filter(**own, returned_at__isnull=False).values_list(
        "lead_id", flat=True
    )
    return Eligibility(
        partner=partner,
        is_reachable=partner.email != "" or Membership.objects.filter(**own).exists(),
        ranks={item.product_line_id: item.certification_rank for item in items},
        radius_km=items[0].radius_km if items else None,
        codes=frozenset(CoverageCode.objects.filter(**own).values_list("code", flat=True)),
        refused=frozenset([*declined, *returned]),
        absent_until=Absence.objects.filter(
            **own, first_day__lte=today, last_day__gte=today
        ).aggregate(last=Max("last_day"))["last"],
        exclusions=dict(Exclusion.objects.filter(**own).values_list("key", "kind")),
    )


def _today(manufacturer_id: UUID, at: datetime) -> date:
    zone = Manufacturer.objects.values_list("time_zone", flat=True).get(id=manufacturer_id)
    return at.astimezone(ZoneInfo(zone)).date()
