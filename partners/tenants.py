"""A manufacturer's own settings."""

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import in_tenant_of
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
