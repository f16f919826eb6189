"""A manufacturer's own settings."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.regions import has_holidays_of
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.working_time import (
    DAYS_A_WEEK,
    MALFORMED,
    OVER_MIDNIGHT,
    OVERLAPPING,
    TOO_FEW,
    Hours,
    HoursRefused,
    hours_from,
    parse_spans,
    written,
)
from partners.changes import fields_of, record_change
from partners.models import Manufacturer

SHORTEST_RETENTION, LONGEST_RETENTION = 1, 120
LONGEST_COMPARED = 365


@in_tenant_of("by")
def change_retention(*, months: int, by: Actor) -> Manufacturer:
    """Set for how many months after a lead has ended its customer's personal data is kept.

    Leads whose time is over by that are erased the next time the timers look.

    :raises InvalidInput: if it is not 1 to 120.
    """
    if not SHORTEST_RETENTION <= months <= LONGEST_RETENTION:
        raise InvalidInput(
            field="months",
            message=gettext_noop("Choose 1 to 120 months."),
            code="out_of_range",
        )
    return _change("retention_months", months, by=by)


@in_tenant_of("by")
def change_duplicate_days(*, days: int, by: Actor) -> Manufacturer:
    """Set how many days back a new lead is compared with others; 0 holds no duplicates.

    Leads that are held already stay held.

    :raises InvalidInput: if it is not 0 to 365.
    """
    if not 0 <= days <= LONGEST_COMPARED:
        raise InvalidInput(
            field="days",
            message=gettext_noop("Choose 0 to 365 days; 0 compares no leads."),
            code="out_of_range",
        )
    return _change("duplicate_days", days, by=by)


def _change(field: str, value: int, *, by: Actor) -> Manufacturer:
    manufacturer = Manufacturer.objects.select_for_update(no_key=True).get(id=by.manufacturer_id)
    before = fields_of(manufacturer, field)
    setattr(manufacturer, field, value)
    manufacturer.save(update_fields=[field])
    record_change(
        by=by,
        kind="manufacturer",
        key=manufacturer.id,
        name=manufacturer.name,
        before=before,
        after=fields_of(manufacturer, field),
    )
    return manufacturer


# What is wrong with hours, in words.
WRONG_HOURS: Mapping[str, str] = {
    MALFORMED: gettext_noop("Give hours such as 08:00-17:00, or 08:00-12:00, 13:00-17:00."),
    OVER_MIDNIGHT: gettext_noop(
        "Hours end later than they begin and do not run over midnight: give 22:00-24:00 here "
        "and 00:00-06:00 on the next day."
    ),
    OVERLAPPING: gettext_noop("These hours overlap; give each hour once."),
    TOO_FEW: gettext_noop("Give five hours a week at least; deadlines would be far away."),
}


@in_tenant_of("by")
def change_working_hours(*, days: Sequence[str], holiday_region: str, by: Actor) -> Manufacturer:
    """Set when the manufacturer works; deadlines that are set already stay as they are.

    :param days: one text a day, Monday first, as ``parse_spans`` takes it.
    :param holiday_region: a federal state, a country, or empty.
    :raises InvalidInput: naming ``days.0`` to ``days.6``, ``days`` or ``holiday_region``.
    """
    hours = _checked_hours(days)
    if holiday_region and not has_holidays_of(holiday_region):
        raise InvalidInput(
            field="holiday_region",
            message=gettext_noop("The holidays of this region are not known."),
            code="unknown",
        )
    manufacturer = Manufacturer.objects.select_for_update(no_key=True).get(id=by.manufacturer_id)
    before = fields_of(manufacturer, "working_hours", "holiday_region")
    manufacturer.working_hours = written(hours)
    manufacturer.holiday_region = holiday_region
    manufacturer.save(update_fields=["working_hours", "holiday_region"])
    record_change(
        by=by,
        kind="manufacturer",
        key=manufacturer.id,
        name=manufacturer.name,
        before=before,
        after=fields_of(manufacturer, "working_hours", "holiday_region"),
    )
    return manufacturer


def _checked_hours(days: Sequence[str]) -> Hours:
    if len(days) != DAYS_A_WEEK:
        raise _wrong_hours(MALFORMED)
    for number, day in enumerate(days):
        try:
            parse_spans(day)
        except HoursRefused as refused:
            raise _wrong_hours(refused.code, day=number) from None
    try:
        return hours_from(days)
    except HoursRefused as refused:
        raise _wrong_hours(refused.code) from None


def _wrong_hours(code: str, *, day: int | None = None) -> InvalidInput:
    field = "days" if day is None else f"days.{day}"
    return InvalidInput(field=field, message=WRONG_HOURS[code], code=code)
