"""Counts of leads that partners were not asked about: kept by month, read by partner.

**Where the numbers come from.** Only stored decisions count, never today's set-up: what a partner's
caps, certifications and overdue feedback were when a lead came, no later look can tell. Each wave
names those that ranked (up to 200) and of those left out the nearest 50, with every gate they
failed; of the rest it knows numbers by gate and no names. A partner that a wave does not name was
farther away than 50 others who could not be asked either. Such leads are in nobody's count, and
the page says so.

**Why a table of counts.** A row for each partner and wave would multiply what intake writes by
fifty; reading the decisions when somebody asks means unpacking every wave of the month for one
page. So a task folds the month's waves into one row for each partner, every hour for the month
that runs and for a week after it, when the last waves of its leads are over. It reads and writes
nothing that intake, acceptance or the sweep wait for. Counting again gives the same again; of a
lead whose customer was erased, the decisions are gone and with them its part in a running month.

Leads count in the month in which they were received, in the manufacturer's time zone; tests and
imported leads do not.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Max, Min, Q

from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import system_context, tenant_context
from leadhub.core.turns import wait_for_turn
from leads.explanations import excluded_partners, ranked_partners
from leads.missed_leads import (
    Change,
    Count as Counted,
    Decided,
    Left,
    add_up,
    count_missed,
)
from leads.models import EventType, Lead, LeadEvent, LeadOffer, MissedMonth, Wave
from leads.models.offers import OfferStatus
from leads.selectors import missed_months_visible_to, offers_visible_to
from partners.models import Manufacturer, Partner

EVERY = timedelta(hours=1)
# After its end a month is counted for so long: a lead of its last day may have several waves.
SETTLED_AFTER = timedelta(days=7)
MONTHS_KEPT = 12
READ_AT_ONCE = 500
WRITTEN_AT_ONCE = 1_000
COUNTED = ("counted_at", "behind", "missed", "gates", "changes")


def count_due_months(*, at: datetime, every: timedelta = EVERY) -> int:
    """Count the months of every manufacturer that are due.

    Any number of these may run at once. This function will return how many months were counted.
    """
    with system_context("missed.count_due_months"):
        manufacturers = list(Manufacturer.objects.order_by("id").values_list("id", "time_zone"))
    counted = 0
    for manufacturer_id, zone in manufacturers:
        with tenant_context(manufacturer_id):
            due = _due_months(manufacturer_id, ZoneInfo(zone), at=at, every=every)
        for month in due:
            count_month(manufacturer_id, month, zone=ZoneInfo(zone), at=at)
            counted += 1
    return counted


def count_month(manufacturer_id: UUID, month: date, *, zone: ZoneInfo, at: datetime) -> None:
    """Count one month of a network anew: a row for each partner that was in it.

    :param month: its first day.
    """
    with tenant_context(manufacturer_id), transaction.atomic():
        wait_for_turn("missed months", manufacturer_id)
        counts = count_missed(_leads(manufacturer_id, _span(month, zone)))
        joined = Q(created_at__lt=_span(month, zone)[1]) | Q(id__in=list(counts))
        partners = Partner.objects.filter(joined, manufacturer=manufacturer_id)
        rows = [
            _row(manufacturer_id, partner_id, month, counts.get(str(partner_id), Counted()), at)
            for partner_id in partners.order_by("id").values_list("id", flat=True)
        ]
        MissedMonth.objects.bulk_create(
            rows,
            batch_size=WRITTEN_AT_ONCE,
            update_conflicts=True,
            unique_fields=["manufacturer", "partner", "month"],
            update_fields=COUNTED,
        )
        kept_from = first_of(month, back=MONTHS_KEPT)
        MissedMonth.objects.filter(manufacturer=manufacturer_id, month__lt=kept_from).delete()


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """Tell in which month an instant lies: its first day."""
    return at.astimezone(zone).date().replace(day=1)


def first_of(month: date, *, back: int) -> date:
    """Go back by so many months."""
    number = month.year * 12 + month.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the offers that a partner got in a month.

    :ivar lost: somebody else was faster.
    :ivar withdrawn: the manufacturer decided otherwise.
    """

    offered: int = 0
    accepted: int = 0
    declined: int = 0
    expired: int = 0
    lost: int = 0
    withdrawn: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Missed:
    """A partner's month: what it got, and what it did not and why.

    :ivar counted_at: ``None`` if the month was not counted yet.
    :ivar changes: what would have opened the only closed gate, and for how many leads; the most
        first.
    """

    month: date
    counted_at: datetime | None
    answers: Answers
    behind: int
    missed: int
    gates: dict[str, int]
    changes: Sequence[tuple[Change, int]]


def read_missed(
    actor: Actor, partner_id: UUID, month: date, *, zone: ZoneInfo, at: datetime
) -> Missed:
    """Read what kept one partner from leads in a month, for itself or its manufacturer.

    :param month: its first day.
    :param zone: the manufacturer's, whose months these are.
    """
    row = missed_months_visible_to(actor).filter(partner=partner_id, month=month).first()
    return Missed(
        month=month,
        counted_at=row.counted_at if row else None,
        answers=_answers(actor, partner_id, _span(month, zone), at=at),
        behind=row.behind if row else 0,
        missed=row.missed if row else 0,
        gates=dict(row.gates) if row else {},
        changes=add_up((Change(*change), leads) for *change, leads in row.changes) if row else [],
    )


def _answers(
    actor: Actor, partner_id: UUID, span: tuple[datetime, datetime], *, at: datetime
) -> Answers:
    offers = offers_visible_to(actor, at=at).filter(
        partner=partner_id,
        offered_at__gte=span[0],
        offered_at__lt=span[1],
        lead__is_test=False,
        lead__is_imported=False,
    )
    taken = LeadEvent.objects.filter(
        manufacturer=actor.manufacturer_id,
        partner=partner_id,
        type=EventType.OFFER_WITHDRAWN,
        data__because="taken",
        lead__in=offers.filter(status=OfferStatus.WITHDRAWN).values("lead"),
    )
    lost = offers.filter(status=OfferStatus.WITHDRAWN, lead__in=taken.values("lead")).count()
    figures = offers.aggregate(
        offered=Count("id"),
        accepted=Count("id", filter=Q(status__in=(OfferStatus.ACCEPTED, OfferStatus.RETURNED))),
        declined=Count("id", filter=Q(status=OfferStatus.DECLINED)),
        expired=Count("id", filter=Q(status=OfferStatus.EXPIRED)),
        withdrawn=Count("id", filter=Q(status=OfferStatus.WITHDRAWN)),
        open=Count("id", filter=Q(status=OfferStatus.OPEN)),
    )
    return Answers(**{**figures, "lost": lost, "withdrawn": figures["withdrawn"] - lost})


def _due_months(
    manufacturer_id: UUID, zone: ZoneInfo, *, at: datetime, every: timedelta
) -> list[date]:
    """List the months to count: not counted lately, and not yet settled when they last were."""
    running = month_of(at, zone)
    leads = Lead.objects.filter(manufacturer=manufacturer_id, is_imported=False)
    first = leads.aggregate(first=Min("received_at"))["first"]
    if first is None:
        return []
    counted = dict(
        MissedMonth.objects.filter(manufacturer=manufacturer_id)
        .values_list("month")
        .annotate(counted_at=Max("counted_at"))
    )
    return [
        month
        for month in (first_of(running, back=back) for back in range(MONTHS_KEPT + 1))
        if month >= month_of(first, zone) and _is_due(month, counted.get(month), zone, at, every)
    ]


def _is_due(
    month: date, counted_at: datetime | None, zone: ZoneInfo, at: datetime, every: timedelta
) -> bool:
    if counted_at is None:
        return True
    is_settled = counted_at >= _span(month, zone)[1] + SETTLED_AFTER
    return not is_settled and counted_at <= at - every


def _span(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    after = first_of(month, back=-1)
    return (
        datetime(month.year, month.month, 1, tzinfo=zone),
        datetime(after.year, after.month, 1, tzinfo=zone),
    )


def _leads(manufacturer_id: UUID, span: tuple[datetime, datetime]) -> Iterator[list[Decided]]:
    """Read the decisions of a month, lead by lead."""
    of_month: dict[str, Any] = {
        "manufacturer": manufacturer_id,
        "lead__manufacturer": manufacturer_id,
        "lead__received_at__gte": span[0],
        "lead__received_at__lt": span[1],
        "lead__is_test": False,
        "lead__is_imported": False,
    }
    asked: dict[tuple[UUID, int], list[str]] = defaultdict(list)
    offers = LeadOffer.objects.filter(**of_month).values_list("lead_id", "wave", "partner_id")
    for lead_id, wave, partner_id in offers.iterator(READ_AT_ONCE * 10):
        asked[lead_id, wave].append(str(partner_id))
    waves = Wave.objects.filter(**of_month).order_by("lead_id", "number")
    rows = waves.only("lead_id", "number", "radius_km", "matches", "excluded")
    for lead_id, of_lead in groupby(rows.iterator(READ_AT_ONCE), key=lambda wave: wave.lead_id):
        yield [_decided(wave, asked.get((lead_id, wave.number), ())) for wave in of_lead]


def _decided(wave: Wave, asked: Sequence[str]) -> Decided:
    return Decided(
        radius_km=wave.radius_km,
        ranked=list(ranked_partners(wave)),
        asked=asked,
        left=[
            Left(partner_id, tuple(gates))
            for partner_id, _distance, gates in excluded_partners(wave)
        ],
    )


def _row(
    manufacturer_id: UUID, partner_id: UUID, month: date, count: Counted, at: datetime
) -> MissedMonth:
    return MissedMonth(
        manufacturer_id=manufacturer_id,
        partner_id=partner_id,
        month=month,
        counted_at=at,
        behind=count.behind,
        missed=count.missed,
        gates=dict(count.gates),
        changes=[[*change, number] for change, number in count.changes.items()],
    )
