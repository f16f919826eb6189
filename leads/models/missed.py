"""Leads that a partner was not asked about, counted by month and by what kept it from them."""

from django.db import models

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class MissedMonth(TenantModel):
    """What became of the leads of one month for one partner, as ``leads.missed_months`` counts it.

    :ivar month: its first day, in the manufacturer's time zone.
    :ivar counted_at: when this was counted last.
    :ivar behind: leads that it could have been asked about, and others ranked higher.
    :ivar missed: leads that a gate kept from it.
    :ivar gates: gate code -> of these leads, how many it failed at this gate, perhaps among others.
    :ivar changes: for leads that one gate alone kept from it, what would have opened that gate:
        rows of code, what held then, what it would have taken, and how many leads.
    """

    partner = tenant_foreign_key("partners.Partner", on_delete=models.CASCADE)
    month = models.DateField()
    counted_at = models.DateTimeField()
    behind = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    gates = models.JSONField(default=dict)
    changes = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "partner", "month"], name="one_count_per_partner_and_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.missed} missed in {self.month:%Y-%m}"
