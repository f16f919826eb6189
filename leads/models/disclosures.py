"""Who has seen which customer's contact, and when."""

from django.db import models

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class LeadDisclosure(TenantModel):
    """Somebody saw the contact of a lead on a day: once per person or program, lead and day.

    Outlives the contact: to whom a customer's data went is told even when it is gone.

    :ivar actor: ``user:<id>`` or ``key:<id>``, as in the log.
    :ivar partner: for whom they saw it; ``None`` is the manufacturer.
    :ivar day: in UTC; ``seen_at`` is the first time on it.
    """

    lead = tenant_foreign_key("leads.Lead", related_name="disclosures")
    partner = tenant_foreign_key("partners.Partner", null=True)
    actor = models.CharField(max_length=60)
    day = models.DateField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "lead", "actor", "day"], name="one_disclosure_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor} on {self.day}"
