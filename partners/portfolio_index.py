"""What every partner sells, kept as rows that matching reads without a join.

A row stands for one partner, one product line and one span of time with the same certification
rank. The tallies beside them say how many partners sell which lines.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from leadhub.core.ids import new_id
from partners.models import (
    Absence,
    Certification,
    Partner,
    PortfolioItem,
    ServiceArea,
)
from partners.portfolio import Held, reach_of, spans_of

# Sizes to which radii are rounded up, in km: 0 for none, and the last reaches round the Earth.
REACHES_KM = (0, 10, 25, 50, 100, 200, 500, 1_000, 20_100)
AS_THE_NETWORK = 0.5


def rebuild_portfolio(partner: Partner, line_ids: Sequence[UUID]) -> None:
    """Write anew what the partner sells, from when to when with which rank.

    How it performed so far stays as it was.
    """
    rebuild_portfolios({partner: line_ids})


def rebuild_portfolios(sold: Mapping[Partner, Sequence[UUID]]) -> None:
    """Do the same for several partners, with as many statements as for one.

    :param sold: partner -> ids of the product lines that it sells now.
    """
    items = PortfolioItem.objects.filter(partner__in=list(sold))
    performance = {
        (partner_id, line_id): value
        for partner_id, line_id, value in items.values_list(
            "partner_id", "product_line_id", "performance"
        )
    }
    items.delete()
    held, radii, away = _held_by(sold), _radii_of(sold), _absences_of(sold)
    PortfolioItem.objects.bulk_create(
        PortfolioItem(
            manufacturer_id=partner.manufacturer_id,
            partner=partner,
            product_line_id=line_id,
            holds_from=span.holds_from,
            holds_until=span.holds_until,
            certification_rank=span.rank,
            latitude=partner.latitude,
            longitude=partner.longitude,
            radius_km=radii.get(partner.id),
            reach_km=reach_of(radii.get(partner.id), REACHES_KM),
            is_active=partner.status == Partner.Status.ACTIVE,
            has_email=partner.email != "",
            away_until=away.get(partner.id),
            performance=performance.get((partner.id, line_id), AS_THE_NETWORK),
            weight=partner.weight,
            cap_open=partner.cap_open,
            cap_per_day=partner.cap_per_day,
            cap_per_week=partner.cap_per_week,
            cap_per_month=partner.cap_per_month,
        )
        for partner, line_ids in sold.items()
        for line_id in line_ids
        for span in spans_of(
            [Held(rank, until) for line, rank, until in held[partner.id] if line in (None, line_id)]
        )
    )


def _held_by(partners: Iterable[Partner]) -> Mapping[UUID, list[tuple[UUID | None, int, Any]]]:
    held: dict[UUID, list[tuple[UUID | None, int, Any]]] = defaultdict(list)
    for partner_id, line_id, rank, until in Certification.objects.filter(
        partner__in=list(partners)
    ).values_list("partner_id", "product_line_id", "level__rank", "valid_until"):
        held[partner_id].append((line_id, rank, until))
    return held


def _radii_of(partners: Iterable[Partner]) -> dict[UUID, float | None]:
    areas = ServiceArea.objects.filter(partner__in=list(partners), kind=ServiceArea.Kind.RADIUS)
    return dict(areas.values_list("partner_id", "radius_km"))


def _absences_of(partners: Iterable[Partner]) -> dict[UUID, date]:
    """Find the last day of the last absence of each partner that has any."""
    absences = Absence.objects.filter(partner__in=list(partners)).values("partner_id")
    return {row["partner_id"]: row["last"] for row in absences.annotate(last=Max("last_day"))}


def carry_absences(partner: Partner) -> None:
    """Let what the partner sells say until when an absence may matter."""
    PortfolioItem.objects.filter(manufacturer=partner.manufacturer_id, partner=partner).update(
        away_until=_away_until(partner)
    )


def _away_until(partner: Partner) -> date | None:
    absences = Absence.objects.filter(manufacturer=partner.manufacturer_id, partner=partner)
    last: date | None = absences.aggregate(last=Max("last_day"))["last"]
    return last


def lines_of(partner: Partner) -> list[UUID]:
    """Read the ids of the product lines a partner sells, in order."""
    items = PortfolioItem.objects.filter(partner=partner)
    return sorted(set(items.values_list("product_line_id", flat=True)))


# A set that nobody carried yet gets a row; a row that nobody needs any more stays at 0.
_CHANGE_TALLY = """
    INSERT INTO partners_portfoliotally (id, manufacturer_id, product_lines, partners)
    VALUES (%s, %s, %s::uuid[], greatest(%s, 0))
    ON CONFLICT (manufacturer_id, product_lines)
    DO UPDATE SET partners = partners_portfoliotally.partners + %s
"""


def count_partner(partner: Partner, before: list[UUID] | None, after: list[UUID] | None) -> None:
    """Move the partner from one tally to another; always in the same order, against deadlocks.

    :param before: the lines it sold until now; ``None`` if it is new.
    :param after: those it sells from now on; ``None`` if it is gone.
    """
    count_partners(partner.manufacturer_id, [(before, after)])


def count_partners(
    manufacturer_id: UUID, moves: Iterable[tuple[list[UUID] | None, list[UUID] | None]]
) -> None:
    """Move several partners of a manufacturer, each as ``count_partner`` does."""
    changes: Counter[tuple[UUID, ...]] = Counter()
    for before, after in moves:
        if before is not None:
            changes[tuple(before)] -= 1
        if after is not None:
            changes[tuple(after)] += 1
    with connection.cursor() as cursor:
        for lines in sorted(lines for lines, change in changes.items() if change):
            change = changes[lines]
            cursor.execute(_CHANGE_TALLY, [new_id(), manufacturer_id, list(lines), change, change])
