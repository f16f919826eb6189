"""What a network makes of what it is sent: offers, leads and prospects, for the manufacturer."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef

from kpis.definitions import Dimension
from kpis.groups import TooManyPeriods
from kpis.offers import OfferRow, calculate_offers
from kpis.periods import Period, instants_of
from kpis.placement import LeadRow, WaveRow, calculate_placement, calculate_waves
from kpis.prospects import Prospects, calculate_prospects
from kpis.selectors import NO_FILTERS, WALL, WORKING, Filters, cohort_of, too_many_periods
from kpis.values import Cohort, Ratio
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leads.models import Pick
from partners.models import Manufacturer, Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The figures of a period that are of offers and leads, and prospects as they are now.

    :ivar penetration: active partners that got a lead in the period, of all active partners.
    """

    offer_rows: list[OfferRow]
    offers: OfferRow
    lead_rows: list[LeadRow]
    leads: LeadRow
    prospects_by_partner: dict[UUID, Prospects]
    prospects: Prospects
    currency: str
    penetration: Ratio


def network_visible_to(
    actor: Actor,
    *,
    period: Period,
    group_by: tuple[Dimension, ...] = (),
    filters: Filters = NO_FILTERS,
    clock: str = WALL,
    at: datetime,
) -> Network:
    """Compute what became of the offers made and the leads received in a period.

    Who works a lead is unknown while it is on offer: grouping or filtering by that person, offers
    have no rows, or none at all.

    :raises NotVisible: to a partner, whom the leads and offers of others are no business of.
    :raises InvalidInput: as ``figures_visible_to`` does.
    """
    if actor.is_partner:
        raise NotVisible
    manufacturer = Manufacturer.objects.get(id=actor.manufacturer_id)
    starts_at, ends_at = instants_of(period, ZoneInfo(manufacturer.time_zone))
    cohort = cohort_of(
        actor, manufacturer, filters, starts_at, ends_at, is_working=clock == WORKING
    )
    try:
        offer_rows, offers = calculate_offers(
            cohort=cohort,
            group_by=() if Dimension.USER in group_by else group_by,
            at=at,
        )
        lead_rows, leads = calculate_placement(cohort=_of_leads(cohort), group_by=group_by, at=at)
    except TooManyPeriods as error:
        raise too_many_periods() from error
    by_partner, prospects = calculate_prospects(
        manufacturer_id=manufacturer.id,
        partner_id=filters.partner_id,
        currency=manufacturer.currency,
    )
    return Network(
        offer_rows=offer_rows,
        offers=offers,
        lead_rows=lead_rows,
        leads=leads,
        prospects_by_partner=by_partner,
        prospects=prospects,
        currency=manufacturer.currency,
        penetration=_penetration(cohort),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What became of the leads received in a period.

    :ivar waves: in which wave they were placed, where that was asked for.
    """

    rows: list[LeadRow]
    total: LeadRow
    waves: list[WaveRow]


def placement_visible_to(
    actor: Actor,
    *,
    period: Period,
    group_by: tuple[Dimension, ...] = (),
    filters: Filters = NO_FILTERS,
    at: datetime,
) -> Placement:
    """Follow the leads received in a period until a partner has them.

    Who got a lead filters nothing: it is about how leads find somebody.

    :raises NotVisible: to a partner.
    :raises InvalidInput: as ``figures_visible_to`` does.
    """
    cohort = _of_leads(_cohort_of_staff(actor, period, filters))
    rows, total = calculate_placement(cohort=cohort, group_by=group_by, at=at)
    waves = [] if group_by else calculate_waves(cohort=cohort, at=at)
    return Placement(rows=rows, total=total, waves=waves)


def prospects_visible_to(
    actor: Actor, *, partner_id: UUID | None = None
) -> tuple[dict[UUID, Prospects], Prospects, str]:
    """Add up what the leads in hands may bring, by partner and over all, and in which currency.

    :raises NotVisible: to a partner.
    """
    if actor.is_partner:
        raise NotVisible
    currency = Manufacturer.objects.get(id=actor.manufacturer_id).currency
    by_partner, total = calculate_prospects(
        manufacturer_id=actor.manufacturer_id, partner_id=partner_id, currency=currency
    )
    return by_partner, total, currency


def _cohort_of_staff(actor: Actor, period: Period, filters: Filters) -> Cohort:
    if actor.is_partner:
        raise NotVisible
    manufacturer = Manufacturer.objects.get(id=actor.manufacturer_id)
    starts_at, ends_at = instants_of(period, ZoneInfo(manufacturer.time_zone))
    return cohort_of(actor, manufacturer, filters, starts_at, ends_at, is_working=False)


def _penetration(cohort: Cohort) -> Ratio:
    active = Partner.objects.filter(
        manufacturer=cohort.manufacturer_id, status=Partner.Status.ACTIVE
    )
    picks = Pick.objects.filter(
        manufacturer=cohort.manufacturer_id,
        partner=OuterRef("id"),
        accepted_at__gte=cohort.starts_at,
        accepted_at__lt=cohort.ends_at,
    )
    found = active.aggregate(all=Count("id"), served=Count("id", filter=Exists(picks)))
    return Ratio(numerator=found["served"], denominator=found["all"], target=None)


def _of_leads(cohort: Cohort) -> Cohort:
    """Drop the filters that only picks and offers have."""
    return replace(cohort, partner_id=None, user_id=None, certification=None)
