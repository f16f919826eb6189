"""When a manufacturer's picks are old enough to say how many are won (K6)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache

from kpis.reading import fetch
from leadhub.core.tenancy.context import tenant_context

LATELY = timedelta(days=365)
# It moves by hours in a month, and takes as long to find as the figures of a quarter.
KEPT_FOR = timedelta(hours=1)


def calculate_maturity(manufacturer_id: UUID, *, at: datetime) -> timedelta | None:
    """Find the time in which nine of ten closed picks of a manufacturer were closed.

    Of those accepted in the year before, by the wall clock, in whole seconds rounded down.

    :returns: ``None`` if none was closed.
    """
    parameters: dict[str, Any] = {"manufacturer": manufacturer_id, "at": at, "since": at - LATELY}
    with tenant_context(manufacturer_id):
        (answer,) = fetch(_STATEMENT, parameters)
    seconds = answer["p90"]
    return None if seconds is None else timedelta(seconds=int(seconds))


def maturity_of(manufacturer_id: UUID, *, at: datetime) -> timedelta | None:
    """Tell the same as it was at most an hour ago."""
    key = f"maturity:{manufacturer_id}"
    seconds = cache.get(key)
    if seconds is not None:
        return timedelta(seconds=int(seconds))
    found = calculate_maturity(manufacturer_id, at=at)
    if found is not None:
        cache.set(key, int(found.total_seconds()), int(KEPT_FOR.total_seconds()))
    return found


_STATEMENT = """
    SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY processing_time) AS p90
    FROM leads_pick
    WHERE manufacturer_id = %(manufacturer)s
        AND accepted_at >= %(since)s AND accepted_at < %(at)s AND processing_time IS NOT NULL
"""
