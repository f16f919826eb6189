"""Periods that figures are compared with, and the days, weeks and months of one."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from kpis.definitions import Dimension
from kpis.groups import TooManyPeriods, periods_of
from kpis.periods import Compare, Period, compared_with
from kpis.values import Cohort
from leadhub.core.ids import new_id
from tests.kpis.worlds import utc

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("period", "compare", "expected"),
    [
        (
            Period(date(2026, 3, 1), date(2026, 4, 1)),
            Compare.PREVIOUS,
            Period(date(2026, 2, 1), date(2026, 3, 1)),
        ),
        (
            Period(date(2026, 1, 1), date(2026, 4, 1)),
            Compare.PREVIOUS,
            Period(date(2025, 10, 1), date(2026, 1, 1)),
        ),
        (
            Period(date(2026, 3, 2), date(2026, 3, 9)),
            Compare.PREVIOUS,
            Period(date(2026, 2, 23), date(2026, 3, 2)),
        ),
        (
            Period(utc("2026-03-02 08:00"), utc("2026-03-02 09:00")),
            Compare.PREVIOUS,
            Period(utc("2026-03-02 07:00"), utc("2026-03-02 08:00")),
        ),
        (
            Period(date(2028, 2, 29), date(2028, 3, 1)),
            Compare.YEAR,
            Period(date(2027, 2, 28), date(2027, 3, 1)),
        ),
    ],
)
def test_whole_months_are_compared_with_months_and_days_with_days(
    period: Period, compare: Compare, expected: Period
) -> None:
    assert compared_with(period, compare, BERLIN) == expected


def test_an_instant_a_year_before_is_the_same_hour_of_its_zone() -> None:
    period = Period(utc("2026-03-29 10:00"), utc("2026-03-29 11:00"))

    before = compared_with(period, Compare.YEAR, BERLIN)

    assert isinstance(before.starts, datetime)
    assert before.starts.astimezone(UTC) == utc("2025-03-29 11:00")


@pytest.mark.parametrize(
    ("period", "names"),
    [
        (Dimension.DAY, ["2026-03-28", "2026-03-29", "2026-03-30"]),
        (Dimension.WEEK, ["2026-W13", "2026-W14"]),
        (Dimension.MONTH, ["2026-03"]),
        (Dimension.QUARTER, ["2026-Q1"]),
    ],
)
def test_every_day_that_a_period_touches_has_a_name(period: Dimension, names: list[str]) -> None:
    cohort = cohort_of(utc("2026-03-28 12:00"), utc("2026-03-29 22:00:01"))

    assert [name for _, name in periods_of(cohort, period)] == names


def test_quarters_and_months_follow_one_another_over_years() -> None:
    cohort = cohort_of(utc("2024-01-15 00:00"), utc("2026-01-15 00:00"))

    months = [name for _, name in periods_of(cohort, Dimension.MONTH)]
    quarters = [name for _, name in periods_of(cohort, Dimension.QUARTER)]

    assert (len(months), months[0], months[-1]) == (25, "2024-01", "2026-01")
    assert quarters == [f"{y}-Q{q}" for y in (2024, 2025) for q in (1, 2, 3, 4)] + ["2026-Q1"]


def test_a_thousand_years_of_days_are_refused() -> None:
    with pytest.raises(TooManyPeriods):
        periods_of(cohort_of(utc("1970-01-01 00:00"), utc("2970-01-01 00:00")), Dimension.DAY)


def cohort_of(starts_at: datetime, ends_at: datetime) -> Cohort:
    return Cohort(
        manufacturer_id=new_id(), starts_at=starts_at, ends_at=ends_at, time_zone="Europe/Berlin"
    )
