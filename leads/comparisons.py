"""Comparisons of partners with their network: kept here, worked out where figures are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from leadhub.core.tenancy.context import tenant_context
from leads.models import PartnerComparison

WRITTEN_AT_ONCE = 1_000


def compared_at(manufacturer_id: UUID) -> datetime | None:
    """Tell when a network was compared last; ``None`` if never. In its tenant's context."""
    rows = PartnerComparison.objects.filter(manufacturer=manufacturer_id)
    last: datetime | None = rows.aggregate(last=Max("computed_at"))["last"]
    return last


def keep_comparisons(
    manufacturer_id: UUID, figures: Mapping[UUID, Mapping[str, Any]], *, at: datetime
) -> None:
    """Replace the comparisons of a network: whoever is not named any more has none."""
    with tenant_context(manufacturer_id), transaction.atomic():
        own = PartnerComparison.objects.filter(manufacturer=manufacturer_id)
        own.exclude(partner__in=list(figures)).delete()
        rows = [
            PartnerComparison(
                manufacturer_id=manufacturer_id, partner_id=partner_id, computed_at=at, figures=told
            )
            for partner_id, told in sorted(figures.items())
        ]
        PartnerComparison.objects.bulk_create(
            rows,
            batch_size=WRITTEN_AT_ONCE,
            update_conflicts=True,
            unique_fields=["manufacturer", "partner"],
            update_fields=["computed_at", "figures"],
        )
