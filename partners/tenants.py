"""A manufacturer's own settings."""

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import in_tenant_of
from partners.changes import fields_of, record_change
from partners.models import Manufacturer

SHORTEST_RETENTION, LONGEST_RETENTION = 1, 120


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
    manufacturer = Manufacturer.objects.select_for_update(no_key=True).get(id=by.manufacturer_id)
    before = fields_of(manufacturer, "retention_months")
    manufacturer.retention_months = months
    manufacturer.save(update_fields=["retention_months"])
    after = fields_of(manufacturer, "retention_months")
    record_change(
        by=by,
        kind="manufacturer",
        key=manufacturer.id,
        name=manufacturer.name,
        before=before,
        after=after,
    )
    return manufacturer
