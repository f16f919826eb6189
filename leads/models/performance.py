"""What partners made of their leads, worked out in the background for the score."""

from django.db import models

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class PartnerPerformance(TenantModel):
    """A partner's rates for one product line, counted and shrunk; see ``leads.performance``.

    :ivar picks: ended, or old enough to have been; ``won`` of them were won.
    :ivar offers: answered or run out; ``accepted`` of them, a declined one counting half.
    :ivar feedback_expected: picks that feedback was due on; ``feedback_given`` had any.
    :ivar conversion: the three rates, each shrunk towards the network's mean.
    :ivar score: in [0, 1], 0.5 as the network; what the score term shows.
    """

    partner = tenant_foreign_key("partners.Partner", on_delete=models.CASCADE)
    product_line = tenant_foreign_key("partners.ProductLine")
    picks = models.PositiveIntegerField()
    won = models.PositiveIntegerField()
    offers = models.PositiveIntegerField()
    accepted = models.FloatField()
    feedback_expected = models.PositiveIntegerField()
    feedback_given = models.PositiveIntegerField()
    conversion = models.FloatField()
    acceptance = models.FloatField()
    feedback = models.FloatField()
    score = models.FloatField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "partner", "product_line"],
                name="one_performance_per_partner_and_line",
            )
        ]

    def __str__(self) -> str:
        return f"{self.score} of {self.partner_id}"
