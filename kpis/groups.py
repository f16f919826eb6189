"""Dimensions in SQL: what each groups and filters by, and what has to be joined for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kpis.definitions import PERIODS, Dimension, DurationFigure, Moment
from kpis.values import Cohort, Group

# No picks lie before; and so many groups by time nobody reads.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
PERIODS_AT_MOST = 20_000


class TooManyPeriods(ValueError):
    """The period has more days, weeks or months than are told apart."""


@dataclass(frozen=True, slots=True)
class Key:
    """A dimension of picks in SQL.

    :ivar expression: of ``pick`` and what is joined.
    :ivar join: what has to be joined.
    """

    expression: str
    join: str = ""


_LINES = """
    JOIN leads_leadproductline AS asked
        ON asked.manufacturer_id = %(manufacturer)s AND asked.lead_id = pick.lead_id
    JOIN partners_productline AS line
        ON line.manufacturer_id = %(manufacturer)s AND line.id = asked.product_line_id
        AND (%(product_line)s::text IS NULL OR line.code = %(product_line)s)"""
_HELD = """
        SELECT DISTINCT ON (holding.partner_id) holding.partner_id, level.code
        FROM partners_certification AS holding
        JOIN partners_certificationlevel AS level
            ON level.manufacturer_id = %(manufacturer)s AND level.id = holding.level_id
        WHERE holding.manufacturer_id = %(manufacturer)s
            AND (holding.valid_until IS NULL OR holding.valid_until >= %(today)s)
        ORDER BY holding.partner_id, level.rank DESC, level.code"""
_WORKED = """
    JOIN leads_assignment AS worked
        ON worked.manufacturer_id = %(manufacturer)s AND worked.id = pick.assignment_id"""

KEYS: Mapping[Dimension, Key] = {
    Dimension.PARTNER: Key("pick.partner_id"),
    Dimension.USER: Key("worked.user_id", _WORKED),
    Dimension.PRODUCT_LINE: Key("line.code", _LINES),
    Dimension.REGION: Key("nullif(pick.region, '')"),
    Dimension.POSTAL_AREA: Key(
        "CASE WHEN pick.postal_code <> '' THEN pick.country || '-' || left(pick.postal_code, 2) END"
    ),
    Dimension.SOURCE: Key("pick.source"),
    Dimension.CAMPAIGN: Key("nullif(pick.campaign, '')"),
    Dimension.TEMPERATURE: Key("pick.temperature"),
    Dimension.CERTIFICATION: Key(
        "held.code", f"\n    LEFT JOIN ({_HELD}) AS held ON held.partner_id = pick.partner_id"
    ),
    **{
        period: Key(f"width_bucket(pick.accepted_at, %({period})s::timestamptz[])")
        for period in PERIODS
    },
}
# What each filter asks, of ``pick``.
_CONDITIONS: Mapping[str, str] = {
    "partner_id": "pick.partner_id = %(partner_id)s",
    "user_id": """pick.assignment_id IN (SELECT worked.id FROM leads_assignment AS worked
            WHERE worked.manufacturer_id = %(manufacturer)s AND worked.user_id = %(user_id)s)""",
    "product_line": """pick.lead_id IN (SELECT asked.lead_id FROM leads_leadproductline AS asked
            JOIN partners_productline AS line ON line.id = asked.product_line_id
            WHERE line.manufacturer_id = %(manufacturer)s AND line.code = %(product_line)s)""",
    "region": "pick.region = %(region)s",
    "postal_area": "pick.country || '-' || left(pick.postal_code, 2) = %(postal_area)s",
    "source": "pick.source = %(source)s",
    "campaign": "pick.campaign = %(campaign)s",
    "temperature": "pick.temperature = %(temperature)s",
    "certification": f"""pick.partner_id IN (SELECT held.partner_id FROM ({_HELD}
        ) AS held WHERE held.code = %(certification)s)""",
}


def conditions_of(cohort: Cohort) -> str:
    """Write which picks a cohort is."""
    asked = [text for name, text in _CONDITIONS.items() if getattr(cohort, name) is not None]
    return "\n        AND ".join(
        (
            "pick.manufacturer_id = %(manufacturer)s",
            "pick.accepted_at >= %(starts_at)s AND pick.accepted_at < %(ends_at)s",
            *asked,
        )
    )


def parameters_of(cohort: Cohort, group_by: Sequence[Dimension], *, at: datetime) -> dict[str, Any]:
    """List what conditions and keys name."""
    return {
        "manufacturer": cohort.manufacturer_id,
        "starts_at": cohort.starts_at,
        "ends_at": cohort.ends_at,
        "at": at,
        "today": at.astimezone(ZoneInfo(cohort.time_zone)).date(),
        **{name: getattr(cohort, name) for name in _CONDITIONS},
        **{
            period.value: [start for start, _ in periods_of(cohort, period)]
            for period in PERIODS
            if period in group_by
        },
    }


def names_of(cohort: Cohort, group_by: Sequence[Dimension]) -> list[Mapping[int, str]]:
    """Tell for each dimension how the numbers of its periods are called; nothing for others."""
    return [
        {number: name for number, (_, name) in enumerate(periods_of(cohort, one), start=1)}
        if one in PERIODS
        else {}
        for one in group_by
    ]


def group_of(
    answer: Mapping[str, Any],
    group_by: Sequence[Dimension],
    names: Sequence[Mapping[int, str]],
) -> Group:
    """Name the group of an answer; periods come by their number."""
    group: Group = {}
    for number, (dimension, named) in enumerate(zip(group_by, names, strict=True), start=1):
        key = answer[f"key_{number}"]
        group[dimension] = named[key] if named else str(key) if key is not None else None
    return group


def by_group(group: Group) -> list[tuple[bool, str]]:
    """Order groups by their names, those without one last."""
    return [(name is None, name or "") for name in group.values()]


def open_of(figure: DurationFigure) -> str:
    """Write which picks are still to reach the end of a figure; an acceptance is over at once."""
    if figure.ends_at == Moment.ACCEPTED_AT:
        return "false"
    return f"(ending IS NULL AND {figure.code} IS NULL)"


def periods_of(cohort: Cohort, period: Dimension) -> list[tuple[datetime, str]]:
    """List the days, weeks, months or quarters that a cohort touches: when each begins, its name.

    :raises TooManyPeriods: if there are more than are told apart.
    """
    zone = ZoneInfo(cohort.time_zone)
    begins = max(cohort.starts_at, EARLIEST).astimezone(zone).date()
    day = _first_of(period, begins)
    found: list[tuple[datetime, str]] = []
    while (start := datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)) < cohort.ends_at:
        if len(found) == PERIODS_AT_MOST:
            raise TooManyPeriods
        found.append((start, _name_of(period, day)))
        day = _next(period, day)
    return found


def _first_of(period: Dimension, day: date) -> date:
    if period == Dimension.WEEK:
        return day - timedelta(days=day.weekday())
    if period == Dimension.MONTH:
        return day.replace(day=1)
    if period == Dimension.QUARTER:
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day


def _next(period: Dimension, day: date) -> date:
    if period == Dimension.DAY:
        return day + timedelta(days=1)
    if period == Dimension.WEEK:
        return day + timedelta(days=7)
    # From the first day of one, so many days later lies within the next.
    return _first_of(period, day + timedelta(days=100 if period == Dimension.QUARTER else 40))


def _name_of(period: Dimension, day: date) -> str:
    if period == Dimension.DAY:
        return day.isoformat()
    if period == Dimension.WEEK:
        return f"{day:%G-W%V}"
    if period == Dimension.MONTH:
        return f"{day:%Y-%m}"
    return f"{day.year}-Q{(day.month + 2) // 3}"
