"""What figures somebody may see: the one door to them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from kpis.calculations import calculate_figures
from kpis.definitions import MOST_DIMENSIONS, Dimension, Step
from kpis.exposure import Exposure, calculate_exposure
from kpis.funnel import calculate_funnel
from kpis.funnel_steps import FUNNEL
from kpis.groups import PERIODS_AT_MOST, TooManyPeriods
from kpis.maturity import maturity_of
from kpis.periods import Compare, Period, compared_with, instants_of
from kpis.values import Cohort, Row, Targets
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.inequality import gini
from leadhub.core.working_time import WorkCalendar, calendar_of
from leads.models import Lead, LeadOffer, PartnerStanding
from leads.models.leads import IN_HANDS, LeadQuerySet
from leads.models.offers import OfferStatus
from leads.selectors import leads_visible_to
from partners.models import CertificationLevel, Manufacturer, Partner, ProductLine

# An offer given back after it was accepted was accepted.
ACCEPTED = (OfferStatus.ACCEPTED, OfferStatus.RETURNED)
ANSWERED = (*ACCEPTED, OfferStatus.DECLINED, OfferStatus.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which picks; ``None`` leaves none out.

    A product line and a certification level are named by their codes, the rest as groups are.
    """

    partner_id: UUID | None = None
    user_id: UUID | None = None
    product_line: str | None = None
    region: str | None = None
    postal_area: str | None = None
    source: str | None = None
    campaign: str | None = None
    temperature: str | None = None
    certification: str | None = None


NO_FILTERS = Filters()
WALL, WORKING = "wall", "working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a period; ``starts_at`` and ``ends_at`` in UTC.

    :ivar compared: those of the period that was asked for beside it.
    """

    starts_at: datetime
    ends_at: datetime
    clock: str
    group_by: tuple[Dimension, ...]
    rows: list[Row]
    total: Row
    compared: "Figures | None" = None


def figures_visible_to(
    actor: Actor,
    *,
    period: Period,
    group_by: tuple[Dimension, ...] = (),
    filters: Filters = NO_FILTERS,
    clock: str = WALL,
    compare: Compare | None = None,
    is_whole: bool = False,
    at: datetime,
) -> Figures:
    """Compute the figures of the picks that an actor may see.

    A manufacturer's side sees all picks of its network, a partner its own. Runs inside a context
    of row level security, which the interface has entered.

    :param clock: ``wall``, or ``working`` for durations in the manufacturer's working time.
    :param compare: another period of which the same is computed.
    :param is_whole: with censored medians and activity, which cost as much again.
    :param at: the present, up to which open picks have waited.
    :raises InvalidInput: if the period is empty or far outside the calendar, there are too many
        dimensions, or a filter names nothing that the actor may see; the field is the parameter's
        name in the API.
    """
    if len(set(group_by)) != len(group_by) or len(group_by) > MOST_DIMENSIONS:
        message = f"Group by up to {MOST_DIMENSIONS} different dimensions."
        raise InvalidInput(field="group_by", message=message)
    manufacturer = Manufacturer.objects.get(id=actor.manufacturer_id)
    zone = ZoneInfo(manufacturer.time_zone)
    starts_at, ends_at = instants_of(period, zone)
    is_working = clock == WORKING
    cohort = cohort_of(actor, manufacturer, filters, starts_at, ends_at, is_working=is_working)
    cohort = replace(cohort, matures_after=maturity_of(manufacturer.id, at=at))
    figures = _figures(cohort, manufacturer, group_by, clock, is_whole=is_whole, at=at)
    if compare is None:
        return figures
    starts_at, ends_at = instants_of(compared_with(period, compare, zone), zone)
    cohort = replace(cohort, starts_at=starts_at, ends_at=ends_at)
    beside = _figures(cohort, manufacturer, group_by, clock, is_whole=is_whole, at=at)
    return replace(figures, compared=beside)


def _figures(
    cohort: Cohort,
    manufacturer: Manufacturer,
    group_by: tuple[Dimension, ...],
    clock: str,
    *,
    is_whole: bool,
    at: datetime,
) -> Figures:
    try:
        rows, total = calculate_figures(
            cohort=cohort,
            group_by=group_by,
            targets=targets_of(manufacturer),
            currency=manufacturer.currency,
            at=at,
            is_whole=is_whole,
        )
    except TooManyPeriods as error:
        raise too_many_periods() from error
    return Figures(
        starts_at=cohort.starts_at,
        ends_at=cohort.ends_at,
        clock=clock,
        group_by=group_by,
        rows=rows,
        total=total,
    )


def cohort_of(
    actor: Actor,
    manufacturer: Manufacturer,
    filters: Filters,
    starts_at: datetime,
    ends_at: datetime,
    *,
    is_working: bool,
) -> Cohort:
    """Say which picks are meant; a partner's are its own.

    :raises InvalidInput: if a filter names nothing that the actor may see.
    """
    return Cohort(
        manufacturer_id=manufacturer.id,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=manufacturer.time_zone,
        calendar=_calendar_of(manufacturer) if is_working else None,
        **_known(actor, filters),
    )


def too_many_periods() -> InvalidInput:
    """Refuse to tell so many days apart."""
    message = f"That makes more than {PERIODS_AT_MOST:,} groups: ask for a shorter period."
    return InvalidInput(field="group_by", message=message)


def _calendar_of(manufacturer: Manufacturer) -> WorkCalendar:
    return calendar_of(
        manufacturer.time_zone, tuple(manufacturer.working_hours), manufacturer.holiday_region
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """A step of the funnel, and how many leads reached it.

    :ivar of_before: their share of those at the step before; ``None`` for the first, or without
        any before.
    :ivar of_all: their share of all leads received; ``None`` without any.
    """

    step: Step
    count: int
    of_before: float | None
    of_all: float | None


def funnel_visible_to(
    actor: Actor, *, period: Period, filters: Filters = NO_FILTERS
) -> list[Reached]:
    """Follow the leads of a manufacturer that were received in a period, from step to step.

    :param filters: with a partner, the leads that came to it, and how far it came with them.
    :raises InvalidInput: as ``figures_visible_to`` does.
    :raises NotVisible: to a partner, whom the leads of others are no business of.
    """
    if actor.is_partner:
        raise NotVisible
    manufacturer = Manufacturer.objects.get(id=actor.manufacturer_id)
    starts_at, ends_at = instants_of(period, ZoneInfo(manufacturer.time_zone))
    cohort = cohort_of(actor, manufacturer, filters, starts_at, ends_at, is_working=False)
    counts = calculate_funnel(cohort=cohort)
    received = counts[FUNNEL[0].code]
    befores = [0, *counts.values()]
    return [
        Reached(
            step=step,
            count=counts[step.code],
            of_before=counts[step.code] / before if before else None,
            of_all=counts[step.code] / received if received else None,
        )
        for step, before in zip(FUNNEL, befores, strict=False)
    ]


@dataclass(frozen=True, slots=True)
class Share:
    """How often a partner was asked, beside how often it could have been.

    :ivar of_offers: its share of all that was offered; ``of_eligibility`` of all that could have
        been. Of the same size, they are fair.
    """

    exposure: Exposure
    of_offers: float
    of_eligibility: float


@dataclass(frozen=True, slots=True)
class Fairness:
    """How offers of a period are spread, those asked most first.

    :ivar gini: of offers for each lead that a partner could have had: 0 if all were asked for the
        same part of theirs; ``None`` without any offer.
    """

    shares: list[Share]
    offered: int
    gini: float | None


def fairness_visible_to(
    actor: Actor, *, period: Period, product_line: str | None = None
) -> Fairness:
    """Compare for each partner of a manufacturer what it was offered with what it could have been.

    :raises InvalidInput: if the period is empty or far outside the calendar, or there is no such
        product line.
    :raises NotVisible: to a partner, whom the offers of others are no business of.
    """
    if actor.is_partner:
        raise NotVisible
    manufacturer = Manufacturer.objects.get(id=actor.manufacturer_id)
    starts_at, ends_at = instants_of(period, ZoneInfo(manufacturer.time_zone))
    rows = calculate_exposure(
        manufacturer_id=manufacturer.id,
        starts_at=starts_at,
        ends_at=ends_at,
        product_line=_known_product_line(actor, product_line),
    )
    offered, eligible = sum(row.offered for row in rows), sum(row.eligible for row in rows)
    return Fairness(
        [
            Share(row, row.offered / max(offered, 1), row.eligible / max(eligible, 1))
            for row in rows
        ],
        offered,
        gini(row.offered / row.eligible for row in rows if row.eligible),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How busy a partner is, and how it answers.

    :ivar open_leads: leads in its hands, past ones that were imported included.
    :ivar answered: offers of a period that it answered or let run out; those that another partner
        was faster with, or that were withdrawn, say nothing.
    """

    open_leads: int = 0
    last_offered_at: datetime | None = None
    accepted: int = 0
    answered: int = 0


def work_of(partners: Sequence[Partner], *, since: datetime) -> dict[UUID, Work]:
    """Tell the present work of partners that the actor has found.

    :param since: from when on offers are counted; those of test leads are not.
    """
    offered = {"partner__in": partners, "offered_at__gte": since, "lead__is_test": False}
    answers = (
        LeadOffer.objects.filter(**offered, status__in=ANSWERED)
        .values_list("partner_id")
        .annotate(accepted=Count("id", filter=Q(status__in=ACCEPTED)), answered=Count("id"))
    )
    in_hands = (
        Lead.objects.filter(partner__in=partners, status__in=IN_HANDS)
        .values_list("partner_id")
        .annotate(leads=Count("id"))
    )
    standings = PartnerStanding.objects.filter(partner__in=partners)
    open_leads = dict(in_hands)
    asked_at = dict(standings.values_list("partner_id", "last_offered_at"))
    counts = {partner_id: (accepted, answered) for partner_id, accepted, answered in answers}
    return {
        partner.id: Work(
            open_leads=open_leads.get(partner.id, 0),
            last_offered_at=asked_at.get(partner.id),
            accepted=counts.get(partner.id, (0, 0))[0],
            answered=counts.get(partner.id, (0, 0))[1],
        )
        for partner in partners
    }


def leads_in_hands_of(actor: Actor, partner_id: UUID) -> LeadQuerySet:
    """Find the leads that a partner works on, the newest first."""
    leads = leads_visible_to(actor).filter(partner=partner_id, status__in=IN_HANDS)
    return leads.order_by("-received_at", "-id")


def targets_of(manufacturer: Manufacturer) -> Targets:
    """Tell a manufacturer's targets by code of the figure; ``None`` is not set."""
    return {
        "acceptance_time": manufacturer.acceptance_target,
        "contact_time": manufacturer.contact_target,
        "processing_time": manufacturer.processing_target,
        "feedback_rate": manufacturer.feedback_target,
        "conversion_rate": manufacturer.conversion_target,
    }


def _known(actor: Actor, filters: Filters) -> dict[str, Any]:
    """Turn filters into those of a cohort, and refuse what the actor's network does not have."""
    return {
        **asdict(filters),
        "partner_id": _visible_partner(actor, filters.partner_id),
        "product_line": _known_product_line(actor, filters.product_line),
        "certification": _known_level(actor, filters.certification),
    }


def _visible_partner(actor: Actor, wanted: UUID | None) -> UUID | None:
    """Narrow to the actor's own partner, or to the partner of the network that is asked for."""
    if wanted is None or wanted == actor.partner_id:
        return actor.partner_id
    own = Partner.objects.filter(manufacturer_id=actor.manufacturer_id, id=wanted)
    if actor.is_partner or not own.exists():
        message = "There is no such partner."
        raise InvalidInput(field="partner", message=message, code="unknown")
    return wanted


def _known_product_line(actor: Actor, wanted: str | None) -> str | None:
    if wanted is None:
        return None
    lines = ProductLine.objects.filter(manufacturer_id=actor.manufacturer_id, code=wanted)
    if not lines.exists():
        message = "There is no such product line."
        raise InvalidInput(field="product_line", message=message, code="unknown")
    return wanted


def _known_level(actor: Actor, wanted: str | None) -> str | None:
    if wanted is None:
        return None
    levels = CertificationLevel.objects.filter(manufacturer_id=actor.manufacturer_id, code=wanted)
    if not levels.exists():
        message = "There is no such certification level."
        raise InvalidInput(field="certification", message=message, code="unknown")
    return wanted
