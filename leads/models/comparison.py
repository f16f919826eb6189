"""A partner's figures beside those of its network, worked out in the background."""

from django.db import models

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class PartnerComparison(TenantModel):
    """How a partner stands in its network, as ``kpis.comparing`` works it out.

    :ivar figures: code of a figure -> ``median`` of the partners and ``partners``, how many that
        were; ``rank`` among them, 1 the best. What is not to be told is not kept: ``None``.
    """

    partner = tenant_foreign_key("partners.Partner", on_delete=models.CASCADE)
    computed_at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "partner"], name="one_comparison_per_partner"
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} at {self.computed_at:%Y-%m-%d}"
