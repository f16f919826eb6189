"""What every partner sells, kept as rows that matching reads without a join.

A row stands for one partner, one product line and one span of time with the same certification
rank. The tallies beside them say how many partners sell which lines.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import F, Max

from leadhub.core.ids import new_id
from partners.models import (
    Absence,
    Certification,
    Partner,
    PortfolioItem,
    PortfolioTally,
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
    performance = dict(
        PortfolioItem.objects.filter(partner=partner).values_list("product_line_id", "performance")
    )
    PortfolioItem.objects.filter(partner=partner).delete()
    held = list(
        Certification.objects.filter(partner=partner).values_list(
            "product_line_id", "level__rank", "valid_until"
        )
    )
    areas = ServiceArea.objects.filter(partner=partner, kind=ServiceArea.Kind.RADIUS)
    radius_km = areas.values_list("radius_km", flat=True).first()
    away_until = _away_until(partner)
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
            radius_km=radius_km,
            reach_km=reach_of(radius_km, REACHES_KM),
            is_active=partner.status == Partner.Status.ACTIVE,
            has_email=partner.email != "",
            away_until=away_until,
            performance=performance.get(line_id, AS_THE_NETWORK),
            weight=partner.weight,
            cap_open=partner.cap_open,
            cap_per_day=partner.cap_per_day,
            cap_per_week=partner.cap_per_week,
            cap_per_month=partner.cap_per_month,
        )
        for line_id in line_ids
        for span in spans_of(
            [Held(rank, until) for line, rank, until in held if line in (None, line_id)]
        )
    )


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


_ADD_TO_TALLY = """
    INSERT INTO partners_portfoliotally (id, manufacturer_id, product_lines, partners)
    VALUES (%s, %s, %s::uuid[], 1)
    ON CONFLICT (manufacturer_id, product_lines)
    DO UPDATE SET partners = partners_portfoliotally.partners + 1
"""


def count_partner(partner: Partner, before: list[UUID] | None, after: list[UUID]) -> None:
    """Move the partner from one tally to another; always in the same order, against deadlocks.

    :param before: the lines it sold until now; ``None`` if it is new.
    """
    if before == after:
        return
    for lines in sorted(lines for lines in (before, after) if lines is not None):
        if lines == before:
            PortfolioTally.objects.filter(
                manufacturer=partner.manufacturer_id, product_lines=lines
            ).update(partners=F("partners") - 1)
        else:
            with connection.cursor() as cursor:
                cursor.execute(_ADD_TO_TALLY, [new_id(), partner.manufacturer_id, lines])
